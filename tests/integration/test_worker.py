"""The worker process on a real broker: what it does with odd records, and how it ends."""

import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined] # re-exported silently
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from runtime import kafka_topics
from runtime.exit_status import FAILED, MISCONFIGURED
from runtime.jars import fetch
from runtime.kafka import KafkaRecord, KafkaSender, TopicReader
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import FolderSettings, KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.notes import note_event
from tests.secured_broker import (
    KEY_PASSWORD,
    PASSWORD,
    USER,
    SecuredBroker,
    secured_broker,
)
from tests.waiting import process, wait_for

WORKER = "tests.fakes.worker"
START_S = 60  # on a busy machine
NO_BROKER = {"CMC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9", "CMC_KAFKA_REQUEST_TIMEOUT_S": "1"}
Pairs = list[tuple[str, str | bytes | None]]


def publish(settings: KafkaSettings, topic: str, values: Sequence[bytes | None]) -> None:
    """Records without headers, all of one encounter."""
    producer = Producer({"bootstrap.servers": settings.bootstrap_servers})
    for value in values:
        producer.produce(topic, key=b"encounter-1", value=value)
    assert producer.flush(10) == 0


def read_all(settings: KafkaSettings, topic: str) -> list[KafkaRecord]:
    """What the topic holds now."""
    with closing(TopicReader(settings, topic, "beginning")) as reader:
        return list(reader.until_now())


