"""The compiled code set on disk: a gzipped table whose first line says what release it is.

Below the first line a line for each code; below an empty line one for each chapter and block, note,
edit and payment category, as ``kind, of what, value``.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypedDict

from clinical_coding.code_edits import Edits
from clinical_coding.code_notes import CodeNotes, CodeRange, NoteKind, groups_above
from clinical_coding.code_set import CodeSet
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode, Sex

SHIPPED_CODE_SET = Path(__file__).parent / "bundles" / "default" / "code_set.tsv.gz"
LAYOUT = "codemychart-code-set-2"

_GROUP, _INCLUDES, _HCC, _EDITS = "group", "includes", "hcc", "edits"
_Facts = Mapping[str, list[tuple[str, str]]]  # kind: (of what, value), in the file's order


class CodeSetHeader(TypedDict):
    """The first line, JSON: the release and where the table came from."""

    layout: str
    version: str
    valid_from: str  # ISO dates, both in force
    valid_until: str
    provenance: dict[str, str]  # source, its SHA-256, licence, command that made the table


def load_code_set(path: Path = SHIPPED_CODE_SET) -> CodeSet:
    """Read a table made by `python -m training.compile_code_set`.

    Raises ModelBundleError when the file is missing, damaged or of another layout.
    """
    try:
        first, _, table = gzip.decompress(path.read_bytes()).decode().partition("\n")
        header: CodeSetHeader = json.loads(first)
        if header["layout"] != LAYOUT:
            raise ValueError(header["layout"])  # noqa: TRY301 - one place says what to do
        return _parse(header, table)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise ModelBundleError(
            f"expected a code set of layout {LAYOUT} at {path}; got {type(error).__name__}; "
            "make it with `python -m training.compile_code_set`"
        ) from None


def load_code_sets(folder: Path) -> tuple[CodeSet, ...]:
    """Every code set in a folder (*.tsv.gz), the earliest release first.

    Raises ModelBundleError when there is none, or one that `load_code_set` refuses.
    """
    found = [load_code_set(path) for path in sorted(folder.glob("*.tsv.gz"))]
    if not found:
        raise ModelBundleError(
            f"expected code sets (*.tsv.gz) in {folder}; got none; make them with "
            "`python -m training.compile_code_set` or unset CMC_CODE_SETS"
        )
    return tuple(sorted(found, key=lambda code_set: code_set.valid_from))


def _parse(header: CodeSetHeader, table: str) -> CodeSet:
    code_lines, _, fact_lines = table.partition("\n\n")
    codes, titles, chapters, flags = [], [], bytearray(), bytearray()
    for line in code_lines.splitlines():
        code, flag, chapter, title = line.split("\t")
        codes.append(IcdCode(code))
        titles.append(title)
        chapters.append(int(chapter))
        flags.append(int(flag))
    facts = _facts(fact_lines)
    return CodeSet(
        version=header["version"],
        valid_from=date.fromisoformat(header["valid_from"]),
        valid_until=date.fromisoformat(header["valid_until"]),
        codes=tuple(codes),
        titles=tuple(titles),
        chapters=bytes(chapters),
        billable_flags=bytes(flags),
        notes=_notes(facts, sorted({code[:3] for code in codes})),
        edits_of={c: _edits(spec) for spec, of in facts[_EDITS] for c in of.split()},
        hcc_of={code: hcc for hcc, of in facts[_HCC] for code in of.split()},
    )


def _facts(lines: str) -> _Facts:
    facts = defaultdict(list)
    for line in lines.splitlines():
        kind, of_what, value = line.split("\t")
        facts[kind].append((of_what, value))
    return facts


def _notes(facts: _Facts, categories: list[str]) -> CodeNotes:
    groups = {group: _ranges(value) for group, value in facts[_GROUP]}
    return CodeNotes(
        groups=groups,
        above=groups_above(groups, categories),
        named={kind: {owner: _ranges(value) for owner, value in facts[kind]} for kind in NoteKind},
        included=_gathered(facts[_INCLUDES]),
    )


def _ranges(value: str) -> tuple[CodeRange, ...]:
    return tuple(map(CodeRange, value.split()))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    gathered: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        gathered[key] = (*gathered.get(key, ()), value)
    return gathered


def save_code_set(code_set: CodeSet, provenance: dict[str, str], path: Path) -> None:
    """Write the table; the same code set and provenance give the same bytes."""
    header = CodeSetHeader(
        layout=LAYOUT,
        version=code_set.version,
        valid_from=code_set.valid_from.isoformat(),
        valid_until=code_set.valid_until.isoformat(),
        provenance=provenance,
    )
    columns = (code_set.codes, code_set.billable_flags, code_set.chapters, code_set.titles)
    rows = ("\t".join(map(str, row)) for row in zip(*columns, strict=True))
    facts = ("\t".join(fact) for fact in _facts_of(code_set))
    text = "\n".join((json.dumps(header), *rows, "", *facts))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _facts_of(code_set: CodeSet) -> Iterator[tuple[str, str, str]]:
    notes = code_set.notes
    yield from ((_GROUP, group, " ".join(of)) for group, of in notes.groups.items())
    for kind, named in notes.named.items():
        yield from ((kind, owner, " ".join(ranges)) for owner, ranges in named.items())
    yield from ((_INCLUDES, owner, text) for owner, of in notes.included.items() for text in of)
    yield from _by_value(_EDITS, ((code, _spec(e)) for code, e in code_set.edits_of.items()))
    yield from _by_value(_HCC, code_set.hcc_of.items())


def _by_value(kind: str, values: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    codes = defaultdict(list)
    for code, value in values:
        codes[value].append(code)
    return ((kind, value, " ".join(of)) for value, of in sorted(codes.items()))


def _spec(edits: Edits) -> str:
    """An edit as a word or two: "female 9-64", "manifestation"."""
    words = [edits.sex or "", "{}-{}".format(*edits.ages) if edits.ages else ""]
    words += ["manifestation"] * edits.manifestation + ["never-principal"] * edits.never_principal
    return " ".join(filter(None, words))


def _edits(spec: str) -> Edits:
    words = set(spec.split())
    ages = next((word.split("-") for word in words if word[0].isdigit()), None)
    return Edits(
        sex=next((sex for sex in Sex if sex in words), None),
        ages=(int(ages[0]), int(ages[1])) if ages else None,
        manifestation="manifestation" in words,
        never_principal="never-principal" in words,
    )
