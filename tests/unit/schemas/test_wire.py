"""The decoder under bytes and schemas that nobody should send: a record or a refusal, nothing else."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.errors import RejectedEventError, UndecodableEventError
from schemas.claim_coded import ClaimCoded
from schemas.dangers import danger_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import HEADER, RecordReader, RecordWriter, parse
from tests.claims import claim_event
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

NOTE, CLAIM = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
WARD = {"name": "ward", "type": ["null", {"type": "array", "items": "bytes"}], "default": None}
NEWER = json.dumps(json.loads(NOTE) | {"fields": [*json.loads(NOTE)["fields"], WARD]})
SCHEMAS = FakeWriterSchemas({1: NOTE, 2: CLAIM, 3: NEWER})
NOTES, CLAIMS = RecordReader(NoteSigned, NOTE, SCHEMAS), RecordReader(ClaimCoded, CLAIM, SCHEMAS)
_NOTE = RecordWriter(NoteSigned, NOTE, 1).encode(note_event("Chest pain 🙂", note_id="n"))
RECORDS = (
    _NOTE,
    HEADER.pack(0, 3) + _NOTE[HEADER.size :] + b"\x02\x04\x02a\x02b\x00",
    RecordWriter(ClaimCoded, CLAIM, 2).encode(claim_event("n")),
)
# What bytes near an edge look like to Avro: lengths and counts beyond everything, and below zero.
EDGES = (b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff" * 9 + b"\x01", b"\xfe" * 4 + b"\x0f")
# Cut here, drop so many bytes, put these in their place.
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(0, 9), st.sampled_from(EDGES) | st.binary(max_size=12)
    ),
    max_size=5,
)


def decode(value: bytes) -> object:
    """A note, a claim or None; anything else that is raised is a fault."""
    for reader in (NOTES, CLAIMS):
        try:
            return reader.decode(value)
        except RejectedEventError:
            continue
    return None


@pytest.mark.parametrize("value", RECORDS)
def test_an_unharmed_record_is_read(value: bytes) -> None:
    """So that what is harmed below begins as a record."""
    assert decode(value) is not None


@settings(max_examples=400)
@given(st.sampled_from(RECORDS), CHANGES)
def test_a_harmed_record_is_read_or_refused(
    value: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    """Bytes near a real record find more ways through a decoder than random ones."""
    for place, dropped, put in changes:
        at = place % (len(value) + 1)
        value = value[:at] + put + value[at + dropped :]

    decode(value)


@settings(max_examples=400)
@given(st.sampled_from([b"", *(HEADER.pack(0, n) for n in (1, 2, 3, 4))]), st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(header: bytes, value: bytes) -> None:
    """A fuzzer finds no third way."""
    decode(header + value)


@settings(max_examples=100)
@given(st.sampled_from(RECORDS), CHANGES)
def test_bytes_that_claim_to_be_long_take_no_more_memory_than_they_are(
    value: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    """A length or a count is a claim that nobody reserves memory for."""
    for place, dropped, put in changes:
        at = place % (len(value) + 1)
        value = value[:at] + put + value[at + dropped :]
    tracemalloc.start()

    decode(value)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


WORDS = st.sampled_from(
    ["null", "string", "int", "record", "array", "map", "enum", "fixed", "error", "request",
     "NoteSigned", "codemychart.clinical.NoteSigned", "Node", "date", "decimal", ""]
)  # fmt: skip
PLAIN = WORDS | st.integers(-2, 2**40) | st.booleans() | st.none() | st.text(max_size=3)
KEYS = st.sampled_from(
    ["type", "name", "namespace", "fields", "items", "values", "size", "symbols", "default",
     "logicalType", "aliases", "order", "precision", "scale", "doc"]
)  # fmt: skip
ANY_JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)
)


@settings(max_examples=200)
@given(ANY_JSON.map(json.dumps) | st.text(max_size=20), st.binary(max_size=40))
def test_under_any_schema_of_a_registry_bytes_are_read_or_refused(text: str, body: bytes) -> None:
    """Its ids are those of every team and every kind of schema."""
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({9: text}))

    with pytest.raises(RejectedEventError):
        reader.decode(HEADER.pack(0, 9) + body)


@settings(max_examples=200)
@given(
    st.lists(st.fixed_dictionaries({"name": st.sampled_from("abc"), "type": ANY_JSON}), max_size=3),
    st.binary(max_size=40),
)
def test_fields_of_any_type_beside_a_notes_own_are_read_past_or_refused(
    fields: list[dict[str, Any]], tail: bytes
) -> None:
    schema = json.loads(NOTE)
    text = json.dumps(schema | {"fields": [*schema["fields"], *fields]})
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({9: text}))

    try:
        found = reader.decode(HEADER.pack(0, 9) + _NOTE[HEADER.size :] + tail)
    except RejectedEventError:
        return
    assert found.note_id == "n"


def record(*types: object, name: str = "R") -> dict[str, Any]:
    fields = [{"name": f"f{n}", "type": kind} for n, kind in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


def laughs(depth: int) -> dict[str, Any]:
    """Records of twice the one below: a few bytes of schema, 2 ** depth nothings."""
    inner: object = "null"
    for level in range(depth):
        inner = record(inner, "null" if inner == "null" else f"L{level - 1}", name=f"L{level}")
    return record(inner, "int")


@pytest.mark.parametrize(
    ("schema", "danger"),
    [
        (record(["null", "R"], "int"), "refers to itself"),
        (record({"type": "array", "items": "R"}, "int"), "refers to itself"),
        (record(["null", record(["null", "R"], name="S")]), "refers to itself"),
        (record({"type": "array", "items": "null"}, "int"), "takes no bytes"),
        (record({"type": "map", "values": {"type": "null"}}), ""),
        (record({"type": "array", "items": record("null", name="S")}), "takes no bytes"),
        (record("int", {"type": "fixed", "name": "F", "size": 0}), "takes no bytes"),
        (laughs(40), "takes no bytes"),
        (record(), "takes no bytes"),
        (record(record("int", name="S"), "S", "null", ["null", "S"]), ""),
        (record({"type": "array", "items": ["null", "int"]}), ""),
    ],
)  # fmt: skip
def test_a_schema_under_which_few_bytes_do_much_is_named_for_what_it_is(
    schema: dict[str, Any], danger: str
) -> None:
    found = danger_of(parse(json.dumps(schema)))

    assert (danger in found) if danger else not found


@pytest.mark.parametrize("text", topics().subjects().values())
def test_no_contract_of_ours_is_dangerous(text: str) -> None:
    assert danger_of(parse(text)) == ""


def test_bytes_that_would_overflow_a_native_stack_are_refused() -> None:
    """Fastavro reads nested records by native recursion; a fault there ends the process."""
    node = record(["null", "Node"], name="Node")
    schema = json.loads(NOTE)
    deep = {"name": "deep", "type": ["null", node], "default": None}
    text = json.dumps(schema | {"fields": [*schema["fields"], deep]})
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({9: text}))

    with pytest.raises(UndecodableEventError, match="refers to itself"):
        reader.decode(HEADER.pack(0, 9) + _NOTE[HEADER.size :] + b"\x02" * 3_000_000 + b"\x00")


def test_an_id_that_no_registry_gives_is_refused_without_asking_one() -> None:
    class Registry:
        def schema_text(self, schema_id: int) -> str | None:
            raise AssertionError(schema_id)

    with pytest.raises(UndecodableEventError, match="no registry gives"):
        RecordReader(NoteSigned, NOTE, Registry()).decode(HEADER.pack(0, 2**31) + b"x")
