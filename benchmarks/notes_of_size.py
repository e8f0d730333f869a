"""Notes of a given length, no two alike, cut from synthetic encounters."""

from collections.abc import Iterable, Iterator
from datetime import date

from tokenizers import Tokenizer

from clinical_coding.note import Note
from producers.synthetic import SyntheticNote, encounters
from runtime.encoder import model_folder

DAY = date(2026, 6, 1)
LONGEST_HEADER = 40  # characters


def notes_of_size(tokens: int, count: int, seed: int) -> tuple[Note, ...]:
    """``count`` notes of exactly so many BERT tokens; no line but a section's header is in two."""
    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    lines = _new_lines(encounters(count * max(2, tokens // 60), seed))
    texts = (_cut(lines, tokens, tokenizer) for _ in range(count))
    return tuple(Note(text=text, date_of_service=DAY) for text in texts)


def copied_forward(count: int, seed: int) -> tuple[Note, ...]:
    """Progress notes of hospital stays, which carry much of the note of the day before."""
    stays = (note for note in encounters(count * 20, seed) if _is_progress(note))
    return tuple(note.event.note() for note, _ in zip(stays, range(count), strict=False))


def _is_progress(note: SyntheticNote) -> bool:
    return note.event.note_type_name == "Progress note"


def _new_lines(notes: Iterable[SyntheticNote]) -> Iterator[str]:
    """The notes' lines in order, without those that were there before."""
    seen: set[str] = set()
    for line in (line.strip() for note in notes for line in note.event.text.splitlines()):
        is_header = line.endswith(":") and len(line) < LONGEST_HEADER
        if line and (is_header or line not in seen):
            seen.add(line)
            yield line


def _cut(lines: Iterator[str], tokens: int, tokenizer: Tokenizer) -> str:
    text = next(lines)
    while len(found := tokenizer.encode(text, add_special_tokens=False).offsets) < tokens:
        text = f"{text}\n{next(lines)}"
    return text[: found[tokens - 1][1]]
