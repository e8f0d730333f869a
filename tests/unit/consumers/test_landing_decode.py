"""What lands is what was sent, whatever version wrote it; what cannot be read is said, not kept."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from clinical_coding.claim import Diagnosis, DroppedCode, Evidence
from consumers.landing.decode import DECODED, NOT_ASKED, WriterTexts, decode_batches
from schemas.claim_coded import ClaimCoded, Timings
from schemas.topics import schema_text
from schemas.wire import RecordWriter
from tests.claims import claim_event

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples" / "claim_coded"
CLAIM, NOTE = schema_text("claim_coded.avsc"), schema_text("note_signed.avsc")
WRITER = RecordWriter(ClaimCoded, CLAIM, 7)
ARRIVED = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**31), 2**31 - 1)
shares = st.floats(0, 1)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
evidence = st.builds(Evidence, start=numbers, end=numbers, section=words, match=words)
diagnoses = st.builds(
    Diagnosis,
    code=words, description=words, rank=numbers, probability=shares, hcc=st.none() | words,
    evidence=st.lists(evidence, max_size=2).map(tuple), rules=st.lists(words, max_size=2).map(tuple),
)  # fmt: skip
dropped = st.builds(
    DroppedCode, code=words, probability=shares, reason=words, rule=st.none() | words
)
coded_claims = st.builds(
    ClaimCoded,
    event_id=words, note_id=words, note_version=numbers, encounter_id=words, patient_ref=words,
    encounter_class=words, date_of_service=st.dates(date(1970, 1, 1), date(2200, 1, 1)),
    diagnoses=st.lists(diagnoses, max_size=3).map(tuple),
    dropped=st.lists(dropped, max_size=2).map(tuple),
    warnings=st.lists(words, max_size=2).map(tuple), supersedes=st.none() | words,
    model_version=words, encoder=words, code_set=words, note_signed_at=moments, coded_at=moments,
    timings=st.builds(Timings, published_at=moments, batch_notes=numbers, engine_ms=shares),
)  # fmt: skip


def _decoded(
    values: list[bytes | None], texts: WriterTexts | None = None
) -> list[dict[str, object]]:
    records = [
        {"topic": "t", "partition": 3, "offset": n, "timestamp": ARRIVED, "value": value}
        for n, value in enumerate(values)
    ]
    schema = pa.schema(
        [
            ("topic", pa.string()),
            ("partition", pa.int32()),
            ("offset", pa.int64()),
            ("timestamp", pa.timestamp("us", tz="UTC")),
            ("value", pa.binary()),
        ]
    )
    batch = pa.RecordBatch.from_pylist(records, schema=schema)
    (rows,) = decode_batches(iter([batch]), {7: CLAIM} if texts is None else texts)
    assert rows.schema == DECODED
    return list(rows.to_pylist())


def _by_hand(claim: ClaimCoded) -> dict[str, object]:
    """The row as one would write it cell by cell."""
    flat = {
        "event_id": claim.event_id, "note_id": claim.note_id, "note_version": claim.note_version,
        "note_status": claim.note_status.value, "encounter_id": claim.encounter_id,
        "patient_ref": claim.patient_ref, "encounter_class": claim.encounter_class,
        "profile": claim.profile.value, "date_of_service": claim.date_of_service,
        "warnings": list(claim.warnings), "supersedes": claim.supersedes,
        "model_version": claim.model_version, "encoder": claim.encoder, "code_set": claim.code_set,
        "note_signed_at": claim.note_signed_at, "coded_at": claim.coded_at,
        "published_at": claim.timings.published_at, "batch_notes": claim.timings.batch_notes,
        "engine_ms": claim.timings.engine_ms, "codes": [d.code for d in claim.diagnoses],
    }  # fmt: skip
    flat["dropped"] = [
        {"code": d.code, "probability": d.probability, "reason": d.reason, "rule": d.rule}
        for d in claim.dropped
    ]
    flat["diagnoses"] = [
        {
            "code": d.code, "description": d.description, "rank": d.rank,
            "probability": d.probability, "band": d.band.value, "first_listed": d.first_listed,
            "hcc": d.hcc, "rules": list(d.rules),
            "evidence": [
                {"start": e.start, "end": e.end, "section": e.section,
                 "assertion": e.assertion.value, "match": e.match}
                for e in d.evidence
            ],
        }
        for d in claim.diagnoses
    ]  # fmt: skip
    return flat


@given(st.lists(coded_claims, max_size=3))
def test_a_row_says_what_its_claim_says_cell_by_cell(claims: list[ClaimCoded]) -> None:
    values = [WRITER.encode(claim) for claim in claims]

    rows = _decoded([*values])

    expected = [
        _by_hand(claim)
        | {"source_topic": "t", "source_partition": 3, "source_offset": n}
        | {"source_timestamp": ARRIVED, "schema_id": 7, "size_bytes": len(values[n])}
        | {"error_class": None}
        for n, claim in enumerate(claims)
    ]
    assert rows == expected


@pytest.mark.parametrize("version", sorted(path.stem for path in EXAMPLES.glob("*.avsc")))
def test_the_example_of_every_version_lands(version: str) -> None:
    writer_text = (EXAMPLES / f"{version}.avsc").read_text()
    claim = TypeAdapter(ClaimCoded).validate_json((EXAMPLES / f"{version}.json").read_text())
    value = RecordWriter(ClaimCoded, writer_text, 4).encode(claim)

    (row,) = _decoded([value], {4: writer_text})

    assert row["error_class"] is None
    assert row["event_id"] == claim.event_id


def test_claims_of_older_and_newer_writers_land_side_by_side() -> None:
    """A field that the older writer lacks has its default, one that only the newer has is left out."""
    older, newer = json.loads(CLAIM), json.loads(CLAIM)
    older["fields"] = [field for field in older["fields"] if field["name"] != "warnings"]
    newer["fields"] += [{"name": "payer", "type": ["null", "string"], "default": None, "doc": "."}]
    texts = {5: json.dumps(older), 7: CLAIM, 9: json.dumps(newer)}
    claim = claim_event("note-1")

    rows = _decoded(
        [RecordWriter(ClaimCoded, text, number).encode(claim) for number, text in texts.items()],
        texts,
    )

    assert [row["event_id"] for row in rows] == [claim.event_id] * 3
    assert [row["schema_id"] for row in rows] == [5, 7, 9]
    assert [row["warnings"] for row in rows] == [[], [], []]


def test_a_record_whose_schema_was_not_fetched_yet_asks_for_it() -> None:
    value = WRITER.encode(claim_event("note-1"))

    (row,) = _decoded([value], {})

    assert (row["error_class"], row["schema_id"]) == (NOT_ASKED, 7)


@pytest.mark.parametrize(
    ("value", "texts", "schema_id"),
    [
        (None, {7: CLAIM}, None),
        (b"", {7: CLAIM}, None),
        (b"Chest pain for 2 days.", {7: CLAIM}, None),
        (WRITER.encode(claim_event("n"))[:-3], {7: CLAIM}, 7),
        (WRITER.encode(claim_event("n")) + b"more", {7: CLAIM}, 7),
        (WRITER.encode(claim_event("n")), {7: None}, 7),
        (WRITER.encode(claim_event("n")), {7: NOTE}, 7),
    ],
    ids=["null", "empty", "unframed", "cut", "longer", "unregistered", "another-record"],
)
def test_a_record_that_is_no_claim_is_told_by_place_size_and_class_and_without_its_bytes(
    value: bytes | None, texts: Mapping[int, str | None], schema_id: int | None
) -> None:
    good = WRITER.encode(claim_event("note-1"))

    refused, landed = _decoded([value, good], {7: CLAIM} | dict(texts))[0], _decoded([good])[0]

    told = {name: cell for name, cell in refused.items() if cell is not None}
    assert told == {
        "source_topic": "t",
        "source_partition": 3,
        "source_offset": 0,
        "source_timestamp": ARRIVED,
        "size_bytes": len(value or b""),
        "error_class": "UndecodableEventError",
    } | ({} if schema_id is None else {"schema_id": schema_id})
    assert landed["error_class"] is None
