"""The contracts: every example is read, by every version; the .avsc says what the record says."""

import json
import types
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from clinical_coding.errors import BrokenContractError, RejectedEventError
from clinical_coding.note import Sex
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
    plain = {str: "string", int: "whole", float: "double", bool: "boolean", bytes: "bytes", type(None): "null",
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


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_comes_back_as_it_went_or_is_refused_on_its_way_out(text: str) -> None:
    """Only lone surrogates, which are no characters, are refused."""
    event = note_event(text, note_id="n")
    no_character = any("\ud800" <= character <= "\udfff" for character in text)

    try:
        value = WRITER.encode(event)
    except BrokenContractError:
        assert no_character
    else:
        assert not no_character
        assert READER.decode(value) == event


def test_a_text_that_is_refused_is_not_quoted() -> None:
    with pytest.raises(BrokenContractError) as refused:
        WRITER.encode(note_event("secret \ud800"))

    assert "secret" not in str(refused.value)


@given(
    st.dates(), st.none() | st.integers(0, 150), st.integers(1, 2**31 - 1), st.sampled_from(Sex),
    st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip
def test_every_value_within_the_contract_comes_back_as_it_went(
    day: date, age: int | None, version: int, sex: Sex, signed_at: datetime
) -> None:
    event = replace(
        note_event(note_id="n", version=version),
        date_of_service=day, age_years=age, sex=sex, signed_at=signed_at,
    )  # fmt: skip

    assert READER.decode(WRITER.encode(event)) == event


def test_another_records_schema_is_refused() -> None:
    claim = schema_text("claim_coded.avsc")
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({1: claim}))

    with pytest.raises(RejectedEventError, match="another record"):
        reader.decode(WRITER.encode(note_event()))


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_dead_letters_headers_say_what_it_says(version: str) -> None:
    example = (EXAMPLES / "dead_letter" / f"{version}.json").read_text()
    letter = TypeAdapter(DeadLetter).validate_json(example)

    assert dead_letter_of(letter.headers()) == letter


def _changed(name: str, change: dict[str, object] | None) -> dict[str, Any]:
    """The note's contract with one field changed, added, or (None) removed."""
    old = json.loads(NOTE)
    kept = [f for f in old["fields"] if f["name"] != name]
    fields = kept if change is None else [*kept, {"name": name} | change]
    return {**old, "fields": fields}


NOTE_STATUS = {"type": "enum", "name": "NoteStatus", "symbols": ["signed", "amended", "retracted"]}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ward", {"type": "string"}),
        ("text", None),
        ("text", {"type": "int"}),
        ("text", {"type": ["null", "string"], "default": None}),
        ("note_version", {"type": "string"}),
        ("signed_at", {"type": {"type": "long", "logicalType": "timestamp-millis"}}),
        ("status", {"type": NOTE_STATUS | {"symbols": ["signed"]}}),
        ("age_years", {"type": {"type": "array", "items": "int"}}),
    ],
    ids=["new without default", "removed", "another type", "made optional", "number to word",
         "another unit", "a symbol less", "one to many"],
)  # fmt: skip
def test_an_incompatible_change_names_its_field(
    name: str, change: dict[str, object] | None
) -> None:
    """Who changes a contract reads in the message which field to put back."""
    problems = incompatibilities(_changed(name, change), json.loads(NOTE))

    assert problems
    assert all(name in problem for problem in problems)


def test_a_change_deep_inside_names_the_way_to_it() -> None:
    claim = schema_text("claim_coded.avsc")
    changed = claim.replace('"name": "section"', '"name": "part"')
    assert changed != claim

    problems = problems_with(changed, [claim])

    assert any("diagnoses[].evidence[].section" in problem for problem in problems)
    assert any("diagnoses[].evidence[].part" in problem for problem in problems)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ward", {"type": ["null", "string"], "default": None}),
        ("ward", {"type": "string", "default": ""}),
        ("note_version", {"type": "int", "default": 7}),
    ],
)
def test_a_change_that_is_called_compatible_reads_and_is_read(
    name: str, change: dict[str, object]
) -> None:
    """The check agrees with the reader: bytes of each version decode under the other."""
    new = json.dumps(_changed(name, change))
    event = note_event(note_id="n")

    assert problems_with(new, [NOTE]) == ()
    for written, read in ((NOTE, new), (new, NOTE)):
        value = RecordWriter(NoteSigned, written, 7).encode(event)
        reader = RecordReader(NoteSigned, read, FakeWriterSchemas({7: written}))
        assert reader.decode(value) == event


def test_every_pair_of_versions_is_held_together_not_the_last_two_alone() -> None:
    """TRANSITIVE: what the last version allows an older one may not."""
    without, optional = _changed("ward", None), _changed("ward", {"type": "string", "default": ""})
    required = json.dumps(_changed("ward", {"type": "string"}))

    assert problems_with(required, [json.dumps(optional)]) == ()
    assert problems_with(required, [json.dumps(without), json.dumps(optional)]) != ()


@pytest.mark.parametrize("prefix", ["", "staging."])
def test_a_prefix_stands_before_every_topic_and_subject(prefix: str) -> None:
    """Deployments that share a broker and a registry do not meet."""
    names = topics(prefix)

    assert {topic.name.removeprefix(prefix) for topic in names} == {t.name for t in topics()}
    assert all(topic.name.startswith(prefix) for topic in names)
    assert set(names.subjects()) == {f"{prefix}{subject}" for subject in topics().subjects()}
