"""Compile the public sources of phrases into the term table that the product ships.

`python -m training.compile_terms DATA` reads DATA/icd10cm and DATA/lexicon (docs/data-licences.md)
and the project's own own_terms.tsv, and writes runtime/bundles/default/terms.npz.
"""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from clinical_coding.code_set import CodeSet, plain_text
from clinical_coding.term_table import Term, TermKind, build_term_table
from runtime.code_set_files import SHIPPED_CODE_SET, load_code_set
from runtime.term_table_files import SHIPPED_TERMS, save_term_table
from training.alphabetic_index import index_terms
from training.checked_terms import checked, one_code_for_a_subtree
from training.drug_terms import drug_terms
from training.neoplasm_terms import neoplasm_terms
from training.own_terms import OWN_TERMS, own_terms
from training.raw_terms import RawTerm
from training.tabular_terms import tabular_terms

INDEX = "icd10cm/fy2025_Index.csv.gz"
EXTERNAL_INDEX = "icd10cm/fy2025_ExternalIndex.csv.gz"
NEOPLASMS = "icd10cm/fy2026_neoplasm.xml.gz"
DRUGS = "icd10cm/fy2026_drug.xml.gz"
DISEASES = "lexicon/doid_icd10cm.json.gz"
_MAX_ACRONYM = 5  # letters


def raw_terms(code_set: CodeSet, data: Path) -> Iterator[RawTerm]:
    """Every phrase of every source; where two name one code, the earlier source's kind stays."""
    yield from own_terms()
    yield from tabular_terms(code_set)
    yield from index_terms(data / INDEX)
    yield from neoplasm_terms(data / NEOPLASMS)
    yield from index_terms(data / EXTERNAL_INDEX)
    yield from drug_terms(data / DRUGS)
    yield from _disease_terms(data / DISEASES)


def _disease_terms(path: Path) -> Iterator[RawTerm]:
    with gzip.open(path, "rt") as file:
        synonyms: dict[str, str] = json.load(file)["synonym_to_icd10cm"]
    for phrase, code in synonyms.items():
        if len(phrase) > _MAX_ACRONYM:  # its acronyms are in small letters: "add", "all"
            yield RawTerm(phrase, code, TermKind.SYNONYM)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--code-set", type=click.Path(exists=True, path_type=Path), default=SHIPPED_CODE_SET)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=SHIPPED_TERMS)
def main(data: Path, code_set: Path, output: Path) -> None:
    """Compile the sources under DATA into one compact file."""
    release = load_code_set(code_set)
    raw = tuple(raw_terms(release, data))
    terms = tuple(checked(raw, release))
    kept = tuple(one_code_for_a_subtree(terms, release))
    titles = sorted({plain_text(title) for _, title in release.billable()})
    table = build_term_table(_version(kept), kept, titles)
    save_term_table(table, release.version, _provenance(data), output)
    kinds = Counter(term.kind for _, term in kept)
    click.echo(
        f"{table.version}: {len(table)} phrases, {len(table.term_codes)} terms, "
        f"{len(table.codes)} codes, {len(table.word_numbers)} words; of {len(raw)} lines "
        f"{len(raw) - len(terms)} name no code of {release.version}; "
        f"{output.stat().st_size // 1000} kB in {output}"
    )
    click.echo(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))


def _version(terms: Iterable[tuple[str, Term]]) -> str:
    lines = sorted(f"{phrase}\t{term.code}\t{term.kind}" for phrase, term in terms)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _provenance(data: Path) -> dict[str, str]:
    sources = {
        "tabular list (CDC/NCHS, public domain)": SHIPPED_CODE_SET,
        "Alphabetic Index FY2025 (CDC/NCHS, public domain)": data / INDEX,
        "external cause index FY2025 (CDC/NCHS, public domain)": data / EXTERNAL_INDEX,
        "Table of Neoplasms FY2026 (CDC/NCHS, public domain)": data / NEOPLASMS,
        "Table of Drugs and Chemicals FY2026 (CDC/NCHS, public domain)": data / DRUGS,
        "Disease Ontology (CC0)": data / DISEASES,
        "own list (Apache-2.0)": OWN_TERMS,
    }
    hashes = {
        name: "sha256 " + hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in sources.items()
    }
    return {**hashes, "command": "python -m training.compile_terms DATA"}


if __name__ == "__main__":
    main()
