"""How a coded note looks: its codes, the words that led to them marked, and what was left out."""

from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clinical_coding.claim import Coding, Diagnosis
from clinical_coding.code_set import CodeSet

COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")
FIRST_LISTED = "1st"


def show(text: str, coding: Coding, code_set: CodeSet) -> None:
    """Print all to stdout; in a pipe or file the marks are brackets: [Chest pain]{R07.9}."""
    console = Console(highlight=False)
    if coding.diagnoses:
        console.print(_table(text, coding))
    else:
        console.print("no codes: nothing reached the review threshold")
    for warning in coding.warnings:
        console.print(Text(f"warning: {warning}", style="bold"))
    console.print()
    console.print(_marked(text, coding, plain=not console.is_terminal), soft_wrap=True)
    if coding.dropped:
        console.print()
        console.print(_why_not(coding, code_set))


def _table(text: str, coding: Coding) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "code", "band", "prob.", "HCC"):
        table.add_column(heading, no_wrap=True)
    table.add_column("description", ratio=3)
    table.add_column("evidence", ratio=2)
    for diagnosis, colour in _coloured(coding):
        words = dict.fromkeys(" ".join(text[e.start : e.end].split()) for e in diagnosis.evidence)
        table.add_row(
            FIRST_LISTED if diagnosis.first_listed else str(diagnosis.rank),
            Text(diagnosis.code, style=colour),
            diagnosis.band,
            f"{diagnosis.probability:.2f}",
            diagnosis.hcc or "",
            Text(diagnosis.description),
            Text("; ".join(words)),
        )
    return table


def _why_not(coding: Coding, code_set: CodeSet) -> Table:
    table = Table(box=None, pad_edge=False, style="dim")
    for heading in ("not", "prob."):
        table.add_column(heading, no_wrap=True)
    table.add_column("why", ratio=1)
    table.add_column("description", ratio=1)
    for one in coding.dropped:
        why = f"{one.reason} ({one.rule})" if one.rule else one.reason
        title = code_set.title(one.code) if one.code in code_set else ""
        table.add_row(one.code, f"{one.probability:.2f}", why, Text(title))
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
