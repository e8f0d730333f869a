"""Why a code is in or out: told truly of any code and note."""

from dataclasses import replace
from datetime import date
from math import exp, fsum

import pytest
from hypothesis import given, settings

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.explanation import Explanation, Source, explain, is_known, spelt
from clinical_coding.feature_words import FEATURE_WORDS
from clinical_coding.features import FEATURES
from clinical_coding.not_proposed import LostAt
from clinical_coding.note import IcdCode, Note
from clinical_coding.rules.trail import Effect
from tests.strategies import note_texts

DAY = date(2026, 5, 1)


def _explain(text: str, code: str, parts: EngineParts) -> Explanation:
    note = Note(text=text, date_of_service=DAY)
    return explain(note, IcdCode(code), parts, Profile.CLAIM)


def test_each_feature_of_the_ranker_has_words_for_a_coder_and_no_other() -> None:
    assert tuple(FEATURE_WORDS) == FEATURES


@pytest.mark.parametrize(
    ("typed", "code"),
    [("e1122", "E11.22"), ("E11.22", "E11.22"), (" i10 ", "I10"), ("s52501a", "S52.501A")],
)
def test_a_code_may_be_typed_in_small_letters_and_without_its_dot(typed: str, code: str) -> None:
    assert spelt(typed) == code


@settings(deadline=None, max_examples=20)
@given(text=note_texts)
def test_what_is_told_of_a_code_is_what_the_coding_says(text: str, parts: EngineParts) -> None:
    """Reported codes are in at their rank, left out ones are out for the reason of the coding."""
    (coding,) = code_batch([Note(text=text, date_of_service=DAY)], parts, Profile.CLAIM)

    for one in coding.diagnoses:
        told = _explain(text, one.code, parts)
        assert (told.rank, told.band, told.probability) == (one.rank, one.band, one.probability)
    for other in coding.dropped:
        told = _explain(text, other.code, parts)
        assert (told.rank, told.band) == (None, None)
        assert any(other.reason in effect.says for effect in told.rules)


def test_base_and_contributions_sum_to_the_raw_score_and_the_weightiest_come_first(
    parts: EngineParts,
) -> None:
    score = _explain("Chest pain for 2 days.", "R07.9", parts).score

    assert score is not None
    odds = score.base + fsum(one.adds for one in score.contributions)
    assert score.raw == pytest.approx(1 / (1 + exp(-odds)))
    assert [one.feature for one in score.contributions[:1]] == ["best_words"]
    assert len(score.contributions) == len(FEATURES)


def test_a_denied_code_is_told_with_the_words_that_deny_it(parts: EngineParts) -> None:
    told = _explain("Chest pain. Denies fever.", "R50.9", parts)

    assert told.rank is None
    assert [(lead.source, lead.words, lead.against) for lead in told.leads[:1]] == [
        (Source.PHRASE, "fever", "negated in the note")
    ]
    assert told.rules[-1].effect is Effect.REFUSED


def test_a_code_that_cannot_be_billed_is_told_with_its_leaves(parts: EngineParts) -> None:
    told = _explain("T2DM.", "E11", parts)

    assert told.lost is not None
    assert told.lost.lost_at is LostAt.BILLABLE
    assert {"E11.22", "E11.9"} <= set(told.lost.leaves)
    assert [other.code for other in told.lost.instead] == ["E11.9"]
    assert told.reported_below == ("E11.9",)


def test_a_leaf_that_the_words_did_not_choose_is_told_with_the_one_that_they_did(
    parts: EngineParts,
) -> None:
    told = _explain("Pain in left knee.", "M25.561", parts)

    assert told.lost is not None
    assert told.lost.lost_at is LostAt.LEAF
    assert "M25.562" in [other.code for other in told.lost.instead]


def test_a_code_that_nothing_in_the_note_leads_to_is_told_so(parts: EngineParts) -> None:
    told = _explain("Pain in left knee.", "C18.9", parts)

    assert told.lost is not None
    assert told.lost.lost_at is LostAt.READING
    assert (told.leads, told.score, told.rules) == ((), None, ())


def test_a_code_of_another_release_is_told_not_to_be_in_force(parts: EngineParts) -> None:
    """A release without I10 that begins a day later: on that day I10 is known and no code."""
    known = parts.code_set
    later = replace(
        known,
        version="later",
        valid_from=date(2026, 10, 1),
        valid_until=date(2027, 9, 30),
        codes=tuple(IcdCode("I10A") if code == "I10" else code for code in known.codes),
    )
    both = replace(parts, other_releases=(replace(parts.sources, code_set=later),))
    note = Note(text="Pain in left knee.", date_of_service=date(2026, 10, 2))

    told = explain(note, IcdCode("I10"), both, Profile.CLAIM)

    assert is_known("I10", both)
    assert told.lost is not None
    assert told.lost.lost_at is LostAt.RELEASE
    assert told.description == "Essential (primary) hypertension"


def test_a_code_that_no_release_has_is_not_known(parts: EngineParts) -> None:
    assert not is_known("E11.2X", parts)
