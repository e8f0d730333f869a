"""code: the engine without Kafka."""

import json
import sys
from dataclasses import asdict
from datetime import datetime, time
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import bars

if TYPE_CHECKING:
    from clinical_coding.claim import Profile
    from clinical_coding.engine import EngineParts
    from clinical_coding.note import Note

OLDEST = 150  # years
WRONG_USAGE = 2
ROW_SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv")


@click.command()
@click.argument("source", default="-", metavar="[FILE|-]",
                type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))  # fmt: skip
@click.option("--profile", type=click.Choice(["claim", "mentions"]), default="claim",
              show_default=True, help="The claim, or every condition documented.")  # fmt: skip
@click.option("--jsonl/--text", "rows", default=None,
              help="What comes in; unsaid, *.jsonl, *.csv and a first '{' tell.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for a text as well.")
@click.option("--explain", "asked_code", metavar="CODE",
              help="Tell instead why this code is in or out of a text's coding.")  # fmt: skip
@click.option("--age", type=click.IntRange(0, OLDEST), help="In years; of a text.")
@click.option("--sex", type=click.Choice(["female", "male", "other", "unknown"]), default="unknown",
              help="Of a text.")  # fmt: skip
@click.option("--encounter-class", default="AMB", show_default=True, help="AMB, EMER, IMP ...")
@click.option("--date-of-service", "day", type=click.DateTime(["%Y-%m-%d"]),
              help="Picks the code set; default: the last day of the one at hand.")  # fmt: skip
@click.option("--bundle", type=click.Path(file_okay=False, path_type=Path),
              help="Code with this one, not that of CMC_MODEL_BUNDLE_DIR or the shipped one.")  # fmt: skip
def code(  # noqa: PLR0913 - one parameter for each option
    *,
    source: Path,
    profile: str,
    rows: bool | None,
    as_json: bool,
    asked_code: str | None,
    age: int | None,
    sex: str,
    encounter_class: str,
    day: datetime | None,
    bundle: Path | None,
) -> int:
    """Code a note, or JSONL of notes, without Kafka.

    A text gives a table, what was left out and the note with its evidence marked. JSONL or CSV in (id, text and, where
    known, age, sex, encounter_class, date_of_service) gives JSONL out, line by line; a bad line is
    reported by its number while the rest goes on, and the exit code is then 1.

    \b
    Examples:
      printf 'Chest pain and shortness of breath for 2 days. Denies fever.' | codemychart code -
      codemychart code note.txt --age 58 --sex female
      codemychart code note.txt --explain e11.22
      codemychart code notes.jsonl > coded.jsonl
      zcat notes.jsonl.gz | codemychart code - --profile mentions | jq -c '[.id, .diagnoses[].code]'
    """
    from clinical_coding.claim import Profile
    from clinical_coding.engine import code_batch
    from clinical_coding.note import Note, Sex
    from runtime.model_bundle import load_bundle
    from runtime.settings import FolderSettings, ModelSettings, read

    models = read(ModelSettings)
    chosen = models.model_copy(update={"bundle_dir": bundle}) if bundle else models
    is_rows = _is_rows(source) if rows is None else rows
    if is_rows and asked_code is not None:
        raise click.UsageError("--explain is of one text: give a text, or --text")
    with bars() as progress:
        parts = load_bundle(chosen, read(FolderSettings), progress).parts
    asked = Profile(profile)
    usual_day = day or datetime.combine(parts.code_set.valid_until, time())
    if is_rows:
        from cli.coded_rows import code_rows

        return code_rows(source, usual_day, lambda notes: code_batch(notes, parts, asked))
    note = Note(
        text=_text(source),
        encounter_class=encounter_class,
        date_of_service=usual_day.date(),
        age_years=age,
        sex=Sex(sex),
    )
    if asked_code is not None:
        return _explain(asked_code, note, parts, asked, as_json=as_json)
    return _code(source.name, note, parts, asked, as_json=as_json)


def _code(
    name: str, note: "Note", parts: "EngineParts", profile: "Profile", *, as_json: bool
) -> int:
    from cli.coded_note import show
    from cli.coded_rows import as_json as line
    from clinical_coding.engine import code_batch

    (coding,) = code_batch([note], parts, profile)
    if as_json:
        click.echo(line(name, coding))
    else:
        show(note.text, coding, parts.sources_on(note.date_of_service).code_set)
    return 0


def _explain(
    typed: str, note: "Note", parts: "EngineParts", profile: "Profile", *, as_json: bool
) -> int:
    from cli.explained_code import show
    from clinical_coding.explanation import explain, is_known, spelt

    code = spelt(typed)
    if not is_known(code, parts):
        expected = f"expected a code of ICD-10-CM {parts.code_set.version}"
        click.echo(f"error: {expected}; got {typed!r}; check its spelling", err=True)
        return WRONG_USAGE
    explanation = explain(note, code, parts, profile)
    if as_json:
        click.echo(json.dumps(asdict(explanation)))
    else:
        show(explanation)
    return 0


def _is_rows(source: Path) -> bool:
    if source.suffix in ROW_SUFFIXES:
        return True
    if str(source) != "-":
        with source.open("rb") as file:
            return file.read(1) == b"{"
    piped = sys.stdin.buffer
    return isinstance(piped, BufferedReader) and piped.peek(1)[:1] == b"{"


def _text(source: Path) -> str:
    """The text as it is: no line end is changed, so that offsets stay true."""
    raw = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
    return raw.decode("utf-8-sig", "replace")
