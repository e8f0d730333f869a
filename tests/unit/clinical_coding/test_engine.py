"""Notes in, codings out, with a plain ranker in place of the fitted one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.claim import Assertion, Band, Coding, Profile
from clinical_coding.engine import EngineParts, SentenceEncoder, code_batch
from clinical_coding.features import FEATURES, candidate_features
from clinical_coding.note import Note, Sex
from clinical_coding.similar import MAX_CLAUSES
from tests.fakes.engine_parts import HashingEncoder
from tests.strategies import any_text, note_texts

DAY = date(2026, 5, 1)
PLAIN = "Chest pain and shortness of breath for 2 days. Denies fever."


def _note(text: str) -> Note:
    return Note(text=text, date_of_service=DAY)


def _code(text: str, parts: EngineParts, profile: Profile = Profile.CLAIM) -> Coding:
    (coding,) = code_batch([_note(text)], parts, profile)
    return coding


def _encoding(parts: EngineParts, encoder: SentenceEncoder) -> EngineParts:
    return replace(parts, sources=replace(parts.sources, encoder=encoder))


def _marked(text: str, coding: Coding) -> dict[str, list[str]]:
    return {d.code: [text[e.start : e.end] for e in d.evidence] for d in coding.diagnoses}


def test_a_note_without_headers_gets_its_codes_with_their_words_and_no_denied_one(
    parts: EngineParts,
) -> None:
    coding = _code(PLAIN, parts)

    assert _marked(PLAIN, coding) == {"R07.9": ["Chest pain"], "R06.02": ["shortness of breath"]}
    assert ("R50.9", "negated in the note") in [(d.code, d.reason) for d in coding.dropped]
    assert [d.rank for d in coding.diagnoses] == [1, 2]
    assert [d.first_listed for d in coding.diagnoses] == [True, False]


@settings(deadline=None, max_examples=25)
@given(texts=st.lists(note_texts, min_size=1, max_size=4))
def test_a_note_is_coded_alike_alone_and_in_any_batch(
    texts: Sequence[str], parts: EngineParts
) -> None:
    """To the last bit: neither features nor codings know what stands beside a note."""
    notes = [_note(text) for text in texts]
    together = candidate_features(notes, parts.sources, Profile.CLAIM)
    alone = [candidate_features([note], parts.sources, Profile.CLAIM)[0] for note in notes]

    assert code_batch(notes, parts, Profile.CLAIM) == tuple(_code(t, parts) for t in texts)
    for one, other in zip(together, alone, strict=True):
        assert one.codes == other.codes
        assert np.array_equal(one.matrix, other.matrix, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(text=note_texts)
def test_evidence_is_within_the_note_and_every_code_billable(text: str, parts: EngineParts) -> None:
    """Whatever characters the note holds; no span, no code."""
    for profile in Profile:
        for diagnosis in _code(text, parts, profile).diagnoses:
            assert parts.code_set.is_billable(diagnosis.code)
            assert diagnosis.evidence
            assert all(0 <= e.start < e.end <= len(text) for e in diagnosis.evidence)
            assert not any(e.assertion is Assertion.ABSENT for e in diagnosis.evidence)


@settings(deadline=None, max_examples=30)
@given(before=any_text)
def test_what_stands_before_moves_the_evidence_and_changes_nothing_else(
    before: str, parts: EngineParts
) -> None:
    """Emoji, accents, other scripts and line breaks count as the characters that they are."""
    text = f"{before}\n\nAssessment:\r\nHypertension."
    spans = [e for d in _code(text, parts).diagnoses if d.code == "I10" for e in d.evidence]

    assert [text[e.start : e.end] for e in spans] == ["Hypertension"]
    assert spans[0].section == "assessment"


@pytest.mark.parametrize(
    "text", ["", "   \r\n", "\x00\x00", "\ud800", "\U0001f600" * 50, "\u202e\u05d0", "12 34."]
)
def test_a_note_without_findings_gets_no_codes(text: str, parts: EngineParts) -> None:
    assert _code(text, parts).diagnoses == ()


def test_a_very_long_note_is_coded_with_bounded_work_and_says_so(parts: EngineParts) -> None:
    """200 KB: as many clauses are encoded as one note may have, and a warning tells of the rest."""
    encoder = HashingEncoder()
    text = "".join(f"Day {n}: renal lesion {n} seen, course stable x{n}. " for n in range(4000))
    coding = _code(f"{text}\nAssessment: Hypertension.", _encoding(parts, encoder))

    assert len(encoder.asked) == MAX_CLAUSES
    assert "semantic-search-limited" in coding.warnings
    assert "I10" in [d.code for d in coding.diagnoses]
    assert len(coding.diagnoses) <= 12


def test_denied_findings_medications_and_repeats_are_not_encoded(parts: EngineParts) -> None:
    encoder = HashingEncoder()
    text = "Odd tingling lesion of hand. Odd tingling lesion of hand. No odd renal lesion.\nMeds: odd drug"
    _code(text, _encoding(parts, encoder))

    assert encoder.asked == ["Odd tingling lesion of hand"]


@pytest.mark.parametrize(("day", "warned"), [(date(2026, 4, 1), False), (date(2026, 10, 1), True)])
def test_a_date_outside_the_release_is_never_passed_over_in_silence(
    day: date, parts: EngineParts, *, warned: bool
) -> None:
    (coding,) = code_batch([Note(text=PLAIN, date_of_service=day)], parts, Profile.CLAIM)

    assert ("code-set-not-in-force" in coding.warnings) is warned
    assert coding.code_set == parts.code_set.version


def test_bands_follow_the_bars(parts: EngineParts) -> None:
    coding = _code(PLAIN, parts)

    assert all((d.band is Band.SUBMIT) is (d.probability >= 0.92) for d in coding.diagnoses)


def test_the_patients_sex_chooses_between_leaves_that_differ_in_it(parts: EngineParts) -> None:
    note = Note(text="Left breast cancer.", date_of_service=DAY, sex=Sex.MALE)
    (coding,) = code_batch([note], parts, Profile.CLAIM)

    assert [d.code for d in coding.diagnoses] == ["C50.922"]


def test_mentions_hold_what_a_claim_leaves_out(parts: EngineParts) -> None:
    """Past and possible conditions are documented, though an outpatient claim does not report them."""
    text = "Possible pneumonia. History of appendicitis."

    assert _code(text, parts).diagnoses == ()
    assert {d.code for d in _code(text, parts, Profile.MENTIONS).diagnoses} == {"J18.9", "K37"}


def test_features_have_a_column_for_each_name(parts: EngineParts) -> None:
    (found,) = candidate_features([_note(PLAIN)], parts.sources, Profile.CLAIM)

    assert found.matrix.shape == (len(found.codes), len(FEATURES))
    assert len(set(FEATURES)) == len(FEATURES)
    assert found.codes == tuple(sorted(found.codes))
