"""A schema registry that speaks Confluent's API: Apicurio, its schemas kept in the broker."""

import http.client
import json
from collections.abc import Mapping
from pathlib import Path

from clinical_coding.errors import EmbeddedServiceError
from runtime.embedded import jvm
from runtime.embedded.broker_keys import BrokerKeys
from runtime.embedded.planned import Planned
from runtime.embedded.ports import LOOPBACK
from runtime.java import Java

NAME = "schema-registry"
API = "/apis/ccompat/v7"
READY = "/health/ready"  # the API itself answers before the journal is read, as if it were empty
HEAP_MB = 384
# At its start it waits so long for a snapshot, and without one reads its whole journal, which is
# short. Left at 5 s, this wait was most of the start.
POLL_TIMEOUT_MS = 500
LOOK_TIMEOUT_S, CHANGE_TIMEOUT_S = 1.0, 10.0
COMPATIBILITY = "FULL_TRANSITIVE"  # every version reads every other


def journal(broker: str, keys: BrokerKeys | None = None) -> dict[str, object]:
    """Its settings to keep the schemas in the broker at ``broker`` (host:port)."""
    place: dict[str, object] = {"apicurio.kafkasql.bootstrap.servers": broker}
    if keys is None:
        return place
    client = {
        "security.protocol": "SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": keys.registry,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": keys.ca,
    }
    return place | {f"apicurio.kafka.common.{name}": value for name, value in client.items()}


def planned(
    java: Java, jars: tuple[Path, ...], home: Path, port: int, journal: Mapping[str, object]
) -> Planned:
    """How the registry is to run; ``journal`` says where it keeps its schemas."""
    home.mkdir(parents=True, exist_ok=True)
    runner = next(jar for jar in jars if jar.name.endswith("-runner.jar"))
    settings = {
        "quarkus.http.host": LOOPBACK,
        "quarkus.http.port": port,
        "apicurio.storage.kind": "kafkasql",
        "apicurio.kafkasql.consumer.poll.timeout": POLL_TIMEOUT_MS,
        "apicurio.storage.snapshot.location": home,
    }
    options = [f"-D{name}={value}" for name, value in (settings | dict(journal)).items()]
    return Planned(
        name=NAME,
        address=f"http://{LOOPBACK}:{port}{API}",
        command=jvm.command(java, HEAP_MB, home, (*options, "-jar", str(runner))),
        is_healthy=lambda: is_healthy(port),
    )


def is_healthy(port: int) -> bool:
    """Whether it is ready to take schemas."""
    try:
        looks = (_asked(port, "GET", path, LOOK_TIMEOUT_S) for path in (READY, f"{API}/subjects"))
        return all(status == http.client.OK for status in looks)
    except (OSError, http.client.HTTPException):
        return False


def set_compatibility(port: int) -> None:
    """Make FULL_TRANSITIVE the rule for every subject; the registry itself starts with none."""
    try:
        change = {"compatibility": COMPATIBILITY}
        status = _asked(port, "PUT", f"{API}/config", CHANGE_TIMEOUT_S, change)
    except (OSError, http.client.HTTPException) as error:
        status = type(error).__name__
    if status != http.client.OK:
        raise EmbeddedServiceError(
            f"expected the schema registry to take {COMPATIBILITY} as its rule; got {status}; "
            "run `codemychart down` and `codemychart up`"
        )


def _asked(
    port: int, method: str, path: str, timeout_s: float, body: dict[str, str] | None = None
) -> int | str:
    """The status of the answer. Raises OSError or HTTPException when there is none."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        content = json.dumps(body) if body else None
        connection.request(method, path, content, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
