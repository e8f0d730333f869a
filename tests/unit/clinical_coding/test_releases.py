"""Several releases at once: each note is coded with the one in force on its date of service."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from clinical_coding.claim import Coding, Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.engine import IN_FORCE_RULE, NOT_IN_FORCE, RETIRED, EngineParts, code_batch
from clinical_coding.note import IcdCode, Note
from clinical_coding.proposing import propose_batch, sources_of_release
from clinical_coding.titles import title_texts, title_vectors, vectors_beyond
from tests.fakes.engine_parts import HashingEncoder

SPRING, AUTUMN, LATER = date(2026, 5, 1), date(2026, 11, 1), date(2028, 1, 1)
NEW = (IcdCode("R07.83"), "Thoracic zirconium tingling")


@pytest.fixture(scope="module")
def next_year(code_set: CodeSet) -> CodeSet:
    """A made-up FY2027: R07.9 is gone, R06.02 is divided, R07.83 is new."""
    rows = {
        code: (title, chapter, flag)
        for code, title, chapter, flag in zip(
            code_set.codes, code_set.titles, code_set.chapters, code_set.billable_flags, strict=True
        )
    }
    del rows[IcdCode("R07.9")]
    rows[NEW[0]] = (NEW[1], 18, 1)
    rows[IcdCode("R06.02")] = ("Shortness of breath", 18, 0)
    rows[IcdCode("R06.020")] = ("Shortness of breath, unspecified", 18, 1)
    rows[IcdCode("R06.021")] = ("Shortness of breath, nocturnal", 18, 1)
    codes = sorted(rows)
    return replace(
        code_set,
        version="FY2027",
        valid_from=date(2026, 10, 1),
        valid_until=date(2027, 9, 30),
        codes=tuple(codes),
        titles=tuple(rows[code][0] for code in codes),
        chapters=bytes(rows[code][1] for code in codes),
        billable_flags=bytes(rows[code][2] for code in codes),
    )


@pytest.fixture(scope="module")
def both(parts: EngineParts, next_year: CodeSet) -> EngineParts:
    """The engine of the shipped release with the made-up one beside it."""
    titles = title_vectors(next_year, HashingEncoder().encode(title_texts(next_year)))
    return replace(parts, other_releases=(sources_of_release(next_year, titles, parts.sources),))


def _code(parts: EngineParts, text: str, *days: date) -> Sequence[Coding]:
    notes = [Note(text=text, date_of_service=day) for day in days]
    return code_batch(notes, parts, Profile.CLAIM)


def _codes(coding: Coding) -> set[str]:
    return {diagnosis.code for diagnosis in coding.diagnoses}


def test_a_note_is_coded_with_the_release_of_its_own_day(both: EngineParts) -> None:
    """In one batch, in order, whatever stands beside it."""
    autumn, spring = _code(both, "Shortness of breath.", AUTUMN, SPRING)

    assert (spring.code_set, _codes(spring)) == ("FY2026-April", {"R06.02"})
    assert (autumn.code_set, _codes(autumn)) == ("FY2027", {"R06.020"})
    assert spring.warnings == autumn.warnings == ()
    assert (autumn,) == _code(both, "Shortness of breath.", AUTUMN)


def test_a_code_that_is_gone_is_dropped_with_the_reason(both: EngineParts) -> None:
    (coding,) = _code(both, "Chest pain for 2 days.", AUTUMN)

    assert "R07.9" not in _codes(coding)
    assert ("R07.9", RETIRED, IN_FORCE_RULE) in [(d.code, d.reason, d.rule) for d in coding.dropped]


def test_a_code_that_is_new_is_proposed_by_its_title(both: EngineParts) -> None:
    """The terms do not know it: only likeness can propose it, and only in its own release."""
    note = Note(text="Thoracic zirconium tingling.", date_of_service=AUTUMN)

    proposed = [
        {
            candidate.code
            for candidate in propose_batch([note], sources, Profile.CLAIM)[0].candidates
        }
        for sources in (both.other_releases[0], both.sources)
    ]

    assert [NEW[0] in codes for codes in proposed] == [True, False]


def test_a_date_that_no_release_covers_marks_the_claim(both: EngineParts) -> None:
    """Codes of the release that the terms were made with, and the warning."""
    (coding,) = _code(both, "Shortness of breath.", LATER)

    assert (coding.code_set, _codes(coding)) == ("FY2026-April", {"R06.02"})
    assert coding.warnings == (NOT_IN_FORCE,)


def test_only_titles_that_are_new_are_encoded(code_set: CodeSet, next_year: CodeSet) -> None:
    """The vectors are the same as if all had been."""
    encoder, texts = HashingEncoder(), title_texts(next_year)
    known = encoder.encode(title_texts(code_set))
    encoder.asked.clear()

    vectors = vectors_beyond(code_set, known, texts, encoder.encode)

    assert sorted(encoder.asked) == ["Shortness of breath, nocturnal", NEW[1]]
    assert np.array_equal(vectors, encoder.encode(texts))
