"""Figures of an evaluation against counting by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Band, Coding, Diagnosis, Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.note import IcdCode, LabelledNote, Note, NoteId
from training.metrics import CodedNote, Tally, opened, report

CODES = ("E11.9", "I10", "M54", "M54.5", "M54.50", "M54.51", "R05.9")
CODE_SET = CodeSet(
    version="test",
    valid_from=date(2026, 4, 1),
    valid_until=date(2026, 9, 30),
    codes=tuple(map(IcdCode, CODES)),
    titles=CODES,
    chapters=bytes([4, 9, 13, 13, 13, 13, 18]),
    billable_flags=bytes([1, 1, 0, 0, 1, 1, 1]),
)


def coded(predicted: str, gold: str, *, submit: str = "", candidates: str = "") -> CodedNote:
    """A note; its codes are words of a text."""
    diagnoses = tuple(
        Diagnosis(
            code=IcdCode(code),
            description=code,
            rank=rank,
            probability=0.5,
            band=Band.SUBMIT if code in submit.split() else Band.REVIEW,
            first_listed=rank == 1,
            hcc=None,
            evidence=(),
            rules=(),
        )
        for rank, code in enumerate(predicted.split(), 1)
    )
    return CodedNote(
        labelled=LabelledNote(
            note_id=NoteId("note"),
            note=Note(text="", date_of_service=date(2026, 6, 1)),
            codes=tuple(map(IcdCode, gold.split())),
        ),
        coding=Coding(profile=Profile.CLAIM, code_set="test", diagnoses=diagnoses, dropped=()),
        candidates=tuple(map(IcdCode, candidates.split())),
    )


def test_figures_of_two_notes_are_those_counted_by_hand() -> None:
    """Three codes predicted, two right, four gold; one of two first codes right."""
    found = report(
        [
            coded("I10 R05.9", "I10 E11.9", submit="I10", candidates="I10 E11.9 R05.9"),
            coded("M54.51", "M54.50 M54.51", candidates="M54.51"),
        ],
        CODE_SET,
    )

    assert (found.notes, found.codes_a_note) == (2, 1.5)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 4)
    assert found.f1 == pytest.approx(4 / 7)
    assert found.macro_f1 == pytest.approx((1 + 0 + 0 + 0 + 1) / 5)
    assert found.f1_categories == pytest.approx(2 * 2 / (3 + 3))  # I10, R05, M54; I10, E11, M54
    assert found.submit_precision == 1
    assert found.submit_share == pytest.approx(1 / 3)
    assert found.first_listed == 0.5
    assert found.candidate_recall == pytest.approx(3 / 4)


def test_no_notes_have_figures_of_zero() -> None:
    assert report([], CODE_SET).f1 == 0


def test_a_gold_header_counts_as_found_by_a_code_below_it_in_the_open_figure_alone() -> None:
    """M54.5 was billable once and is a header today; the engine answers leaves only."""
    found = report([coded("M54.51", "M54.5")], CODE_SET)

    assert (found.f1, found.f1_headers_open) == (0, 1)


def test_two_codes_below_one_gold_header_are_one_hit() -> None:
    found = report([coded("M54.50 M54.51", "M54.5")], CODE_SET)

    assert found.f1_headers_open == pytest.approx(2 / 3)


@given(st.sets(st.sampled_from(CODES)), st.sets(st.sampled_from(CODES)))
def test_opening_headers_never_changes_how_many_codes_are_gold(
    gold: set[str], predicted: set[str]
) -> None:
    billable = {code for code in predicted if CODE_SET.is_billable(code)}

    assert len(opened(gold, billable, CODE_SET)) <= len(gold)
    assert {code for code in gold if CODE_SET.is_billable(code)} <= opened(gold, billable, CODE_SET)


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_f1_is_the_harmonic_mean(predicted: set[int], gold: set[int]) -> None:
    tally = Tally()
    tally.add({str(n) for n in predicted}, {str(n) for n in gold})

    if tally.hits:
        slow = 2 / (1 / tally.precision + 1 / tally.recall)
        assert tally.f1 == pytest.approx(slow)
    else:
        assert tally.f1 == 0
