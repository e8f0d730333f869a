"""How every Kafka client of ours connects, and what it says when it cannot.

librdkafka answers a wrong password, CA or address only by a time-out; why, it tells to a callback.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from clinical_coding.errors import BrokerError
from runtime.settings import KafkaSettings

UNUSED_GROUP = "codemychart-reader"  # the client wants one and asks for it; never joined
LOOK_S = 0.5  # between two looks at what the client complains of
HOPELESS = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001 - librdkafka's own codes begin so
VAGUE = (KafkaError._ALL_BROKERS_DOWN,)  # noqa: SLF001 - follows the complaint that says why

Client = TypeVar("Client", Consumer, AdminClient)
Config = dict[str, str | int | float | bool | Callable[[KafkaError], None]]


class Complaints:
    """The client's last complaint that says why it cannot connect."""

    def __init__(self) -> None:
        self.reason = ""
        self.hopeless = False

    def hear(self, error: KafkaError) -> None:
        """The client's error callback."""
        if error.code() not in VAGUE or not self.reason:
            self.reason = f"{error.name()}: {error.str()}"
            self.hopeless = error.code() in HOPELESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Generic[Client]):
    """A client of librdkafka's with the ear that hears its complaints."""

    settings: KafkaSettings
    client: Client
    complaints: Complaints

    def partitions(self, topic: str) -> list[int]:
        """The numbers of the topic's partitions, none when there is no such topic."""
        found = self.metadata(topic).topics[topic]
        if found.error is not None and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise BrokerError(f"cannot ask for topic {topic}: {found.error.name()}")
        return sorted(found.partitions)

    def metadata(self, topic: str | None = None) -> ClusterMetadata:
        """What the broker says of its topics, or of one.

        Raises BrokerError with the reason: at once when no wait can help, else after
        ``request_timeout_s``.
        """
        deadline = time.monotonic() + self.settings.request_timeout_s
        while True:
            try:
                found: ClusterMetadata = self.client.list_topics(topic, timeout=LOOK_S)
            except KafkaException as error:
                self.client.poll(0)  # lets the callback speak
                if self.complaints.hopeless or time.monotonic() > deadline:
                    reason = self.complaints.reason or name(error)
                    raise unreachable(self.settings, reason) from None
            else:
                return found


def client_config(settings: KafkaSettings) -> Config:
    """Librdkafka's connection settings; TLS and SASL as given."""
    given = {
        "bootstrap.servers": settings.bootstrap_servers,
        "security.protocol": settings.security_protocol,
        "ssl.ca.location": settings.ssl_ca_location,
        "ssl.certificate.location": settings.ssl_certificate_location,
        "ssl.key.location": settings.ssl_key_location,
        "ssl.key.password": settings.ssl_key_password
        and settings.ssl_key_password.get_secret_value(),
    }
    if settings.security_protocol.startswith("SASL"):
        given |= {
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": settings.sasl_username,
            "sasl.password": settings.sasl_password and settings.sasl_password.get_secret_value(),
        }
    return {key: str(value) for key, value in given.items() if value is not None}


def heard_config(settings: KafkaSettings, complaints: Complaints) -> Config:
    """The same, with the client's complaints going there instead of to stderr."""
    return client_config(settings) | {"error_cb": complaints.hear, "log_level": 0}


def admin(settings: KafkaSettings) -> Connection[AdminClient]:
    """A client that asks and administers; keep it until its answers have come.

    Raises BrokerError when the settings cannot be used, for instance for want of a file.
    """
    complaints = Complaints()
    with translated("connect to", settings.bootstrap_servers):
        client = AdminClient(heard_config(settings, complaints))  # type: ignore[arg-type] # typed without callbacks
    return Connection(settings=settings, client=client, complaints=complaints)


def consumer(settings: KafkaSettings, options: Config) -> Connection[Consumer]:
    """A client that reads outside any group. Raises BrokerError as ``admin`` does."""
    complaints = Complaints()
    config = {"group.id": UNUSED_GROUP}
    with translated("connect to", settings.bootstrap_servers):
        client = Consumer(heard_config(settings, complaints) | config | options)
    return Connection(settings=settings, client=client, complaints=complaints)


def unreachable(settings: KafkaSettings, reason: str) -> BrokerError:
    """The one line for a broker that cannot be reached or does not let us in."""
    return BrokerError(
        f"expected a broker at {settings.bootstrap_servers}; got {reason}; check that it is up, "
        "CMC_KAFKA_BOOTSTRAP_SERVERS and the other CMC_KAFKA_ settings"
    )


@contextmanager
def translated(verb: str, what: str) -> Iterator[None]:
    """Turn the library's error into ours."""
    try:
        yield
    except KafkaException as error:
        raise BrokerError(
            f"cannot {verb} {what}: {name(error)}; check CMC_KAFKA_BOOTSTRAP_SERVERS and that the "
            "broker is up"
        ) from None


def name(error: KafkaException) -> str:
    """The error's code and the library's words for it."""
    fault = error.args[0]
    return f"{fault.name()} ({fault.str()})" if isinstance(fault, KafkaError) else str(fault)
