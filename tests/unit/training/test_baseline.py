"""The classic way that the engine is compared with."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

import numpy as np

from clinical_coding.arrays import Vectors
from clinical_coding.note import Sex
from runtime.progress import silent
from tests.coded import labelled
from training.baseline import coded_by_baseline, counts_of, fit_baseline, frequent_codes


class LengthEncoder:
    """Meets NoteEncoder: a note is how long it is."""

    def encode_first_token(self, texts: Sequence[str]) -> Vectors:
        """One number for each text."""
        return np.array([[len(text)] for text in texts], np.float32)


def test_seven_features_are_counted_from_the_note() -> None:
    """Two symptoms, one body part twice, one word of severity, one medical term, of eight words."""
    note = replace(
        labelled("", "Severe knee pain, pain. Knee fracture after fall").note,
        age_years=61,
        sex=Sex.FEMALE,
    )

    assert counts_of(note) == (61, 8, 2, 2, 1, 1, 1)


def test_an_unknown_age_or_sex_is_not_a_number() -> None:
    found = counts_of(labelled("").note)

    assert isnan(found[0])
    assert isnan(found[-1])


def test_the_codes_of_most_notes_are_its_labels() -> None:
    notes = [labelled("I10 R05.9"), labelled("I10 I10"), labelled("E11.9")]

    assert frequent_codes(notes) == ["I10", "E11.9", "R05.9"]


def test_it_reports_what_reaches_one_half_of_the_codes_that_it_was_fitted_on() -> None:
    """Long notes have one code, short notes another."""
    notes = [labelled("I10", "fever " * 30), labelled("E11.9", "ill")] * 40
    baseline = fit_baseline(notes, LengthEncoder(), 1, silent)

    long, short = coded_by_baseline(notes[:2], baseline, silent)

    assert list(long.reported) == ["I10"]
    assert list(short.reported) == ["E11.9"]
    assert list(long.candidates) == ["I10", "E11.9"]
    assert all(score == long.candidates[code] for code, score in long.reported.items())
