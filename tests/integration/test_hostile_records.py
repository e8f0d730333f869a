"""Records that nobody should send, between good notes of one encounter, through a real worker."""

import json
import signal
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined] # re-exported silently
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from runtime import kafka_topics
from runtime.kafka import KafkaRecord, TopicReader
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import DeadLetter, dead_letter_of
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader
from tests.hostile_records import (
    CASES,
    CONTRACT,
    LEFT,
    MIB,
    NEW_FIELD,
    NO_AVRO,
    NOTHINGS,
    SELF,
    Ids,
    event,
    written,
)
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(240)
START_S = 90  # on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the worker made of it all."""

    sent: Mapping[str, bytes | None]
    claims: Sequence[ClaimCoded]
    letters: Mapping[str, KafkaRecord]  # by case
    log: str


@pytest.fixture(scope="module")
def ended(services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Every case between two good notes, in one partition, and a worker that went through all."""
    folder = tmp_path_factory.mktemp("hostile")
    kafka = KafkaSettings(
        bootstrap_servers=services["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"hostile-{uuid.uuid4().hex[:8]}.",
    )
    names = topics(kafka.topic_prefix)
    kafka_topics.create_topics(kafka, [topic.name for topic in names])
    _let_in(kafka, names.notes.name, 16 * MIB)
    ids = _registered(RegistrySettings(url=services["CMC_REGISTRY_URL"]), kafka.topic_prefix)
    sent = {name: case.value(ids) for name, case in CASES.items()}
    offsets = _publish(kafka, names.notes.name, sent, ids)
    variables = services | {
        "CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "CMC_WORKER_GROUP": f"{kafka.topic_prefix}worker",
        "CMC_STATE_DIR": str(folder / "state"),
    }
    log = _work(kafka, names.notes.name, variables, folder / "worker.log")
    registry = Registry(RegistrySettings(url=services["CMC_REGISTRY_URL"]))
    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    letters = {
        _letter(record).source_offset: record for record in _read(kafka, names.dead_letters.name)
    }
    return Ended(
        sent=sent,
        claims=[decoder.decode(record.value) for record in _read(kafka, names.claims.name)],
        letters={name: letters[at] for name, at in offsets.items() if at in letters},
        log=log,
    )


def _let_in(kafka: KafkaSettings, topic: str, size_bytes: int) -> None:
    """Let the topic take records of that size, as another deployment's may."""
    entry = ConfigEntry(
        "max.message.bytes", str(size_bytes), incremental_operation=AlterConfigOpType.SET
    )
    change = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    admin.incremental_alter_configs([change])[change].result()


def _registered(settings: RegistrySettings, prefix: str) -> Ids:
    """The contracts, and schemas of others under other subjects."""
    registry = Registry(settings)
    ids = {s: registry.register(s, text) for s, text in topics(prefix).subjects().items()}
    names = topics(prefix)
    with closing(SchemaRegistryClient({"url": settings.url})) as client:
        other = Schema(NO_AVRO, "JSON")
        no_avro = client.register_schema(f"{prefix}other-value", other)
    return Ids(
        note=ids[names.notes.subject],
        claim=ids[names.claims.subject],
        no_avro=no_avro,
        new_field=registry.register(names.notes.subject, _more(NEW_FIELD)),
        itself=registry.register(f"{prefix}itself-value", _more(SELF)),
        nothings=registry.register(f"{prefix}nothings-value", _more(NOTHINGS)),
    )


def _more(field_: Mapping[str, object]) -> str:
    schema = json.loads(CONTRACT)
    return json.dumps(schema | {"fields": [*schema["fields"], field_]})


def _publish(
    kafka: KafkaSettings, topic: str, sent: Mapping[str, bytes | None], ids: Ids
) -> dict[str, int]:
    """Good notes and cases in turn, all in partition 0; the offset of each case."""
    producer = Producer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "message.max.bytes": 64 * MIB,
            "queue.buffering.max.messages": 10_000,
            "compression.type": "lz4",
        }
    )
    for number, (name, value) in enumerate(sent.items()):
        producer.produce(
            topic, key=b"encounter-1", value=written(event(f"good-{number}"))(ids), partition=0
        )
        case = CASES[name]
        producer.produce(topic, key=case.key, value=value, headers=case.headers, partition=0)
    producer.produce(
        topic, key=b"encounter-1", value=written(event(f"good-{len(sent)}"))(ids), partition=0
    )
    assert producer.flush(30) == 0
    return {name: 2 * number + 1 for number, name in enumerate(sent)}


def _work(kafka: KafkaSettings, topic: str, variables: dict[str, str], log: Path) -> str:
    def is_done() -> bool:
        return not sum(kafka_topics.lag(kafka, variables["CMC_WORKER_GROUP"], topic).values())

    with process("tests.fakes.worker", "0", variables=variables, log=log) as worker:
        wait_for(lambda: worker.poll() is not None or is_done(), START_S, "no lag", log)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 0, log.read_text()[-4000:]
    return log.read_text()


def _read(kafka: KafkaSettings, topic: str) -> list[KafkaRecord]:
    with closing(TopicReader(kafka, topic, "beginning")) as reader:
        return list(reader.until_now())


def _letter(record: KafkaRecord) -> DeadLetter:
    return dead_letter_of(record.headers)


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_record_ends_as_a_claim_or_as_itself_among_the_dead_letters(
    name: str, ended: Ended
) -> None:
    case = CASES[name]
    claimed = [claim.note_id for claim in ended.claims].count(name)  # type: ignore[arg-type] # a name

    if case.ends:
        letter = _letter(ended.letters[name])
        assert (claimed, letter.error_class) == (0, case.ends)
        if name not in LEFT:
            assert ended.letters[name].value == ended.sent[name]
            assert ended.letters[name].key == (case.key if case.key or ended.sent[name] else b"")
        assert letter.left_bytes == (len(ended.sent[name] or b"") if name in LEFT else None)
    else:
        assert (claimed, name in ended.letters) == (1, False)


def test_good_notes_between_them_keep_their_order_and_each_has_its_claim(ended: Ended) -> None:
    good = [claim.note_id for claim in ended.claims if claim.note_id.startswith("good-")]

    assert good == [f"good-{number}" for number in range(len(CASES) + 1)]


def test_a_claim_counts_characters_whatever_they_are(ended: Ended) -> None:
    """Code points: combining marks and characters beyond the first plane are one each."""
    ends = {str(c.note_id): c.diagnoses[0].evidence[0].end for c in ended.claims}

    assert [ends[n] for n in ("combining marks", "beyond the first plane", "NULs")] == [
        2002,
        6,
        5000,
    ]


def test_no_word_of_a_note_is_in_the_log(ended: Ended) -> None:
    assert "Chest pain" not in ended.log
    assert "poison" not in ended.log
