"""The features of all pairs of a note at once, against the plain way."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts
from clinical_coding.features import FEATURES, feature_matrix
from clinical_coding.learnt_features import NAMES
from clinical_coding.note import Note, Sex
from clinical_coding.proposing import propose_batch
from producers.synthetic import encounters
from tests.fakes.plain_features import plain_features
from tests.strategies import note_texts

OWN = len(FEATURES) - len(NAMES)
notes = st.builds(
    Note,
    text=note_texts,
    date_of_service=st.just(date(2026, 5, 1)),
    age_years=st.none() | st.integers(0, 100),
    sex=st.sampled_from(Sex),
    encounter_class=st.sampled_from(["AMB", "EMER", "IMP"]),
)


def _hold_what_the_plain_way_gives(note: Note, parts: EngineParts) -> None:
    (proposal,) = propose_batch([note], parts.sources, Profile.CLAIM)
    found = feature_matrix(proposal, parts.sources)
    plain = plain_features(proposal, parts.sources).reshape(len(proposal.candidates), OWN)

    assert found.shape == (len(proposal.candidates), len(FEATURES))
    np.testing.assert_allclose(found[:, :OWN], plain, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(note=notes)
def test_columns_hold_what_one_pair_after_the_other_gives(note: Note, parts: EngineParts) -> None:
    _hold_what_the_plain_way_gives(note, parts)


@pytest.mark.parametrize("seed", range(3))
def test_they_do_so_for_whole_notes(seed: int, parts: EngineParts) -> None:
    for note in encounters(8, seed):
        _hold_what_the_plain_way_gives(note.event.note(), parts)
