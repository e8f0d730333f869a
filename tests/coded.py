"""Coded notes written down in short, for tests of figures."""

from collections.abc import Mapping
from datetime import date

from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId
from training.coded_notes import CodedNote

CODES = ("E11.9", "I10", "M54", "M54.5", "M54.50", "M54.51", "R05.9")
CODE_SET = CodeSet(
    version="test",
    valid_from=date(2026, 4, 1),
    valid_until=date(2026, 9, 30),
    codes=tuple(map(IcdCode, CODES)),
    titles=CODES,
    chapters=bytes([4, 9, 13, 13, 13, 13, 18]),
    billable_flags=bytes([1, 1, 0, 0, 1, 1, 1]),
)


def labelled(codes: str, text: str = "") -> LabelledNote:
    """A note with these words as its gold codes."""
    return LabelledNote(
        note_id=NoteId("note"),
        note=Note(text=text, date_of_service=date(2026, 6, 1)),
        codes=tuple(map(IcdCode, codes.split())),
    )


def coded(
    reported: str,
    gold: str,
    *,
    submit: str = "",
    candidates: str | Mapping[str, float] = "",
    refused: str = "",
    dropped: str = "",
) -> CodedNote:
    """A note; codes are words of a text, likeliest first, with the probability 0.5 or as given."""
    ranked = (
        candidates if isinstance(candidates, Mapping) else dict.fromkeys(candidates.split(), 0.5)
    )
    shown = dict.fromkeys(reported.split(), 0.5) | {
        c: ranked[c] for c in reported.split() if c in ranked
    }
    return CodedNote(
        labelled=labelled(gold),
        reported={IcdCode(code): p for code, p in shown.items()},
        submitted=frozenset(map(IcdCode, submit.split())),
        candidates={IcdCode(code): p for code, p in ranked.items()},
        refused={IcdCode(code): "denied" for code in refused.split()},
        dropped={IcdCode(code): "I.B.2 a rule" for code in dropped.split()},
    )
