"""Batch: an uploaded file of notes coded in the page, with the result to take away."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import streamlit as st

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch
from runtime import clock
from schemas.note_rows import RejectedRow
from schemas.note_signed import NoteSigned
from ui.coded_table import CodedNote, as_csv, as_json_lines, as_parquet, table_of
from ui.engine import asked_profile, loaded_engine
from ui.head import title_html
from ui.theme import counted, notice_html, table_html
from ui.uploads import SUFFIXES, read_upload

AT_ONCE = 32  # notes that are coded between two looks at the progress bar
LARGEST_MIB = 100
RESULT = "batch"
SHOWN_REJECTED = 1000
MANY_ROWS, MANY_ROWS_PX = 14, 520  # from there on the table scrolls
HINT = (
    "Upload JSON Lines or CSV with a `note_id` and a `text` for each note (more fields: see "
    "`codemychart publish --help`), or a ZIP of text files. The notes are coded in this page's memory "
    "and go nowhere else; the result is there until you leave the page or upload another file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an upload; ``of`` is its id and the profile."""

    of: tuple[str, Profile]
    notes: tuple[CodedNote, ...] = field(repr=False)
    rejected: tuple[RejectedRow, ...]
    table: pa.Table = field(repr=False)


def show() -> None:
    """The page."""
    st.html(title_html("batch"))
    bundle = loaded_engine()
    if bundle is None:
        return
    first, second = st.columns([2, 1], gap="medium")
    with first:
        upload = st.file_uploader("Notes", type=[s[1:] for s in SUFFIXES],
                                  max_upload_size=LARGEST_MIB)  # fmt: skip
    with second:
        profile = asked_profile()
    if upload is None:
        st.session_state.pop(RESULT, None)
        st.html(notice_html(HINT))
        return
    result = st.session_state.get(RESULT)
    if result is None or result.of != (upload.file_id, profile):
        rows = list(read_upload(upload.name, upload, clock.now))
        result = coded(rows, bundle.parts, profile, upload.file_id)
        st.session_state[RESULT] = result
    show_result(result)


def coded(
    rows: Sequence[NoteSigned | RejectedRow], parts: EngineParts, profile: Profile, file_id: str
) -> Result:
    """Code all that makes a note, under a progress bar."""
    events = [row for row in rows if isinstance(row, NoteSigned)]
    notes: list[CodedNote] = []
    bar = st.progress(0.0)
    for start in range(0, len(events), AT_ONCE):
        some = events[start : start + AT_ONCE]
        codings = code_batch([event.note() for event in some], parts, profile)
        pairs = zip(some, codings, strict=True)
        notes += [CodedNote(note_id=event.note_id, coding=coding) for event, coding in pairs]
        bar.progress(len(notes) / len(events), f"{len(notes):,} of {len(events):,} notes coded")
    bar.empty()
    return Result(
        of=(file_id, profile),
        notes=tuple(notes),
        rejected=tuple(row for row in rows if isinstance(row, RejectedRow)),
        table=table_of(notes),
    )


def show_result(result: Result) -> None:
    """The counts, the bad rows, the table, and the files to take away."""
    codes = result.table.num_rows - sum(not note.coding.diagnoses for note in result.notes)
    bad = len(result.rejected)
    told = f"{counted(len(result.notes), 'note')} coded, {counted(codes, 'code')}"
    words = f"{told}; {counted(bad, 'bad row')} left out."
    st.html(f'<p role="status" class="cmc-dim">{words}</p>')
    if result.rejected:
        st.html(rejected_html(result.rejected))
    if result.notes:
        downloads(result)
        st.dataframe(
            result.table,
            height="content" if len(result.table) < MANY_ROWS else MANY_ROWS_PX,
            placeholder="",
            alt="Codes of the uploaded notes, a row for each",
        )


def rejected_html(rejected: Sequence[RejectedRow]) -> str:
    """The bad rows with place and reason, as many as can be read."""
    rows = [
        (html.escape(f"{row.file}:{row.line}"), html.escape(row.reason))
        for row in rejected[:SHOWN_REJECTED]
    ]
    more = len(rejected) - SHOWN_REJECTED
    if more > 0:
        rows.append(("…", f"and {more:,} more"))
    table = table_html("Bad rows", ("file and line", "why"), rows)
    title = f"Bad rows: {len(rejected):,}"
    return f'<details class="cmc-fold" open><summary>{title}</summary><div class="cmc-short">{table}</div></details>'


def downloads(result: Result) -> None:
    """The result as CSV, JSON Lines and Parquet."""
    csv, lines, parquet, _ = st.columns([1, 1, 1, 4])
    with csv:
        st.download_button("CSV", as_csv(result.table), "coded.csv", "text/csv",
                           on_click="ignore", width="stretch")  # fmt: skip
    with lines:
        st.download_button("JSON Lines", as_json_lines(result.notes), "coded.jsonl",
                           "application/jsonl", on_click="ignore", width="stretch")  # fmt: skip
    with parquet:
        st.download_button("Parquet", as_parquet(result.table), "coded.parquet",
                           "application/vnd.apache.parquet", on_click="ignore", width="stretch")  # fmt: skip


if __name__ == "__main__":  # as Streamlit runs it
    show()
