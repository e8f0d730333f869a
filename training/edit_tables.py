"""For whom a code is refused, from the tables of the Medicare Code Editor and the code set itself."""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from clinical_coding.code_edits import NO_EDITS, Edits
from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode, Sex

# The edits of the editor's definitions manual that are about a diagnosis alone. Ages in years.
_TABLES = {
    "Newborn_Only": Edits(ages=(0, 0)),
    "Pediatric_Only": Edits(ages=(0, 17)),
    "Maternity_Only": Edits(ages=(9, 64)),
    "Adult_Only": Edits(ages=(15, 124)),
    "Female_Only": Edits(sex=Sex.FEMALE),
    "Male_Only": Edits(sex=Sex.MALE),
    "Principal_Manifestation": Edits(manifestation=True),
    "Principal_Unacceptable": Edits(never_principal=True),
}
_PREGNANCY, _EXTERNAL_CAUSES = 15, 20  # chapters
_ELSEWHERE = re.compile(r"(?:in|due to) (?:other )?(?:diseases|conditions) classified elsewhere")


def edits_of(code_set: CodeSet, editor: Path | None) -> dict[str, Edits]:
    """The edits of every billable code that has any.

    A table names codes of its own year: those that are gone are left out, and what holds for a code
    that has been divided since holds for the codes below it. What is new since is known by where it
    stands (chapter 15 is for pregnant women, I.C.15.a; chapter 20 is never first, I.C.20.a.6) and by
    its title ("in diseases classified elsewhere", I.A.13).
    """
    found: dict[str, Edits] = {}
    for code, edits in (*_by_place(code_set), *(_by_table(code_set, editor) if editor else ())):
        found[code] = _both(found.get(code, NO_EDITS), edits)
    return {code: found[code] for code in sorted(found)}


def _by_place(code_set: CodeSet) -> Iterator[tuple[IcdCode, Edits]]:
    for code, title in code_set.billable():
        chapter = code_set.entry(code).chapter
        if chapter == _PREGNANCY:
            yield code, Edits(sex=Sex.FEMALE, ages=(9, 64))
        if chapter == _EXTERNAL_CAUSES:
            yield code, Edits(never_principal=True)
        if _ELSEWHERE.search(title):
            yield code, Edits(manifestation=True)


def _by_table(code_set: CodeSet, editor: Path) -> Iterator[tuple[IcdCode, Edits]]:
    with gzip.open(editor, "rt") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            edits = _TABLES.get(row["MCE_Edit_Type"])
            if edits is not None and row["ICD_Code_Type"] == "D":
                for code in code_set.billable_under(dotted(row["ICD_Code"])):
                    yield code, edits


def dotted(code: str) -> str:
    """A code as it is printed: "E119" is E11.9."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code  # noqa: PLR2004 - a category's length


def _both(one: Edits, other: Edits) -> Edits:
    ages = [edits.ages for edits in (one, other) if edits.ages]
    return replace(
        one,
        sex=one.sex or other.sex,
        ages=(max(a[0] for a in ages), min(a[1] for a in ages)) if ages else None,
        manifestation=one.manifestation or other.manifestation,
        never_principal=one.never_principal or other.never_principal,
    )
