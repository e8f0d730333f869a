"""A bundle's parts held against labelled notes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.note import LabelledNote
from clinical_coding.proposing import propose_batch
from runtime.progress import Progress
from training.metrics import CodedNote, Report, report
from training.pairs import batches


def evaluate(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Report:
    """Code the notes and compare."""
    return report(coded(notes, parts, profile, progress), parts.code_set)


def coded(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Iterator[CodedNote]:
    """Each note with its coding and its candidates."""
    done = 0
    for batch in batches(notes):
        texts = [labelled.note for labelled in batch]
        proposals = propose_batch(texts, parts.sources, profile)
        codings = code_batch(texts, parts, profile)
        for labelled, proposal, coding in zip(batch, proposals, codings, strict=True):
            found = tuple(candidate.code for candidate in proposal.candidates)
            yield CodedNote(labelled=labelled, coding=coding, candidates=found)
        done += len(batch)
        progress("coding notes", done, len(notes))


def write_reports(reports: Mapping[str, Report], model_version: str, folder: Path) -> None:
    """``evaluation.json`` and ``evaluation.md`` in ``folder``: one row of figures for each data set."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {name: rounded(found) for name, found in reports.items()}
    whole = {"model_version": model_version, "sets": rows}
    (folder / "evaluation.json").write_text(json.dumps(whole, indent=1) + "\n")
    (folder / "evaluation.md").write_text(f"# Evaluation of {model_version}\n\n{table(rows)}\n")


def rounded(found: Report) -> dict[str, float]:
    """The figures to four places."""
    return {name: round(value, 4) for name, value in asdict(found).items()}


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """A Markdown table: a line for each figure, a column for each data set."""
    figures = list(next(iter(rows.values()), {}))
    head = f"| figure | {' | '.join(rows)} |\n|---|{'---|' * len(rows)}"
    lines = [f"| {f.replace('_', ' ')} | {' | '.join(f'{r[f]:g}' for r in rows.values())} |"
             for f in figures]  # fmt: skip
    return "\n".join((head, *lines))
