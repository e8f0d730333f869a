"""The rules of the guidelines through the whole engine, as the shipped bundle runs it."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import code_batch
from clinical_coding.note import Note, Sex
from clinical_coding.rules.profiles import CLAIM_RULES
from runtime.model_bundle import ModelBundle, load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings

ROWS = json.loads((Path(__file__).parents[1] / "golden" / "rules.json").read_text())
# What no note brings about: leaves are complete, a manifestation has its cause. See the unit tests.
_IN_UNIT_TESTS_ONLY = {
    "complete_codes_only",
    "manifestation_with_its_cause",
}


@pytest.fixture(scope="module")
def bundle(own_folders: FolderSettings) -> ModelBundle:
    """The shipped bundle; its title vectors are computed once a machine."""
    return load_bundle(ModelSettings(), own_folders, silent)


def _coding(row: Mapping[str, object], bundle: ModelBundle) -> Coding:
    age = row.get("age")
    note = Note(
        text=str(row["text"]),
        encounter_class=str(row.get("encounter_class", "AMB")),
        date_of_service=date(2026, 6, 1),
        age_years=age if isinstance(age, int) else None,
        sex=Sex(str(row.get("sex", "unknown"))),
    )
    (coding,) = code_batch([note], bundle.parts, Profile.CLAIM)
    return coding


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['rule']}: {row['text']}")
def test_a_golden_note_gets_its_codes_in_order_and_none_that_a_rule_forbids(
    bundle: ModelBundle, row: Mapping[str, list[str]]
) -> None:
    found = [diagnosis.code for diagnosis in _coding(row, bundle).diagnoses]

    assert [code for code in found if code in row["codes"]] == row["codes"], found
    assert not set(found) & set(row["never"])
    assert not (row.get("only") and found)


def test_every_rule_has_a_note_that_it_applies_to_and_one_that_it_leaves_alone() -> None:
    told = {(row["rule"], row["applies"]) for row in ROWS}
    rules = {rule.__name__ for rule in CLAIM_RULES} - _IN_UNIT_TESTS_ONLY

    assert not {(rule, applies) for rule in rules for applies in (True, False)} - told
