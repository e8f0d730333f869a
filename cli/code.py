"""code: the engine without Kafka."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.progress import bars

if TYPE_CHECKING:
    from clinical_coding.claim import Coding, Profile
    from clinical_coding.engine import EngineParts
    from clinical_coding.note import Note

BATCH = 32
COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")


@click.command()
@click.argument("source", default="-", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--profile", type=click.Choice(["claim", "mentions"]), default="claim",
              show_default=True, help="The claim, or every condition documented.")  # fmt: skip
@click.option("--jsonl", is_flag=True, help="Read JSONL; known by itself for *.jsonl files.")
@click.option("--json", "as_json", is_flag=True, help="Write JSONL for a text as well.")
@click.option("--age", type=click.IntRange(0, 150), help="In years; of a text.")
@click.option("--sex", type=click.Choice(["female", "male", "other", "unknown"]), default="unknown")
@click.option("--encounter-class", default="AMB", show_default=True, help="AMB, EMER, IMP ...")
@click.option("--date-of-service", "day", type=click.DateTime(["%Y-%m-%d"]),
              help="Picks the code set; default: its last day in force.")  # fmt: skip
def code(  # noqa: PLR0913 - one parameter for each option
    *,
    source: Path,
    profile: str,
    jsonl: bool,
    as_json: bool,
    age: int | None,
    sex: str,
    encounter_class: str,
    day: datetime | None,
) -> int:
    """Code a note, or JSONL of notes, without Kafka.

    A text gives a table and the note with its evidence marked. JSONL in (id, text and, where known,
    age, sex, encounter_class, date_of_service) gives JSONL out, line by line; a bad line is
    reported by its number while the rest goes on, and the exit code is then 1.

    \b
    Examples:
      printf 'Chest pain and shortness of breath for 2 days. Denies fever.' | codemychart code -
      codemychart code note.txt --age 58 --sex female
      codemychart code notes.jsonl > coded.jsonl
      codemychart code --jsonl - < notes.jsonl --profile mentions
    """
    from clinical_coding.claim import Profile
    from clinical_coding.engine import code_batch
    from clinical_coding.note import Note, Sex
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read

    with bars() as progress:
        parts = load_bundle(read(ModelSettings), read(FolderSettings), progress).parts
    chosen = Profile(profile)
    default_day = day.date() if day else parts.code_set.valid_until
    with _opened(source) as lines:
        if jsonl or source.suffix == ".jsonl":
            return _code_lines(lines, parts, chosen, default_day)
        note = Note(
            text=lines.read(),
            encounter_class=encounter_class,
            date_of_service=default_day,
            age_years=age,
            sex=Sex(sex),
        )
    (coding,) = code_batch([note], parts, chosen)
    if as_json:
        click.echo(_json(source.name, coding))
    else:
        _show(note.text, coding)
    return 0


def _opened(source: Path) -> IO[str]:
    """The text as it is: no line end is changed, so that offsets stay true."""
    from clinical_coding.errors import StorageError

    try:
        target: int | Path = sys.stdin.fileno() if str(source) == "-" else source
        return open(target, encoding="utf-8-sig", newline="", errors="surrogateescape")  # noqa: PTH123 - a descriptor or a path
    except OSError as error:
        raise StorageError(f"cannot read {source}: {error.strerror}; check the path") from None


def _code_lines(lines: IO[str], parts: "EngineParts", profile: "Profile", day: date) -> int:
    from clinical_coding.engine import code_batch

    failed = 0
    batch: list[tuple[str, Note]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            batch.append(_note_of(line, day))
        except (ValueError, KeyError, TypeError) as error:
            failed += 1
            reason = f"expected a JSON object with id and text; got {type(error).__name__}"
            click.echo(f"line {number}: {reason}", err=True)
        if len(batch) == BATCH:
            _write(batch, code_batch([note for _, note in batch], parts, profile))
            batch.clear()
    _write(batch, code_batch([note for _, note in batch], parts, profile))
    return int(failed > 0)


def _note_of(line: str, day: date) -> "tuple[str, Note]":
    from clinical_coding.note import Note, Sex

    row = json.loads(line)
    age, sex = row.get("age"), str(row.get("sex") or "unknown").lower()
    if not isinstance(row["text"], str):
        raise TypeError
    return str(row["id"]), Note(
        text=row["text"],
        encounter_class=str(row.get("encounter_class") or "AMB"),
        date_of_service=date.fromisoformat(str(row.get("date_of_service") or day)),
        age_years=None if age is None else int(age),
        sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
    )


def _write(batch: "Sequence[tuple[str, Note]]", codings: "Sequence[Coding]") -> None:
    for (name, _), coding in zip(batch, codings, strict=True):
        click.echo(_json(name, coding))


def _json(name: str, coding: "Coding") -> str:
    return json.dumps({"id": name, **asdict(coding)})


def _show(text: str, coding: "Coding") -> None:
    console = Console(highlight=False)
    table = Table("code", "description", "band", "probability", "evidence", box=None)
    for n, d in enumerate(coding.diagnoses):
        words = "; ".join(" ".join(text[e.start : e.end].split()) for e in d.evidence)
        style = COLOURS[n % len(COLOURS)]
        code_text = Text(d.code, style=style)
        table.add_row(code_text, d.description, d.band, f"{d.probability:.2f}", Text(words))
    console.print(table if coding.diagnoses else "no codes: nothing reached the review threshold")
    for one in coding.dropped:
        console.print(Text(f"not {one.code}: {one.reason} ({one.probability:.2f})", style="dim"))
    for warning in coding.warnings:
        console.print(Text(f"warning: {warning}", style="bold"))
    console.print()
    console.print(_marked(text, coding, plain=not console.is_terminal))


def _marked(text: str, coding: "Coding", *, plain: bool) -> Text:
    """The note with its evidence marked: in colour, or in brackets where there is none."""
    shown = Text()
    place = 0
    for start, end, code, colour in _spans(coding):
        if start < place:
            continue
        words = text[start:end]
        shown.append(text[place:start])
        shown.append(f"[{words}]{{{code}}}" if plain else words, style=f"bold reverse {colour}")
        place = end
    shown.append(text[place:])
    return shown


def _spans(coding: "Coding") -> "Iterator[tuple[int, int, str, str]]":
    yield from sorted(
        (e.start, e.end, d.code, COLOURS[n % len(COLOURS)])
        for n, d in enumerate(coding.diagnoses)
        for e in d.evidence
    )
