"""How a coded note looks: a table of its codes, and the note with the words that led to them marked."""

from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clinical_coding.claim import Coding, Diagnosis

COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")


def show(text: str, coding: Coding) -> None:
    """Print both to stdout; in a pipe or file the marks are brackets: [Chest pain]{R07.9}."""
    console = Console(highlight=False)
    if coding.diagnoses:
        console.print(_table(text, coding))
    else:
        console.print("no codes: nothing reached the review threshold")
    for one in coding.dropped:
        reason = f"{one.reason} ({one.rule})" if one.rule else one.reason
        console.print(Text(f"not {one.code}: {reason}, {one.probability:.2f}", style="dim"))
    for warning in coding.warnings:
        console.print(Text(f"warning: {warning}", style="bold"))
    console.print()
    console.print(_marked(text, coding, plain=not console.is_terminal), soft_wrap=True)


def _table(text: str, coding: Coding) -> Table:
    table = Table("code", "description", "band", "probability", "evidence", box=None)
    for diagnosis, colour in _coloured(coding):
        words = dict.fromkeys(" ".join(text[e.start : e.end].split()) for e in diagnosis.evidence)
        table.add_row(
            Text(diagnosis.code, style=colour),
            diagnosis.description,
            diagnosis.band,
            f"{diagnosis.probability:.2f}",
            Text("; ".join(words)),
        )
    return table


def _marked(text: str, coding: Coding, *, plain: bool) -> Text:
    shown = Text()
    place = 0
    for start, end, codes, colour in _spans(coding):
        if start < place:  # inside words that are marked already
            continue
        words = f"[{text[start:end]}]{{{codes}}}" if plain else text[start:end]
        shown.append(text[place:start])
        shown.append(words, style=f"bold reverse {colour}")
        place = end
    shown.append(text[place:])
    return shown


def _spans(coding: Coding) -> Iterator[tuple[int, int, str, str]]:
    """Each marked stretch with its codes and colour, in order; of those that begin alike the longest."""
    codes: defaultdict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for diagnosis, colour in _coloured(coding):
        for evidence in diagnosis.evidence:
            codes[evidence.start, -evidence.end][diagnosis.code] = colour
    for (start, end), colours in sorted(codes.items()):
        yield start, -end, ", ".join(colours), next(iter(colours.values()))


def _coloured(coding: Coding) -> Iterator[tuple[Diagnosis, str]]:
    for place, diagnosis in enumerate(coding.diagnoses):
        yield diagnosis, COLOURS[place % len(COLOURS)]
