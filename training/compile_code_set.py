"""Compile the tabular list of simple-icd-10-cm into the code set that the product ships.

`python -m training.compile_code_set` writes runtime/bundles/default/code_set.tsv.gz.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import click
import simple_icd_10_cm as tabular

from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode
from runtime.code_set_files import SHIPPED_CODE_SET, save_code_set

# The package's 1.5.0 carries the April 2026 update of FY2026: in force until FY2027 begins.
RELEASE = "FY2026-April"
VALID_FROM, VALID_UNTIL = date(2026, 4, 1), date(2026, 9, 30)
TABULAR_FILE = "icd10c-tabular-April-1-2026.xml"


def compile_code_set() -> CodeSet:
    """Every category and code below it, once each, in tabular order."""
    rows = sorted(set(_rows()))
    codes, titles, chapters, flags = zip(*rows, strict=True)
    return CodeSet(
        version=RELEASE,
        valid_from=VALID_FROM,
        valid_until=VALID_UNTIL,
        codes=codes,
        titles=titles,
        chapters=bytes(chapters),
        billable_flags=bytes(flags),
    )


def _rows() -> Iterator[tuple[IcdCode, str, int, bool]]:
    chapter = 0
    for code in tabular.get_all_codes(with_dots=True):
        if tabular.is_chapter(code):
            chapter = int(code)
        elif _is_a_code(code):
            title = " ".join(tabular.get_description(code).split())
            yield IcdCode(code), title, chapter, tabular.is_leaf(code)


def _is_a_code(item: str) -> bool:
    # A block of a single category (B20, C7A, Z66) bears the category's own name; asked by that
    # name the package answers for the category unless told otherwise, leaf and title included.
    return "-" not in item


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=SHIPPED_CODE_SET)
def main(output: Path) -> None:
    """Compile the tabular list into one compact file."""
    code_set = compile_code_set()
    source = files("simple_icd_10_cm") / "data" / TABULAR_FILE
    save_code_set(
        code_set,
        {
            "source": f"{TABULAR_FILE} in simple-icd-10-cm {version('simple-icd-10-cm')}",
            "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
            "licence": "ICD-10-CM: CDC/NCHS, US public domain; the package: MIT",
            "command": "python -m training.compile_code_set",
        },
        output,
    )
    size_kb = output.stat().st_size // 1000
    click.echo(
        f"{code_set.version}: {len(code_set)} codes, {sum(code_set.billable_flags)} billable, "
        f"{size_kb} kB in {output}"
    )


if __name__ == "__main__":
    main()
