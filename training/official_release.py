"""A release of ICD-10-CM in the files that CMS and CDC/NCHS publish for each year.

Of a folder with a release's files two are read: the tabular list (icd10cm_tabular_2027.xml; titles,
chapters and notes) and the order file (icd10cm_order_2027.txt, icd10cm-order-April-2027.txt; which
codes exist and which are complete). The addenda, which say what is new, and the shorter list of codes
are let lie: the order file holds all that they say.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clinical_coding.code_notes import CodeNotes
from clinical_coding.code_set import CodeSet
from clinical_coding.errors import SettingsError
from clinical_coding.note import IcdCode
from training.edit_tables import dotted
from training.tabular_list import ListedCode, read_tabular

_RELEASE = re.compile(r"FY(20\d\d)(-April)?")
_ORDER = re.compile(r"icd10cm[-_ ]order[-_ ](?!addenda).*\.txt", re.IGNORECASE)
_TABULAR = re.compile(r"icd10cm[-_ ]tabular[-_ ].*\.xml", re.IGNORECASE)
_IN_COLUMNS = re.compile(r"\d{5} [A-Z][0-9A-Z]{2,6} {1,5}[01] .{60} .+")
_Line = tuple[bool, str]  # billable, title


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFiles:
    """The two files of a release that are read."""

    order: Path
    tabular: Path


def in_force(release: str) -> tuple[date, date]:
    """The first and the last day of a release: FY2027 begins on 2026-10-01, FY2027-April in April.

    Both end with the fiscal year: where the update is loaded too, it is picked as it begins later.
    Raises SettingsError for a name of another form.
    """
    found = _RELEASE.fullmatch(release)
    if found is None:
        raise SettingsError(
            f"expected a release such as FY2027 or FY2027-April; got {release!r}; "
            "name the fiscal year that the files are for"
        )
    year = int(found[1])
    return date(year, 4, 1) if found[2] else date(year - 1, 10, 1), date(year, 9, 30)


def official_files(folder: Path) -> OfficialFiles:
    """The order file and the tabular list in a folder or anywhere below it.

    Raises SettingsError where there is not exactly one of each.
    """
    return OfficialFiles(
        order=_only(folder, _ORDER, "icd10cm_order_YYYY.txt"),
        tabular=_only(folder, _TABULAR, "icd10cm_tabular_YYYY.xml"),
    )


def compile_official(release: str, found: OfficialFiles) -> CodeSet:
    """The codes, titles, chapters and notes of a release, without edits and payment categories.

    The order file alone says which codes there are. Titles are the tabular list's, as in the code
    set that is shipped, or the order file's where the list has none.
    """
    order = _read_order(found.order)
    tabular = read_tabular(found.tabular, {code.replace(".", "") for code in order})
    return code_set_of(release, _codes(order, tabular.codes), tabular.notes)


def code_set_of(release: str, codes: Iterable[ListedCode], notes: CodeNotes) -> CodeSet:
    """The code set of a release."""
    rows = sorted(codes, key=lambda row: row.code)
    valid_from, valid_until = in_force(release)
    return CodeSet(
        version=release,
        valid_from=valid_from,
        valid_until=valid_until,
        codes=tuple(row.code for row in rows),
        titles=tuple(row.title for row in rows),
        chapters=bytes(row.chapter for row in rows),
        billable_flags=bytes(row.billable for row in rows),
        notes=notes,
    )


def _codes(order: Mapping[IcdCode, _Line], tabular: Sequence[ListedCode]) -> Iterator[ListedCode]:
    listed = [code.code for code in tabular]
    for code, (billable, title) in order.items():
        before = tabular[
            max(bisect_right(listed, code) - 1, 0)
        ]  # the code itself where it is listed
        yield ListedCode(
            code=code,
            title=before.title if before.code == code else title,
            chapter=before.chapter,
            billable=billable,
        )


def _only(folder: Path, name: re.Pattern[str], example: str) -> Path:
    found = [path for path in sorted(folder.rglob("*")) if name.fullmatch(path.name)]
    if len(found) != 1:
        raise SettingsError(
            f"expected one file such as {example} in {folder}; got {len(found)}; unpack the "
            "descriptions and the tabular list of one release there"
        )
    return found[0]


def _read_order(path: Path) -> dict[IcdCode, _Line]:
    """Fixed columns: number 1-5, code 7-13, flag 15 (1 is billable), titles 17-76 (short) and 78-."""
    lines = [line for line in path.read_text("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines or not all(_IN_COLUMNS.fullmatch(line) for line in lines):
        raise SettingsError(
            f"expected the fixed columns of an ICD-10-CM order file in {path}; got others; take "
            "icd10cm_order_YYYY.txt as it was published"
        )
    return {
        IcdCode(dotted(line[6:13].strip())): (line[14] == "1", line[77:].strip()) for line in lines
    }
