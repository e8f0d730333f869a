"""The processes of a run: a broker, a registry, workers, landing and producer, all real."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import ConsumerGroupState, KafkaException
from pydantic import TypeAdapter

from consumers.lake_objects import checkpoint_of
from runtime.embedded import broker, ports, schema_registry
from runtime.embedded.planned import Planned
from runtime.jars import fetch_all
from runtime.java import Java, find_java
from runtime.kafka_connection import admin
from runtime.kafka_topics import create_topics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import KafkaSettings, LandingSettings, RegistrySettings
from schemas.topics import topics
from tests.chaos.plan import Plan, Target
from tests.chaos.supervisor import Supervisor
from tests.waiting import wait_for

BROKER, REGISTRY, LANDING, PRODUCER = (
    str(target) for target in (Target.BROKER, Target.REGISTRY, Target.LANDING, Target.PRODUCER)
)
EXTRA_WORKER = "worker-extra"
GROUP = "chaos-worker"
UP_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How big a run is; ``rate`` is the producer's notes a second, ``engine`` fake or real."""

    workers: int
    rate: float
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders of a run: ``disk`` may be a small one that fills up, ``folder`` holds the logs."""

    folder: Path
    disk: Path
    cache: Path

    @property
    def plan(self) -> Path:
        """The plan, for the producer and for who reads the logs."""
        return self.folder / "plan.json"

    @property
    def journal(self) -> Path:
        """Where the producer says what was acknowledged."""
        return self.folder / "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The running processes and how they are reached; ``schemas`` are the registered texts by id."""

    supervisor: Supervisor
    sizes: Sizes
    places: Places
    java: Java
    kafka_jars: tuple[Path, ...]
    kafka: KafkaSettings
    registry: RegistrySettings
    landing: LandingSettings
    schemas: dict[int, str]

    def worker(self, which: int) -> str:
        """The name of one of the workers that are always there."""
        return f"worker-{which % self.sizes.workers + 1}"

    def start_worker(self, name: str) -> None:
        """Start a worker and keep it running."""
        self._start(name, "tests.chaos.worker", self.sizes.engine)

    def start_pipeline(self, plan: Plan) -> None:
        """Start workers and landing and, once they are at work, the producer of the plan's notes.

        A fault that met them at their start would test little.
        """
        for which in range(self.sizes.workers):
            self.start_worker(self.worker(which))
        self._start(LANDING, "consumers.landing")
        supervisor = self.supervisor
        wait_for(self._group_is_whole, UP_WITHIN_S, "all workers", supervisor.log(self.worker(0)))
        wait_for(self._query_is_there, UP_WITHIN_S, "a landing", supervisor.log(LANDING))
        self.places.plan.write_bytes(TypeAdapter(Plan).dump_json(plan))
        arguments = map(str, (self.places.plan, self.sizes.rate, self.places.journal))
        self._start(PRODUCER, "tests.chaos.producer", *arguments, to_its_end=True)

    def _group_is_whole(self) -> bool:
        """Whether every worker has its partitions."""
        self.supervisor.tend()
        client = admin(self.kafka).client  # named, so that it lives until it has answered
        try:
            group = client.describe_consumer_groups([GROUP])[GROUP].result()
        except KafkaException:
            return False
        is_stable = group.state == ConsumerGroupState.STABLE
        return is_stable and len(group.members) == self.sizes.workers

    def _query_is_there(self) -> bool:
        """Whether Spark's query has landed its first batch, be it an empty one."""
        self.supervisor.tend()
        return any((Path(checkpoint_of(self.landing)) / "commits").glob("[0-9]*"))

    def _start(self, name: str, module: str, *arguments: str, to_its_end: bool = False) -> None:
        command = (sys.executable, "-m", module, *arguments)
        self.supervisor.start(name, command, self._variables(name), to_its_end=to_its_end)

    def _variables(self, name: str) -> dict[str, str]:
        return {
            "CMC_KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "CMC_REGISTRY_URL": self.registry.url,
            "CMC_WORKER_GROUP": GROUP,
            "CMC_WORKER_BATCH_NOTES": "16",
            "CMC_LANDING_LAKE": self.landing.lake,
            "CMC_STATE_DIR": str(self.places.disk / name),
            "CMC_CACHE_DIR": str(self.places.cache),
        }


def start_stack(
    sizes: Sizes, places: Places, supervisor: Supervisor, tell: Callable[[str], None]
) -> Stack:
    """Start broker and registry, make topics and register schemas; back when both are healthy."""
    java = find_java()
    jars = fetch_all(("kafka", "registry", "spark"), places.cache, silent)
    port = ports.choose((BROKER, "controller", REGISTRY), places.folder / "ports.json", ())
    kafka = broker.planned(
        java,
        jars["kafka"],
        places.disk / BROKER,
        broker.Ports(client=port[BROKER], controller=port["controller"]),
    )
    registry = schema_registry.planned(
        java,
        jars["registry"],
        places.disk / REGISTRY,
        port[REGISTRY],
        schema_registry.journal(kafka.address),
    )
    tell("starting broker and registry")
    _start_service(BROKER, kafka, supervisor)
    _start_service(REGISTRY, registry, supervisor)
    schema_registry.set_compatibility(port[REGISTRY])
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    reached = RegistrySettings(url=registry.address)
    return Stack(
        supervisor=supervisor,
        sizes=sizes,
        places=places,
        java=java,
        kafka_jars=jars["kafka"],
        kafka=settings,
        registry=reached,
        landing=LandingSettings(lake=str(places.disk / "lake")),
        schemas=_deployed(settings, reached),
    )


def _start_service(name: str, planned: Planned, supervisor: Supervisor) -> None:
    supervisor.start(name, planned.command, {})
    wait_for(planned.is_healthy, UP_WITHIN_S, f"a healthy {name}", supervisor.log(name))


def _deployed(kafka: KafkaSettings, registry: RegistrySettings) -> dict[int, str]:
    """Create topics, register schemas; the schemas by id."""
    names, client = topics(), Registry(registry)
    create_topics(kafka, (topic.name for topic in names))
    return {client.register(subject, text): text for subject, text in names.subjects().items()}
