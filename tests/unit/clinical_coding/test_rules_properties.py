"""Laws of every claim, whatever the note: titles of any code, cues, headers, in any order."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.claim import Coding, Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.note import Note, Sex
from tests.strategies import note_texts

_CUES = (
    "Assessment:", "PMH:", "Family History:", "HPI:", "denies", "history of", "possible",
    "mother has", "with", "and", ",", ".", "\n", "s/p", "\U0001f600", "initial visit", "follow up",
)  # fmt: skip
# What rules turn on, far more often than titles drawn by chance would have it.
_RULED = (
    "hypertension", "heart failure", "CKD stage 4", "ESRD", "type 2 diabetes", "type 1 diabetes",
    "retinopathy", "neuropathy", "insulin", "fell from ladder", "fall", "left ankle sprain",
    "playing soccer", "CAD", "unstable angina", "COPD", "pneumonia", "cough", "breast cancer",
    "resected", "BMI 40", "morbid obesity", "right knee pain", "pregnancy", "newborn",
)  # fmt: skip


@pytest.fixture(scope="module")
def titles(code_set: CodeSet) -> Sequence[str]:
    """The title of every code that can be billed."""
    return [title for _, title in code_set.billable()]


notes_of_places = st.lists(
    st.integers(0, 10**6) | st.sampled_from(_CUES) | st.sampled_from(_RULED),
    min_size=4,
    max_size=30,
)


def _text(pieces: Sequence[int | str], titles: Sequence[str]) -> str:
    return " ".join(p if isinstance(p, str) else titles[p % len(titles)] for p in pieces)


def _hold(coding: Coding, note: Note, parts: EngineParts) -> None:
    codes = [diagnosis.code for diagnosis in coding.diagnoses]
    assert [d.rank for d in coding.diagnoses] == list(range(1, len(codes) + 1))
    assert len(codes) == len(set(codes))
    assert all(parts.code_set.is_billable(code) for code in codes)
    for diagnosis in coding.diagnoses:
        assert diagnosis.evidence
        assert 0 <= diagnosis.probability <= 1
        assert all(0 <= e.start < e.end <= len(note.text) for e in diagnosis.evidence)
        assert all(note.text[e.start : e.end].strip() for e in diagnosis.evidence)
    assert not set(codes) & {drop.code for drop in coding.dropped}


@settings(deadline=None, max_examples=150)
@given(
    pieces=notes_of_places,
    place=st.sampled_from(["AMB", "EMER", "IMP"]),
    sex=st.sampled_from(Sex),
    age=st.none() | st.integers(0, 110),
)
def test_every_claim_can_be_submitted(
    pieces: Sequence[int | str],
    place: str,
    sex: Sex,
    age: int | None,
    parts: EngineParts,
    titles: Sequence[str],
) -> None:
    """Billable codes with evidence, as many as fit, ranked, an external cause never first.

    No two of them exclude one another, and each suits the patient.
    """
    note = Note(
        text=_text(pieces, titles), encounter_class=place, date_of_service=date(2026, 5, 1),
        sex=sex, age_years=age,
    )  # fmt: skip
    (coding,) = code_batch([note], parts, Profile.CLAIM)

    _hold(coding, note, parts)
    assert len(coding.diagnoses) <= (25 if note.is_inpatient else 12)
    assert [d.rank for d in coding.diagnoses if d.first_listed] in ([], [1])
    assert not any(d.code.startswith(tuple("VWXY")) for d in coding.diagnoses[:1])
    release = parts.code_set
    codes = [diagnosis.code for diagnosis in coding.diagnoses]
    assert not [(a, b) for a, b in combinations(codes, 2) if release.excludes1(a, b)]
    assert not any(release.edits(code).manifestation for code in codes[:1])
    assert all(release.edits(code).suits_sex(sex) for code in codes)
    assert all(release.edits(code).suits_age(age) for code in codes)


@settings(deadline=None, max_examples=50)
@given(text=note_texts)
def test_both_profiles_report_only_billable_codes_with_evidence(
    text: str, parts: EngineParts
) -> None:
    note = Note(text=text, date_of_service=date(2026, 5, 1))
    for profile in Profile:
        (coding,) = code_batch([note], parts, profile)

        _hold(coding, note, parts)
