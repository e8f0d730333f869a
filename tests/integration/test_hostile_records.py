"""Records that nobody should send, between good notes of one encounter, through a real worker."""

import io
import json
import random
import signal
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import fastavro
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
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import HEADER, RecordReader, RecordWriter
from tests.claims import claim_event
from tests.notes import note_event
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(240)
START_S = 90  # on a busy machine
MIB = 1024 * 1024
UNDECODABLE, BROKEN = "UndecodableEventError", "BrokenContractError"
HOLE = "?" * 8  # in a note's text: where bytes are put that are no UTF-8
CONTRACT = schema_text("note_signed.avsc")
NEW_FIELD = {"name": "ward", "type": ["null", "string"], "default": None}
NODE = {"name": "Node", "type": "record", "fields": [{"name": "next", "type": ["null", "Node"]}]}
SELF = {"name": "deep", "type": ["null", NODE], "default": None}
NOTHINGS = {"name": "none", "type": {"type": "array", "items": "null"}, "default": []}
NO_AVRO = '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}'
Pairs = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True, slots=True)
class Ids:
    """Schema ids in the registry."""

    note: int
    claim: int
    no_avro: int
    new_field: int
    itself: int
    nothings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A record and what becomes of it: the class that refuses it, "" for a claim."""

    value: Callable[[Ids], bytes | None]
    ends: str
    key: bytes | None = b"encounter-1"
    headers: Pairs = field(default_factory=list)


def event(name: str, text: str = "Chest pain for 2 days.", **changed: object) -> NoteSigned:
    """A note of the encounter."""
    return replace(note_event(text, note_id=name), **changed)  # type: ignore[arg-type] # a field each


def written(note: NoteSigned, *, more: bytes = b"") -> Callable[[Ids], bytes]:
    """The note under its contract."""
    return lambda ids: RecordWriter(NoteSigned, CONTRACT, ids.note).encode(note) + more


def under(name: str, schema: Callable[[Ids], int], more: bytes) -> Callable[[Ids], bytes]:
    """A note under another schema of that name, with the bytes of a field that only that one has."""
    return lambda ids: RecordWriter(NoteSigned, CONTRACT, schema(ids)).encode(event(name)) + more


def with_bytes(raw: bytes) -> Callable[[Ids], bytes]:
    """A note whose text holds these bytes, which are no UTF-8."""
    assert len(raw) == len(HOLE)
    return lambda ids: written(event("bytes", HOLE))(ids).replace(HOLE.encode(), raw)


def of_day(days: int) -> Callable[[Ids], bytes]:
    """A note of a day that no calendar has, so many after 1970."""

    def value(ids: Ids) -> bytes:
        schema = json.loads(CONTRACT)
        plain = json.loads(json.dumps(schema).replace('"logicalType": "date"', '"doc": "days"'))
        fields = {f["name"]: getattr(event("no day"), f["name"]) for f in schema["fields"]}
        body = io.BytesIO()
        fastavro.schemaless_writer(body, plain, fields | {"date_of_service": days})
        return HEADER.pack(0, ids.note) + body.getvalue()

    return value


def claim_bytes(ids: Ids) -> bytes:
    """A claim where a note is due."""
    return RecordWriter(ClaimCoded, schema_text("claim_coded.avsc"), ids.claim).encode(
        claim_event("x")
    )


GOOD = written(event("cut"))
RANDOM = random.Random(7).randbytes(10 * MIB)  # noqa: S311 - bytes that do not compress
CASES: dict[str, Hostile] = {
    "no Avro": Hostile(value=lambda _: b"Chest pain for 2 days.", ends=UNDECODABLE),
    "nothing at all": Hostile(value=lambda _: b"", ends=UNDECODABLE),
    "wrong magic byte": Hostile(value=lambda ids: b"\x01" + GOOD(ids)[1:], ends=UNDECODABLE),
    "unknown schema id": Hostile(
        value=lambda ids: HEADER.pack(0, 2**31 - 1) + GOOD(ids)[5:], ends=UNDECODABLE
    ),
    "schema id 0": Hostile(value=lambda ids: HEADER.pack(0, 0) + GOOD(ids)[5:], ends=UNDECODABLE),
    "schema id beyond any": Hostile(
        value=lambda ids: HEADER.pack(0, 2**32 - 1) + GOOD(ids)[5:], ends=UNDECODABLE
    ),
    "schema of another subject": Hostile(value=claim_bytes, ends=UNDECODABLE),
    "schema that is no Avro": Hostile(
        value=lambda ids: HEADER.pack(0, ids.no_avro) + b"{}", ends=UNDECODABLE
    ),
    "nested as deep as long": Hostile(
        value=under("deep", lambda ids: ids.itself, b"\x02" * 1_000_000 + b"\x00"), ends=UNDECODABLE
    ),
    "a list of 2^40 nothings": Hostile(
        value=under("list", lambda ids: ids.nothings, b"\x80\x80\x80\x80\x80\x40\x00"),
        ends=UNDECODABLE,
    ),
    "truncated": Hostile(value=lambda ids: GOOD(ids)[:-3], ends=UNDECODABLE),
    "bytes left over": Hostile(value=written(event("over"), more=b"x"), ends=UNDECODABLE),
    "10 MB that pack well": Hostile(
        value=written(event("long", "Cough. " * 1_500_000)), ends=BROKEN
    ),
    "10 MB that do not pack": Hostile(value=lambda _: RANDOM, ends=BROKEN),
    "10 MB of key": Hostile(value=lambda _: b"x", key=RANDOM, ends=UNDECODABLE),
    "10 MB of header": Hostile(value=lambda _: b"x", headers=[("h", RANDOM)], ends=UNDECODABLE),
    "null value": Hostile(value=lambda _: None, ends=UNDECODABLE),
    "null value, null key": Hostile(value=lambda _: None, key=None, ends=UNDECODABLE),
    "null key": Hostile(value=written(event("null key")), key=None, ends=""),
    "key of no characters": Hostile(
        value=written(event("key of no characters")), key=b"\xff\xfe", ends=""
    ),
    "a thousand headers": Hostile(
        value=written(event("a thousand headers")), headers=[("traceparent", None)] * 1000, ends=""
    ),
    "deep nesting": Hostile(value=written(event("deep nesting", "([{" * 100_000)), ends=""),
    "no text": Hostile(value=written(event("no text", "")), ends=""),
    "NULs": Hostile(value=written(event("NULs", "\0" * 5000)), ends=""),
    "lone surrogates": Hostile(value=with_bytes(b"\xed\xa0\x80ab\xed\xb0\x80"), ends=UNDECODABLE),
    "no UTF-8": Hostile(value=with_bytes(b"\xff\xfe\xc0\x80\xf8\x88\x80\x80"), ends=UNDECODABLE),
    "right to left": Hostile(
        value=written(event("right to left", "\u202eألم في الصدر כאב\u202c")), ends=""
    ),
    "combining marks": Hostile(
        value=written(event("combining marks", "e\u0301" + "\u0335" * 2000)), ends=""
    ),
    "beyond the first plane": Hostile(
        value=written(event("beyond the first plane", "🫀\U0010ffff👩\u200d⚕️")), ends=""
    ),
    "year 1800": Hostile(
        value=written(event("year 1800", date_of_service=date(1800, 1, 1))), ends=""
    ),
    "year 2200": Hostile(
        value=written(event("year 2200", date_of_service=date(2200, 1, 1))), ends=""
    ),
    "no such day": Hostile(value=of_day(2**31 - 1), ends=UNDECODABLE),
    "age -1": Hostile(value=written(event("age", age_years=-1)), ends=BROKEN),
    "age 200": Hostile(value=written(event("age", age_years=200)), ends=BROKEN),
    "version 0": Hostile(value=written(event("version", note_version=0)), ends=BROKEN),
    "no id": Hostile(value=written(event("no id", note_id="")), ends=BROKEN),
    "new optional field": Hostile(
        value=under("new optional field", lambda ids: ids.new_field, b"\x02\x06ICU"), ends=""
    ),
    "poison": Hostile(value=written(event("poison", "poison")), ends="UnscorableNoteError"),
}
NAMES = list(CASES)
# More than the dead-letter topic takes: what we say of them is there, they stay where they were.
LEFT = ("10 MB that do not pack", "10 MB of key", "10 MB of header")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the worker made of it all."""

    sent: Mapping[str, bytes | None]
    claims: Sequence[ClaimCoded]
    letters: Mapping[str, KafkaRecord]  # by case
    log: str


@pytest.fixture(scope="module")
def ended(embedded: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Every case between two good notes, in one partition, and a worker that went through all."""
    folder = tmp_path_factory.mktemp("hostile")
    kafka = KafkaSettings(
        bootstrap_servers=embedded["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"hostile-{uuid.uuid4().hex[:8]}.",
    )
    names = topics(kafka.topic_prefix)
    kafka_topics.create_topics(kafka, [topic.name for topic in names])
    _let_in(kafka, names.notes.name, 16 * MIB)
    ids = _registered(RegistrySettings(url=embedded["CMC_REGISTRY_URL"]), kafka.topic_prefix)
    sent = {name: case.value(ids) for name, case in CASES.items()}
    offsets = _publish(kafka, names.notes.name, sent, ids)
    variables = embedded | {
        "CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "CMC_WORKER_GROUP": f"{kafka.topic_prefix}worker",
        "CMC_STATE_DIR": str(folder / "state"),
    }
    log = _work(kafka, names.notes.name, variables, folder / "worker.log")
    registry = Registry(RegistrySettings(url=embedded["CMC_REGISTRY_URL"]))
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


@pytest.mark.parametrize("name", NAMES)
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
