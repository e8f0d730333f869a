"""The engine's bars as a page moves them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.claim import Band, Profile
from clinical_coding.engine import EngineParts, Thresholds, code_batch
from clinical_coding.note import Note
from ui.engine import with_thresholds
from ui.samples import SAMPLES

NOTE = Note(text="Chest pain. Hypertension.", date_of_service=date(2026, 5, 1))


@given(st.floats(0, 1), st.floats(0, 1))
def test_no_code_is_below_the_review_bar_and_each_is_in_the_band_of_its_probability(
    parts: EngineParts, one: float, other: float
) -> None:
    bars = Thresholds(review=min(one, other), submit=max(one, other))
    (coding,) = code_batch([NOTE], with_thresholds(parts, Profile.CLAIM, bars), Profile.CLAIM)

    for diagnosis in coding.diagnoses:
        is_sure = diagnosis.probability >= bars.submit
        assert diagnosis.band is (Band.SUBMIT if is_sure else Band.REVIEW)


def test_the_bars_of_one_profile_leave_the_other_and_the_engine_as_they_are(
    parts: EngineParts,
) -> None:
    changed = with_thresholds(parts, Profile.CLAIM, Thresholds(review=0.1, submit=0.2))

    assert changed.ranking(Profile.MENTIONS) == parts.ranking(Profile.MENTIONS)
    assert parts.ranking(Profile.CLAIM).thresholds.review == 0.5


def test_every_sample_names_something_and_something_that_is_not_the_patients(
    parts: EngineParts,
) -> None:
    """So that a first look shows codes, evidence and what is left out."""
    for sample in SAMPLES.values():
        note = Note(text=sample.text, encounter_class=sample.encounter_class,
                    age_years=sample.age_years, sex=sample.sex, date_of_service=date(2026, 5, 1))  # fmt: skip
        (coding,) = code_batch([note], parts, Profile.CLAIM)
        assert coding.diagnoses
        assert coding.dropped
