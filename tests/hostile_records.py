"""Records that nobody should send, and what becomes of each."""

import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import fastavro

from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text
from schemas.wire import HEADER, RecordWriter
from tests.claims import claim_event
from tests.notes import note_event

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
# More than the dead-letter topic takes: what we say of them is there, they stay where they were.
LEFT = ("10 MB that do not pack", "10 MB of key", "10 MB of header")
