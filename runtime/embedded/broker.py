"""A real Apache Kafka on one node: broker and controller (KRaft) in one process."""

import base64
import subprocess
import uuid
from pathlib import Path

from clinical_coding.errors import BrokerError, EmbeddedServiceError
from runtime.embedded import jvm
from runtime.embedded.planned import Planned
from runtime.embedded.ports import LOOPBACK, is_open
from runtime.java import Java
from runtime.kafka_topics import ask
from runtime.settings import KafkaSettings

NAME = "kafka"
HEAP_MB = 512
FORMAT_TIMEOUT_S = 60.0
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={log_dir}
auto.create.topics.enable=false
log.retention.ms=-1
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
num.network.threads=2
num.io.threads=4
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def planned(
    java: Java, jars: tuple[Path, ...], home: Path, port: int, controller_port: int
) -> Planned:
    """Write the broker's settings under ``home``, format its log the first time.

    Says how it is to run. Raises EmbeddedServiceError when the log folder cannot be formatted.
    """
    home.mkdir(parents=True, exist_ok=True)
    settings, logging = home / "server.properties", home / "log4j2.properties"
    settings.write_text(
        PROPERTIES.format(
            host=LOOPBACK, port=port, controller_port=controller_port, log_dir=home / "log"
        )
    )
    logging.write_text(LOGGING)
    class_path = ("-cp", ":".join(map(str, jars)))
    if not (home / "log" / "meta.properties").exists():
        _format(jvm.command(java, HEAP_MB, home, class_path), settings)
    arguments = (
        f"-Dlog4j2.configurationFile={logging.as_uri()}",
        *class_path,
        "kafka.Kafka",
        str(settings),
    )
    return Planned(
        name=NAME,
        address=address(port),
        command=jvm.command(java, HEAP_MB, home, arguments),
        is_healthy=lambda: is_healthy(port),
    )


def address(port: int) -> str:
    """What a client is given to find the broker."""
    return f"{LOOPBACK}:{port}"


def is_healthy(port: int) -> bool:
    """Whether the broker answers a client."""
    if not is_open(port):
        return False
    plain = KafkaSettings(  # whatever CMC_KAFKA_ says of another broker
        bootstrap_servers=address(port), security_protocol="PLAINTEXT", request_timeout_s=1
    )
    try:
        ask(plain)
    except BrokerError:
        return False
    return True


def _format(command: tuple[str, ...], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted")
    answer = subprocess.run(  # noqa: S603 - our own words
        [*command, *tool, "-t", cluster, "-c", str(settings)],
        capture_output=True,
        timeout=FORMAT_TIMEOUT_S,
        check=False,
    )
    if answer.returncode:
        words = (answer.stderr or answer.stdout).decode(errors="replace").strip().splitlines()
        raise EmbeddedServiceError(
            f"cannot format Kafka's log in {settings.parent}: {words[-1] if words else 'no reason'}; "
            "check that the folder can be written, or set CMC_STATE_DIR"
        )
