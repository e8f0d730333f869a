"""A real Apache Kafka on one node: broker and controller (KRaft) in one process."""

import base64
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import BrokerError, EmbeddedServiceError
from runtime.embedded import jvm
from runtime.embedded.broker_keys import BrokerKeys
from runtime.embedded.planned import Planned
from runtime.embedded.ports import LOOPBACK, is_open
from runtime.java import Java
from runtime.kafka_topics import ask
from runtime.settings import KafkaSettings

NAME = "kafka"
HEAP_MB = 512
ANSWER_S = 2.0
FORMAT_TIMEOUT_S = 60.0
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller}
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
OPEN = """\
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
"""
# Passwords for our processes, certificates for what belongs to the broker; docs/adr/0017.
SECURED = """\
listeners=CLIENT://{host}:{port},INTERNAL://{host}:{internal},CONTROLLER://{host}:{controller}
advertised.listeners=\
CLIENT://{host}:{port},INTERNAL://{host}:{internal},CONTROLLER://{host}:{controller}
listener.security.protocol.map=CLIENT:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL
inter.broker.listener.name=INTERNAL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.internal.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={keys.broker}
ssl.truststore.type=PEM
ssl.truststore.location={keys.ca}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:CN={keys.broker.stem};User:CN={keys.admin.stem}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the broker listens: to our processes, to itself and, secured, to what belongs to it."""

    client: int
    controller: int
    internal: int = 0


def planned(
    java: Java, jars: tuple[Path, ...], home: Path, ports: Ports, keys: BrokerKeys | None = None
) -> Planned:
    """Write the broker's settings under ``home``, format its log the first time.

    With ``keys`` it lets in nobody whom it does not know. Says how it is to run. Raises
    EmbeddedServiceError when the log folder cannot be formatted.
    """
    home.mkdir(parents=True, exist_ok=True)
    logging = home / "log4j2.properties"
    settings = home / ("secured.properties" if keys else "server.properties")
    settings.write_text(
        (PROPERTIES + (SECURED if keys else OPEN)).format(
            host=LOOPBACK,
            port=ports.client,
            internal=ports.internal,
            controller=ports.controller,
            log_dir=home / "log",
            keys=keys,
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
        address=address(ports.client),
        command=jvm.command(java, HEAP_MB, home, arguments),
        is_healthy=lambda: is_healthy(ports, keys),
    )


def address(port: int) -> str:
    """What a client is given to find the broker."""
    return f"{LOOPBACK}:{port}"


def internal_address(ports: Ports, keys: BrokerKeys | None) -> str:
    """Where what belongs to the broker finds it: it comes with a certificate where there are keys."""
    return address(ports.internal if keys else ports.client)


def is_healthy(ports: Ports, keys: BrokerKeys | None) -> bool:
    """Whether the broker answers a client."""
    if not is_open(ports.client):
        return False
    try:
        ask(administration(ports, keys).model_copy(update={"request_timeout_s": ANSWER_S}))
    except BrokerError:
        return False
    return True


def administration(ports: Ports, keys: BrokerKeys | None) -> KafkaSettings:
    """How one who may do everything connects, whatever CMC_KAFKA_ says of another broker."""
    ca, admin = (keys.ca, keys.admin) if keys else (None, None)
    return KafkaSettings(
        bootstrap_servers=internal_address(ports, keys),
        security_protocol="SSL" if keys else "PLAINTEXT",
        ssl_ca_location=ca,
        ssl_certificate_location=admin,
        ssl_key_location=admin,
        ssl_key_password=None,
    )


def _format(command: tuple[str, ...], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted")
    answer = subprocess.run(  # noqa: S603 - our own words
        [*command, *tool, f"--cluster-id={cluster}", "-c", str(settings)],  # it may begin with "-"
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
