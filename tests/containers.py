"""Broker, registry and object store in containers, for the tests that otherwise start processes."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import docker
from docker.errors import DockerException
from pydantic import SecretStr
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from consumers.lake_objects import make_bucket
from runtime.embedded import broker, object_store, schema_registry
from runtime.embedded.ports import LOOPBACK, free_port
from runtime.settings import LandingSettings
from tests.waiting import wait_for

KAFKA = "apache/kafka:4.1.1"  # the images of docker-compose.yml
REGISTRY = "apicurio/apicurio-registry:3.0.9"
STORE = "versity/versitygw:v1.8.0"
UP_S = 120.0

testcontainers_config.ryuk_disabled = (
    True  # it would need the engine's socket; we end what we start
)


def engine_answers() -> bool:
    """Whether there is a Docker engine that may be used."""
    try:
        client = docker.from_env()
    except DockerException:
        return False
    client.close()
    return True


@contextmanager
def running_containers() -> Iterator[dict[str, str]]:
    """The CMC_ variables of the three, healthy; gone at the end with all that they kept."""
    keys = object_store.Keys(access_key="codemychart", secret_key=secrets.token_hex(20))
    kafka, registry, store = free_port(0), free_port(0), free_port(0)
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        inside = _kafka(kafka).with_network(network).with_network_aliases("kafka")
        stack.enter_context(_bound(inside, 9092, kafka))
        stack.enter_context(_bound(_store(keys), 7070, store))
        there = broker.Ports(client=kafka, controller=0)
        wait_for(lambda: broker.is_healthy(there, None), UP_S, KAFKA)
        stack.enter_context(_bound(_registry().with_network(network), 8080, registry))
        wait_for(lambda: object_store.is_healthy(store), UP_S, STORE)
        wait_for(lambda: schema_registry.is_healthy(registry), UP_S, REGISTRY)
        schema_registry.set_compatibility(registry)
        lake = LandingSettings(
            lake=f"s3a://{object_store.BUCKET}/lake",
            s3_endpoint=f"http://{LOOPBACK}:{store}",
            s3_access_key=keys.access_key,
            s3_secret_key=SecretStr(keys.secret_key),
        )
        make_bucket(lake)
        yield {
            "CMC_KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{kafka}",
            "CMC_REGISTRY_URL": f"http://{LOOPBACK}:{registry}{schema_registry.API}",
            "CMC_LANDING_LAKE": lake.lake,
            "CMC_LANDING_S3_ENDPOINT": f"http://{LOOPBACK}:{store}",
            "CMC_LANDING_S3_ACCESS_KEY": keys.access_key,
            "CMC_LANDING_S3_SECRET_KEY": keys.secret_key,
        }


def _bound(container: DockerContainer, inside: int, outside: int) -> DockerContainer:
    """With a port of it on this machine's loopback alone."""
    container.ports[str(inside)] = (LOOPBACK, outside)  # type: ignore[assignment] # docker takes an address too
    return container


def _kafka(port: int) -> DockerContainer:
    """A broker that is one node of its own; it must say where it is found from outside."""
    listeners = {
        "OUTSIDE": ":9092",
        "INSIDE": ":19092",
        "CONTROLLER": ":9093",
    }
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": ",".join(f"{name}://{place}" for name, place in listeners.items()),
        "ADVERTISED_LISTENERS": f"OUTSIDE://{LOOPBACK}:{port},INSIDE://kafka:19092",
        "LISTENER_SECURITY_PROTOCOL_MAP": ",".join(f"{name}:PLAINTEXT" for name in listeners),
        "INTER_BROKER_LISTENER_NAME": "INSIDE",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "LOG_RETENTION_MS": "-1",
        "MESSAGE_MAX_BYTES": "8388608",
        "REPLICA_FETCH_MAX_BYTES": "8388608",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "HEAP_OPTS": "-Xms128m -Xmx512m",
        "JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }
    return DockerContainer(KAFKA).with_envs(
        **{f"KAFKA_{name}": value for name, value in settings.items()}
    )


def _registry() -> DockerContainer:
    return DockerContainer(REGISTRY).with_envs(
        APICURIO_STORAGE_KIND="kafkasql",
        APICURIO_KAFKASQL_BOOTSTRAP_SERVERS="kafka:19092",
        APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT=str(schema_registry.POLL_TIMEOUT_MS),
        APICURIO_STORAGE_SNAPSHOT_LOCATION="/tmp",  # noqa: S108 - inside the container
        JAVA_TOOL_OPTIONS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    )


def _store(keys: object_store.Keys) -> DockerContainer:
    container = DockerContainer(STORE).with_command("--port :7070 posix /tmp")
    return container.with_envs(ROOT_ACCESS_KEY=keys.access_key, ROOT_SECRET_KEY=keys.secret_key)
