"""What sealing a note's text costs: notes through producer's and worker's wire steps, sealed and plain.

python -m benchmarks.sealed_text [--quick]
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from producers.synthetic import encounters
from runtime.key_files import Key, LocalKeys
from schemas.note_signed import NoteSigned
from schemas.sealed_text import TextStep, opening, sealing
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter

CONTRACT = schema_text("note_signed.avsc")
KEYS = LocalKeys([Key(identity="benchmark", secret=bytes(32))])
NOTES, ROUNDS = 500, 7


@dataclass(frozen=True, slots=True)
class OneSchema:
    """Meets WriterSchemas."""

    def schema_text(self, schema_id: int) -> str | None:  # noqa: ARG002 - there is one
        """The note's contract."""
        return CONTRACT


def main() -> None:
    """Measure both in turn and print."""
    rounds = 3 if told_to_be_quick(__doc__) else ROUNDS
    notes = [note.event for note in encounters(NOTES, 1)]
    plain, sealed = [], []
    for _ in range(rounds):
        plain.append(NOTES / _took_s(notes, sealing(None), opening(None)))
        sealed.append(NOTES / _took_s(notes, sealing(KEYS), opening(KEYS)))
    sizes = [sum(_sizes(notes, seal)) / NOTES for seal in (sealing(KEYS), sealing(None))]
    show(
        Comparison(
            question="notes/s encoded and decoded",
            ours=Side(name="sealed", figures=tuple(sealed)),
            baseline=Side(name="plain", figures=tuple(plain)),
        ),
        [("bytes a record", sizes[0], sizes[1])],
    )


def _took_s(notes: list[NoteSigned], seal: TextStep, opened: TextStep) -> float:
    writer = RecordWriter(NoteSigned, CONTRACT, 1)
    reader = RecordReader(NoteSigned, CONTRACT, OneSchema(), opened)
    began = time.perf_counter()
    for note in notes:
        reader.decode(writer.encode(seal(note)))
    return time.perf_counter() - began


def _sizes(notes: list[NoteSigned], seal: TextStep) -> Iterator[int]:
    writer = RecordWriter(NoteSigned, CONTRACT, 1)
    return (len(writer.encode(seal(note))) for note in notes)


if __name__ == "__main__":
    main()
