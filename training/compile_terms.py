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

from clinical_coding.code_set import CodeSet
from clinical_coding.leaves import Context, choose_leaf, plain_text
from clinical_coding.note import IcdCode
from clinical_coding.term_table import Term, TermKind, build_term_table
from clinical_coding.words import content_words
from runtime.code_set_files import SHIPPED_CODE_SET, load_code_set
from runtime.term_table_files import SHIPPED_TERMS, save_term_table
from training.alphabetic_index import index_terms
from training.neoplasm_terms import neoplasm_terms
from training.raw_terms import RawTerm
from training.tabular_terms import tabular_terms

OWN_TERMS = Path(__file__).parent / "own_terms.tsv"
INDEX = "icd10cm/fy2025_Index.csv.gz"
EXTERNAL_INDEX = "icd10cm/fy2025_ExternalIndex.csv.gz"
NEOPLASMS = "icd10cm/fy2026_neoplasm.xml.gz"
DISEASES = "lexicon/doid_icd10cm.json.gz"

MAX_CODES = 12  # a phrase that names more says next to nothing
_NOTHING_SAID = Context(words=frozenset())
_MAX_ACRONYM = 5  # letters
_MIN_ACRONYM = 3
# What heads half the index, or is on every note, and alone names nothing; phrases by "|".
_TOO_GENERAL = frozenset(
    tuple(sorted(content_words(phrase)))
    for phrase in [
        "disease",
        "syndrome",
        "condition",
        "disorder",
        "complication",
        "other",
        "encounter",
        "examination",
        "history",
        "status",
        "problem",
        "type",
        "site",
        "abnormal",
        "abnormality",
        "anomaly",
        "change",
        "effect",
        "event",
        "exposure",
        "failure",
        "finding",
        "lack",
        "loss",
        "new",
        "part",
        "person",
        "place",
        "position",
        "present",
        "pressure",
        "prior",
        "procedure",
        "result",
        "screen",
        "screening",
        "sign",
        "state",
        "symptom",
        "system",
        "test",
        "treatment",
        "use",
        "assessment",
        "admission",
        "observation",
        "care",
        "counseling",
        "follow",
        "consultation",
        "evaluation",
        "therapy",
        "surgery",
        "operation",
        "service",
        "education",
        "exercise",
        "activity",
        "accident",
        "contact",
        "object",
        "struck",
        "car",
        "left",
        "right",
        "upper",
        "lower",
        "acute",
        "chronic",
        "positive",
        "negative",
        "low",
        "high",
        "house",
        "home",
        "street",
        "work",
        "school",
        "hospital",
        "room",
        "kitchen",
        "bathroom",
        "bedroom",
        "garden",
        "building",
        "walk",
        "walking",
        "running",
        "sitting",
        "standing",
        "sleep",
        "sleeping",
        "reading",
        "writing",
        "food",
        "water",
        "cold",
        "heat",
        "air",
        "ice",
        "snow",
        "light",
        "noise",
        "fire",
        "human",
        "animal",
        "dog",
        "cat",
        "bed",
        "chair",
        "table",
        "nerve",
        "nervous",
        "scale",
        "old",
        "gas",
        "presence",
        "blood",
        "discharge",
        "growth",
        "injured",
        "collision",
        "storm",
        "transient",
        "arrest",
        "score",
        "donor",
        "carrier",
        "abuse",
        "neglect",
        "explosion",
        "blast",
        "breakdown",
        "displacement",
        "malfunction",
        "anesthesia",
        "anesthetic",
        "may",
        "concern",
        "concerned",
        "fit",
        "reflex",
        "dye",
        "reaching",
        "twisting",
        "sick",
        "axis",
        "pathology",
        "illness",
        "follow up",
        "followup",
        "laboratory test",
        "surgical procedure",
        "drug use",
        "mental illness",
        "death",
        "physical examination",
        "medical examination",
        "allergies",
        "allergy",
        "adverse effect",
        "injection",
        "transplant",
        "testing",
        "pattern",
        "children",
        "infant",
        "newborn",
    ]
)
_MIN_LETTERS = 3  # of a single word; our own list alone knows which shorter ones are safe
_OWN = frozenset({TermKind.ABBREVIATION, TermKind.LAY})


def raw_terms(code_set: CodeSet, data: Path) -> Iterator[RawTerm]:
    """Every phrase of every source; where two name one code, the earlier source's kind stays."""
    yield from own_terms(OWN_TERMS)
    yield from tabular_terms(code_set)
    yield from index_terms(data / INDEX)
    yield from neoplasm_terms(data / NEOPLASMS)
    yield from index_terms(data / EXTERNAL_INDEX)
    yield from _disease_terms(data / DISEASES)


def own_terms(path: Path) -> Iterator[RawTerm]:
    """The project's own list."""
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            phrase, code, kind = line.split("\t")
            yield RawTerm(phrase, code, TermKind(kind))


def checked(terms: Iterable[RawTerm], code_set: CodeSet) -> Iterator[tuple[str, Term]]:
    """Terms whose code is in the code set, and whose phrase names something."""
    for term in terms:
        code = IcdCode(term.code.rstrip(" -").rstrip("."))
        words = tuple(sorted(content_words(term.phrase)))
        short = len(words) == 1 and len(words[0]) < _MIN_LETTERS and term.kind not in _OWN
        if code in code_set and not short and words not in _TOO_GENERAL:
            yield term.phrase, Term(code=code, kind=_kind(term))


def one_code_for_a_subtree(
    terms: Iterable[tuple[str, Term]], code_set: CodeSet
) -> Iterator[tuple[str, Term]]:
    """Terms without those that say less than another code of the same phrase.

    A header and the leaf that it defaults to are one reading: the header stays, since from there
    the note's words can choose. What our own list says of a phrase replaces what others say. A
    phrase of more than MAX_CODES codes is left out.
    """
    phrases: dict[tuple[str, ...], dict[IcdCode, tuple[str, Term]]] = {}
    for phrase, term in terms:
        words = tuple(sorted(content_words(phrase)))
        phrases.setdefault(words, {}).setdefault(term.code, (phrase, term))
    for named in phrases.values():
        own = {code for code, (_, term) in named.items() if term.kind in _OWN}
        codes = own or {code for code in named if not _implied(code, named, code_set)}
        kept = [term for code, term in named.items() if code in codes]
        if len(kept) <= MAX_CODES:
            yield from kept


def _implied(code: IcdCode, others: Iterable[IcdCode], code_set: CodeSet) -> bool:
    """Whether a header among the others leads to the same leaf when nothing more is said."""
    leaf = choose_leaf(code_set, code, _NOTHING_SAID)
    above = (other for other in others if other != code and code.startswith(other))
    return any(choose_leaf(code_set, other, _NOTHING_SAID) == leaf for other in above)


def _kind(term: RawTerm) -> TermKind:
    """Acronyms of any source are met only in capitals."""
    letters = term.phrase
    short = _MIN_ACRONYM <= len(letters) <= _MAX_ACRONYM and letters.isalpha()
    if term.kind in _OWN or not (short and letters.isupper()):
        return term.kind
    return TermKind.ACRONYM


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
