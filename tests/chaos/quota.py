"""A slow broker: Kafka's own quota on every client, set by its own tool.

librdkafka's admin client cannot set quotas, so Kafka's ConfigCommand does; it is run like a process
of the pipeline, so that it is tried again while the broker is away.
"""

from dataclasses import dataclass

from runtime.embedded import jvm
from tests.chaos.stack import Stack

NAME = "quota"
BYTES_PER_S = 4096  # of each client: a few notes a second
LIMITS = {"producer_byte_rate": BYTES_PER_S, "consumer_byte_rate": BYTES_PER_S}


@dataclass(frozen=True, slots=True)
class Quota:
    """The quota of the run's broker."""

    stack: Stack

    def throttle(self) -> None:
        """Hold every client to ``BYTES_PER_S``, each way."""
        pairs = ",".join(f"{name}={value}" for name, value in LIMITS.items())
        self._alter("--add-config", pairs)

    def lift(self) -> None:
        """Let them go as fast as they can again."""
        self._alter("--delete-config", ",".join(LIMITS))

    def _alter(self, *change: str) -> None:
        places, kafka = self.stack.places, self.stack.kafka
        tool = (
            "-cp",
            ":".join(map(str, self.stack.kafka_jars)),
            "kafka.admin.ConfigCommand",
            "--bootstrap-server",
            kafka.bootstrap_servers,
            *("--entity-type", "clients", "--entity-default", "--alter", *change),
        )
        command = jvm.command(self.stack.java, 128, places.folder, tool)
        self.stack.supervisor.start(NAME, command, {}, to_its_end=True)
