"""The lake's tables and what each column means. No column holds note text: a claim has none.

Names are those of the event's contract (``schemas/avro/claim_coded.avsc``), nested fields under
their own name; ``source_...`` says which record of the claim topic a row comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One Parquet column."""

    name: str
    type: pa.DataType
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: the last folder of a row's path is ``<partition.name>=<value>``.

    Rows with the same ``keys`` are the same row.
    """

    name: str
    columns: tuple[Column, ...]
    partition: Column
    keys: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """The columns in order, the partition last."""
        return arrow_schema((*self.columns, self.partition))


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """These columns as Arrow sees them."""
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def _c(name: str, kind: pa.DataType, doc: str) -> Column:
    return Column(name=name, type=kind, doc=doc)


TEXT, WHOLE, LONG, NUMBER, YES_NO = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()
MOMENT, DAY = pa.timestamp("us", tz="UTC"), pa.date32()
TEXTS = pa.list_(TEXT)
DROPPED = pa.list_(
    pa.struct([("code", TEXT), ("probability", NUMBER), ("reason", TEXT), ("rule", TEXT)])
)
EVIDENCE = pa.list_(
    pa.struct(
        [("start", WHOLE), ("end", WHOLE), ("section", TEXT), ("assertion", TEXT), ("match", TEXT)]
    )
)

SOURCE = (
    _c("source_topic", TEXT, "Topic that the record was read from."),
    _c("source_partition", WHOLE, "Its partition."),
    _c("source_offset", LONG, "Its offset; topic, partition and offset name the record."),
    _c("source_timestamp", MOMENT, "Kafka timestamp of the record."),
)
DATE_OF_SERVICE = _c("date_of_service", DAY, "Day of care that picked the code set.")
OF_CLAIM = (
    _c("event_id", TEXT, "The claim. The same note coded again by the same versions has the same."),
    _c("note_id", TEXT, "The note that was coded."),
    _c("note_version", WHOLE, "Its version."),
    _c("note_status", TEXT, "signed, amended or retracted; a retracted note withdraws its claim."),
    _c("encounter_id", TEXT, "The visit or stay."),
    _c("patient_ref", TEXT, "Pseudonym of the patient."),
    _c("encounter_class", TEXT, "HL7 v3 ActEncounterCode: AMB, EMER, IMP ..."),
    _c("profile", TEXT, "What was asked for: claim or mentions."),
)
OF_VERSIONS = (
    _c("model_version", TEXT, "Version and checksum of the model bundle."),
    _c("encoder", TEXT, "Name and weight hash of the sentence encoder."),
    _c("code_set", TEXT, "ICD-10-CM release that the codes are from."),
    _c("coded_at", MOMENT, "When the claim was made."),
)
OF_DIAGNOSIS = (
    _c("code", TEXT, "Billable ICD-10-CM code with its dot."),
    _c("description", TEXT, "The code's title in the tabular list."),
    _c("rank", WHOLE, "Place on the claim, from 1."),
    _c("probability", NUMBER, "Calibrated probability that a coder would report it, 0..1."),
    _c("band", TEXT, "submit: sent without a coder's look; review: to the worklist."),
    _c("first_listed", YES_NO, "First-listed (outpatient) or principal (inpatient) diagnosis."),
    _c("hcc", TEXT, "CMS-HCC category where the code has one."),
    _c("evidence", EVIDENCE, "Spans of the note, [start, end) in code points; no text."),
    _c("rules", TEXTS, "Rules that kept, replaced or reordered the code, in order."),
)
CLAIMS = Table(
    name="claims",
    columns=(
        *OF_CLAIM,
        _c("codes", TEXTS, "Codes of the diagnoses in claim order."),
        _c("dropped", DROPPED, "Candidates that were left out, and why."),
        _c("warnings", TEXTS, "Fixed phrases that a reader must see."),
        _c("supersedes", TEXT, "event_id of the claim that this one replaces."),
        *OF_VERSIONS,
        _c("note_signed_at", MOMENT, "When the note version was signed."),
        _c("published_at", MOMENT, "Kafka timestamp of the note's record."),
        _c("batch_notes", WHOLE, "Notes in the micro-batch that it was coded with."),
        _c("engine_ms", NUMBER, "Milliseconds of the engine for that whole micro-batch."),
        *SOURCE,
    ),
    partition=DATE_OF_SERVICE,
    keys=("event_id",),
)
DIAGNOSES = Table(
    name="diagnoses",
    columns=(*OF_CLAIM, *OF_DIAGNOSIS, *OF_VERSIONS, *SOURCE),
    partition=DATE_OF_SERVICE,
    keys=("event_id", "rank"),
)
REJECTED = Table(
    name="rejected",
    columns=(
        *SOURCE,
        _c("schema_id", WHOLE, "The writer's schema id where the value begins with one."),
        _c("size_bytes", WHOLE, "Bytes of the value; they stay in the topic and do not land."),
    ),
    partition=_c("error_class", TEXT, "Why: UndecodableEventError or BrokenContractError."),
    keys=tuple(column.name for column in SOURCE[:3]),
)
TABLES = (CLAIMS, DIAGNOSES, REJECTED)