@pytest.fixture
def writer(names: Topics, registered: Mapping[str, int]) -> RecordWriter[NoteSigned]:
    """Frames notes under the registered schema."""
    return RecordWriter(
        NoteSigned, schema_text("note_signed.avsc"), registered[names.notes.subject]
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the worker writes."""
    return tmp_path / "worker.log"


def test_every_odd_record_ends_as_a_claim_or_as_itself_among_the_dead_letters(
    kafka_settings: KafkaSettings,
    names: Topics,
    registry: Registry,
    writer: RecordWriter[NoteSigned],
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """Nothing that is published stops the worker; Ctrl-C does, with status 0 and no traceback."""
    topic, group = names.notes.name, process_variables["CMC_WORKER_GROUP"]
    texts = {"empty": "", "emoji": "Chest pain 🙂\r\n", "long": "Cough. " * 30_000, "nul": "\0" * 9}
    notes = {name: writer.encode(note_event(text, note_id=name)) for name, text in texts.items()}
    odd: Pairs = [("traceparent", None), ("ce_id", b"\xff"), ("ce_id", b"2")]
    refused = [None, b"", b"\x00\x00\x00\x00\x07", b"\x00\x7f\xff\xff\xff", notes["empty"][:-1]]
    producer = Producer({"bootstrap.servers": kafka_settings.bootstrap_servers})
    for value in refused:
        producer.produce(topic, key=None, value=value, headers=odd)
    for value in notes.values():
        producer.produce(topic, key=b"\xff\xfe", value=value, headers=odd)
    assert producer.flush(10) == 0

    with process(WORKER, "0", variables=process_variables, log=log) as worker:
        wait_for(
            lambda: (
                worker.poll() is not None
                or not sum(kafka_topics.lag(kafka_settings, group, topic).values())
            ),
            START_S,
            "no lag",
            log,
        )
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 0, log.read_text()

    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    claims = [decoder.decode(r.value) for r in read_all(kafka_settings, names.claims.name)]
    assert {claim.note_id: claim.diagnoses[0].evidence[0].end for claim in claims} == {
        name: len(text) for name, text in texts.items()
    }
    letters = read_all(kafka_settings, names.dead_letters.name)
    assert sorted(r.value or b"" for r in letters) == sorted(value or b"" for value in refused)
    assert [r.value for r in letters].count(None) == 1
    assert {r.key for r in letters} == {None, b""}  # "" where there was neither key nor value
    assert {dead_letter_of(r.headers).error_class for r in letters} == {"UndecodableEventError"}
    assert {r.headers["ce_id"] for r in letters} == {b"2"}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines[-1]["event"] == "worker stopped"


def test_a_claim_that_the_broker_does_not_take_leaves_its_notes_unacknowledged(
    kafka_settings: KafkaSettings,
    names: Topics,
    writer: RecordWriter[NoteSigned],
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """The worker ends with status 1 and its group is where it was."""
    take_nothing = ConfigEntry(
        "max.message.bytes", "10", incremental_operation=AlterConfigOpType.SET
    )
    change = ConfigResource(
        ConfigResource.Type.TOPIC, names.claims.name, incremental_configs=[take_nothing]
    )
    admin = AdminClient({"bootstrap.servers": kafka_settings.bootstrap_servers})
    admin.incremental_alter_configs([change])[change].result()
    publish(kafka_settings, names.notes.name, [writer.encode(note_event()) for _ in range(9)])

    with process(WORKER, "0", variables=process_variables, log=log) as worker:
        assert worker.wait(START_S) == FAILED, log.read_text()

    group = process_variables["CMC_WORKER_GROUP"]
    assert sum(kafka_topics.committed(kafka_settings, group, names.notes.name).values()) == 0
    assert "MessageSizeTooLargeError" in log.read_text()


def test_too_many_refusals_in_a_row_stop_the_worker_before_it_acknowledges_them(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],  # noqa: ARG001 - the schemas are there
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """A registry that lost its schemas must not move a whole topic to the dead letters."""
    publish(kafka_settings, names.notes.name, [b"garbage"] * 20)
    variables = process_variables | {"CMC_WORKER_DEAD_LETTER_RUN": "5"}

    with process(WORKER, "0", variables=variables, log=log) as worker:
        assert worker.wait(START_S) == MISCONFIGURED, log.read_text()

    group = process_variables["CMC_WORKER_GROUP"]
    assert sum(kafka_topics.committed(kafka_settings, group, names.notes.name).values()) == 0
    assert read_all(kafka_settings, names.dead_letters.name) == []
    assert "CMC_WORKER_DEAD_LETTER_RUN" in log.read_text().splitlines()[-1]


def test_a_bug_ends_the_worker_and_its_words_are_not_in_the_log(
    kafka_settings: KafkaSettings,
    names: Topics,
    writer: RecordWriter[NoteSigned],
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """Its class and line are told; the note it stumbled over is read again."""
    publish(kafka_settings, names.notes.name, [writer.encode(note_event("a secret"))])

    with process(WORKER, "0", "bug", variables=process_variables, log=log) as worker:
        assert worker.wait(START_S) == FAILED, log.read_text()

    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["event"], last["error_class"]) == ("worker failed", "AttributeError")
    assert last["where"].startswith("claim.py:")
    assert "secret" not in log.read_text()
    group = process_variables["CMC_WORKER_GROUP"]
    assert sum(kafka_topics.committed(kafka_settings, group, names.notes.name).values()) == 0


def test_a_worker_that_was_told_of_no_partitions_has_them_soon_after_the_broker_knows_them(
    kafka_settings: KafkaSettings,
    names: Topics,
    writer: RecordWriter[NoteSigned],
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """As a broker tells that has just started: its group is whole, and nobody has anything to do."""
    client = AdminClient({"bootstrap.servers": kafka_settings.bootstrap_servers})
    group = process_variables["CMC_WORKER_GROUP"]

    def partitions() -> int:
        members = client.describe_consumer_groups([group])[group].result().members
        return sum(len(member.assignment.topic_partitions) for member in members)

    with process(WORKER, "0", variables=process_variables, log=log):
        wait_for(lambda: partitions() == kafka_settings.partitions, START_S, "partitions", log)
        client.delete_topics([names.notes.name])[names.notes.name].result()
        wait_for(lambda: partitions() == 0, START_S, "an empty share", log)
        kafka_topics.create_topics(kafka_settings, [names.notes.name])
        publish(kafka_settings, names.notes.name, [writer.encode(note_event())])
        wait_for(lambda: len(read_all(kafka_settings, names.claims.name)) == 1, 30, "a claim", log)


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        (NO_BROKER, FAILED, "Connection refused"),
        ({"CMC_KAFKA_TOPIC_PREFIX": "nobody-made-this."}, MISCONFIGURED, "nobody-made-this.coding"),
        ({}, MISCONFIGURED, "schemas register"),
    ],
    ids=["no broker", "no topics", "no schemas"],
)
def test_a_worker_that_cannot_start_says_why_in_its_last_line(
    changed: dict[str, str],
    status: int,
    told: str,
    kafka_settings: KafkaSettings,  # the topics exist, the schemas do not
    registry: Registry,
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """No broker, no topics, no registered schemas: each with its status and its remedy."""
    registry.register(f"{kafka_settings.topic_prefix}of-others", '"string"')
    with process(WORKER, "0", variables=process_variables | changed, log=log) as worker:
        assert worker.wait(START_S) == status, log.read_text()

    last = log.read_text().splitlines()[-1]
    assert last.startswith("error: expected")
    assert told in last


@pytest.fixture(scope="module")
def secured(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecuredBroker]:
    """A broker that wants TLS and a password, or a certificate."""
    jars = fetch("kafka", own_folders.cache_dir, silent)
    with secured_broker(jars, tmp_path_factory.mktemp("secured")) as running:
        yield running


def by_password(broker: SecuredBroker) -> dict[str, str]:
    """The settings of who has a password."""
    return {
        "CMC_KAFKA_BOOTSTRAP_SERVERS": broker.by_password,
        "CMC_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "CMC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "CMC_KAFKA_SASL_USERNAME": USER,
        "CMC_KAFKA_SASL_PASSWORD": PASSWORD,
        "CMC_KAFKA_SSL_CA_LOCATION": str(broker.ca),
    }


def by_certificate(broker: SecuredBroker) -> dict[str, str]:
    """The settings of who has a certificate."""
    return {
        "CMC_KAFKA_BOOTSTRAP_SERVERS": broker.by_certificate,
        "CMC_KAFKA_SECURITY_PROTOCOL": "SSL",
        "CMC_KAFKA_SSL_CA_LOCATION": str(broker.ca),
        "CMC_KAFKA_SSL_CERTIFICATE_LOCATION": str(broker.certificate),
        "CMC_KAFKA_SSL_KEY_LOCATION": str(broker.key),
        "CMC_KAFKA_SSL_KEY_PASSWORD": KEY_PASSWORD,
    }


@pytest.mark.parametrize("way_in", [by_password, by_certificate])
def test_a_worker_codes_on_a_secured_broker_by_settings_alone(
    way_in: Callable[[SecuredBroker], dict[str, str]],
    secured: SecuredBroker,
    names: Topics,
    writer: RecordWriter[NoteSigned],
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """Faust's client is another than ours: TLS and SASL must reach it too."""
    given = way_in(secured)
    fields = {name.removeprefix("CMC_KAFKA_").lower(): value for name, value in given.items()}
    settings = KafkaSettings.model_validate(fields)
    kafka_topics.create_topics(settings, [topic.name for topic in names])
    sender = KafkaSender(settings, "test")
    sender.send(names.notes.name, "encounter-1", writer.encode(note_event()), {})
    sender.flush(20)

    with process(WORKER, "0", variables=process_variables | given, log=log) as worker:
        wait_for(lambda: len(read_all(settings, names.claims.name)) == 1, START_S, "a claim", log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, log.read_text()
