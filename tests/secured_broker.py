"""A real broker that lets in nobody without TLS: by password (SCRAM) or by certificate."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

from runtime import clock, processes
from runtime.embedded import jvm
from runtime.embedded.certificates import new_authority
from runtime.embedded.ports import LOOPBACK, choose, is_open
from runtime.java import find_java
from tests.waiting import wait_for

USER, PASSWORD, KEY_PASSWORD = "coder", "let me in", "key of the key"
CLUSTER = "Y29kZW15Y2hhcnQtdGVzdA"
SERVER_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller}
listeners=SASL_SSL://{host}:{password},SSL://{host}:{certificate},CONTROLLER://{host}:{controller}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required \
username="{user}" password="{secret}";
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.ssl.ssl.client.auth=required
log.dirs={folder}/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuredBroker:
    """Where it listens, and the files of a client: CA, certificate, key (locked with KEY_PASSWORD)."""

    by_password: str
    by_certificate: str
    ca: Path
    wrong_ca: Path
    certificate: Path
    key: Path


@contextmanager
def secured_broker(jars: tuple[Path, ...], folder: Path) -> Iterator[SecuredBroker]:
    """Run one until the block ends."""
    names = ("password", "certificate", "controller")
    port = choose(names, folder / "ports.json", ())
    _write_certificates(folder)
    settings = folder / "server.properties"
    settings.write_text(
        SERVER_PROPERTIES.format(host=LOOPBACK, user=USER, secret=PASSWORD, folder=folder, **port)
    )
    java = jvm.command(find_java(), 256, folder, ("-cp", ":".join(map(str, jars))))
    tool = ("kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER)
    user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
    run([*java, *tool, "-c", str(settings), "--add-scram", user], check=True, capture_output=True)
    processes.start("secured", [*java, "kafka.Kafka", str(settings)], folder)
    try:
        log = processes.log_file("secured", folder)
        wait_for(lambda: is_open(port["password"]), 60, "the secured broker listens", log)
        yield SecuredBroker(
            by_password=f"{LOOPBACK}:{port['password']}",
            by_certificate=f"{LOOPBACK}:{port['certificate']}",
            ca=folder / "ca.pem",
            wrong_ca=folder / "wrong-ca.pem",
            certificate=folder / "client.pem",
            key=folder / "client-key.pem",
        )
    finally:
        processes.stop("secured", folder)


def _write_certificates(folder: Path) -> None:
    """A CA, a certificate of the broker and one of a client, and a CA that signed neither."""
    authority, stranger = (new_authority(name, clock.now()) for name in ("test CA", "another CA"))
    (folder / "ca.pem").write_bytes(authority.certificate)
    (folder / "wrong-ca.pem").write_bytes(stranger.certificate)
    broker, client = authority.issue("broker"), authority.issue("client", KEY_PASSWORD)
    (folder / "broker.pem").write_bytes(broker.key + broker.certificate + authority.certificate)
    (folder / "client.pem").write_bytes(client.certificate)
    (folder / "client-key.pem").write_bytes(client.key)
