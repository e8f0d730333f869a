"""The Faust app with every setting that the loss-free pattern needs, and its way to the broker.

Why each is as it is: docs/adr/0005-loss-free-worker.md.
"""

import ssl
from pathlib import Path

import faust
from faust.types.auth import CredentialsT
from mode import CrashingSupervisor

from clinical_coding.errors import SettingsError
from runtime.kafka_topics import MAX_RECORD_BYTES
from runtime.settings import KafkaSettings, WorkerSettings

BUFFERED_BATCHES = 4  # what is read ahead: the lag grows beyond it, memory does not
# A compressed batch from elsewhere may unpack to more than a record of ours; it is refused by its
# reader, so it must still fit into the producer on its way to the dead letters.
MAX_UNPACKED_BYTES = 16 * MAX_RECORD_BYTES
# A broker that has just started may say that it has no topics. A leader that shares out partitions then
# gives none to anybody, and looks again after this time only; at Faust's five minutes all stand still.
METADATA_AGE_MS = 10_000


def make_app(kafka: KafkaSettings, worker: WorkerSettings, state_dir: Path) -> faust.App:
    """The app; nothing is opened before it runs, and no file is written outside ``state_dir``."""
    servers = kafka.bootstrap_servers.split(",")
    return faust.App(
        worker.group,
        broker=";".join(f"kafka://{server.strip()}" for server in servers),
        broker_credentials=_credentials(kafka),
        datadir=str(state_dir / "faust"),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_replication_factor=kafka.replication_factor,
        table_standby_replicas=0,
        stream_wait_empty=True,  # without it SIGTERM commits the batch in flight
        stream_buffer_maxsize=BUFFERED_BATCHES * worker.batch_notes,
        stream_recovery_delay=0,
        agent_supervisor=CrashingSupervisor,
        broker_commit_interval=1.0,
        broker_session_timeout=10,
        broker_heartbeat_interval=3,
        consumer_metadata_max_age_ms=METADATA_AGE_MS,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=MAX_RECORD_BYTES,
        producer_acks=-1,
        producer_request_timeout=30,
        producer_max_request_size=MAX_UNPACKED_BYTES,
        producer_compression_type="gzip",
    )


def _credentials(kafka: KafkaSettings) -> CredentialsT | None:
    context = _tls(kafka) if kafka.security_protocol.endswith("SSL") else None
    if kafka.security_protocol.startswith("SASL"):
        secret = kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
        return faust.SASLCredentials(
            username=kafka.sasl_username,
            password=secret,
            mechanism=kafka.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def _tls(kafka: KafkaSettings) -> ssl.SSLContext:
    password = kafka.ssl_key_password
    try:
        context = ssl.create_default_context(cafile=kafka.ssl_ca_location)
        if kafka.ssl_certificate_location:
            context.load_cert_chain(
                kafka.ssl_certificate_location,
                kafka.ssl_key_location,
                password.get_secret_value() if password else None,
            )
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"expected PEM files in the CMC_KAFKA_SSL_ settings; got {type(error).__name__}; "
            "check their paths and the key's password"
        ) from None
    return context
