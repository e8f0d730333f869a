"""The contracts: every example is read, by every version; the .avsc says what the record says."""

import json
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from clinical_coding.errors import BrokenContractError, RejectedEventError
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from schemas.compatibility import incompatibilities, problems_with
from schemas.dead_letter import DeadLetter, dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
RECORDS: dict[str, type] = {
    "note_signed": NoteSigned,
    "claim_coded": ClaimCoded,
    "claim_reviewed": ClaimReviewed,
    "dead_letter": DeadLetter,
}
NOTE = schema_text("note_signed.avsc")
WRITER = RecordWriter(NoteSigned, NOTE, 1)
READER = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({1: NOTE}))


def _versions() -> list[tuple[str, str]]:
    return [(p.parent.name, p.stem) for p in sorted(EXAMPLES.glob("*/*.avsc"))]


@pytest.mark.parametrize(("name", "version"), _versions())
def test_an_example_written_by_any_version_is_read_by_this_one(name: str, version: str) -> None:
    """The oldest bytes stay readable."""
    old = (EXAMPLES / name / f"{version}.avsc").read_text()
    record: object = TypeAdapter(RECORDS[name]).validate_json(
        (EXAMPLES / name / f"{version}.json").read_text()
    )
    writer: RecordWriter[object] = RecordWriter(RECORDS[name], old, 7)
    value = writer.encode(record)

    reader: RecordReader[object] = RecordReader(
        RECORDS[name], schema_text(f"{name}.avsc"), FakeWriterSchemas({7: old})
    )

    assert reader.decode(value) == record


@pytest.mark.parametrize(("name", "version"), _versions())
def test_every_version_and_this_one_read_one_another(name: str, version: str) -> None:
    """FULL_TRANSITIVE, without a registry at hand."""
    old = (EXAMPLES / name / f"{version}.avsc").read_text()

    assert problems_with(schema_text(f"{name}.avsc"), [old]) == ()


@pytest.mark.parametrize("name", RECORDS)
def test_the_newest_example_is_the_contract_and_every_topic_has_one(name: str) -> None:
    """A change of a contract adds an example, so that no version goes untested."""
    newest = max(EXAMPLES.glob(f"{name}/*.avsc"), key=lambda path: int(path.stem))

    assert json.loads(newest.read_text()) == json.loads(schema_text(f"{name}.avsc"))
    assert {t.schema_file for t in topics() if t.schema_file} <= {f"{n}.avsc" for n in RECORDS}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_and_its_contract_have_the_same_fields_and_types(name: str) -> None:
    """The .avsc is derived from the dataclass and compared, names and types."""
    contract = json.loads(schema_text(f"{name}.avsc"))

    assert _shape(contract) == _derived(RECORDS[name])
    assert all(field["doc"] for field in contract["fields"])


def _shape(schema: Any) -> Any:  # noqa: ANN401, PLR0911 - Avro's JSON, a return for each kind
    """An Avro schema without names, docs and defaults."""
    if isinstance(schema, list):
        return {"union": sorted(str(_shape(branch)) for branch in schema)}
    match schema:
        case str():
            return {"int": "whole", "long": "whole"}.get(schema, schema)
        case {"logicalType": logical}:
            return logical
        case {"type": "record"}:
            return {field["name"]: _shape(field["type"]) for field in schema["fields"]}
        case {"type": "enum"}:
            return sorted(schema["symbols"])
        case {"type": "array"}:
            return {"array": _shape(schema["items"])}
    return _shape(schema["type"])


def _derived(kind: Any) -> Any:  # noqa: ANN401 - a type, and what stands for it
    plain = {str: "string", int: "whole", float: "double", bool: "boolean", type(None): "null",
             date: "date", datetime: "timestamp-micros"}  # fmt: skip
    if isinstance(kind, typing.NewType):
        return _derived(kind.__supertype__)
    if get_origin(kind) is Annotated:
        return _derived(get_args(kind)[0])
    if get_origin(kind) in (types.UnionType, Union):
        return {"union": sorted(str(_derived(branch)) for branch in get_args(kind))}
    if get_origin(kind) is tuple:
        return {"array": _derived(get_args(kind)[0])}
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {field.name: _derived(hints[field.name]) for field in fields(kind)}
    return sorted(kind) if issubclass(kind, StrEnum) else plain[kind]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_went(text: str) -> None:
    event = note_event(text, note_id="n")

    assert READER.decode(WRITER.encode(event)) == event


def test_a_lone_surrogate_is_refused_and_not_quoted() -> None:
    with pytest.raises(BrokenContractError) as refused:
        WRITER.encode(note_event("secret \ud800"))
    assert "secret" not in str(refused.value)


@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_do_anything_but_decode_or_be_rejected(value: bytes, framed: bool) -> None:  # noqa: FBT001 - drawn
    """A fuzzer finds no third way."""
    try:
        READER.decode(b"\x00\x00\x00\x00\x01" + value if framed else value)
    except RejectedEventError:
        return


def test_another_records_schema_is_refused() -> None:
    claim = schema_text("claim_coded.avsc")
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({1: claim}))

    with pytest.raises(RejectedEventError, match="another record"):
        reader.decode(WRITER.encode(note_event()))


def test_a_dead_letters_headers_say_what_it_says() -> None:
    example = (EXAMPLES / "dead_letter" / "1.json").read_text()
    letter = TypeAdapter(DeadLetter).validate_json(example)

    assert dead_letter_of(letter.headers()) == letter


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "ward", "type": "string"}, "ward"),
        ({"name": "text", "type": "int"}, "text"),
    ],
)
def test_an_incompatible_change_names_its_field(change: dict[str, str], field: str) -> None:
    """A new field without a default, and one that changes its type."""
    old = json.loads(NOTE)
    kept = [f for f in old["fields"] if f["name"] != change["name"]]

    problems = incompatibilities(old | {"fields": [*kept, change]}, old)

    assert any(field in problem for problem in problems)


def test_a_new_optional_field_is_compatible() -> None:
    old = json.loads(NOTE)
    added = {"name": "ward", "type": ["null", "string"], "default": None}

    assert incompatibilities(old | {"fields": [*old["fields"], added]}, old) == ()
