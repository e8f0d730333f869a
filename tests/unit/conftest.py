"""The shipped code set and terms, and an engine around them that needs no model."""

import pytest

from clinical_coding.claim import Profile
from clinical_coding.code_set import CodeSet
from clinical_coding.engine import EngineParts, Ranking, Thresholds
from clinical_coding.proposing import CandidateSources
from clinical_coding.term_table import TermTable
from clinical_coding.titles import title_texts, title_vectors
from runtime.code_set_files import load_code_set
from runtime.term_table_files import load_term_table
from tests.fakes.engine_parts import HashingEncoder, NamedRanker


@pytest.fixture(scope="session")
def code_set() -> CodeSet:
    """The release that the product ships."""
    return load_code_set()


@pytest.fixture(scope="session")
def terms(code_set: CodeSet) -> TermTable:
    """The terms that the product ships."""
    return load_term_table(code_set.version)


@pytest.fixture(scope="session")
def parts(code_set: CodeSet, terms: TermTable) -> EngineParts:
    """An engine of the shipped code set and terms, a hashing encoder and a plain ranker."""
    encoder = HashingEncoder()
    ranking = Ranking(ranker=NamedRanker(), thresholds=Thresholds(submit=0.92, review=0.5))
    return EngineParts(
        sources=CandidateSources(
            code_set=code_set,
            terms=terms,
            encoder=encoder,
            titles=title_vectors(code_set, encoder.encode(title_texts(code_set))),
        ),
        rankings=dict.fromkeys(Profile, ranking),
    )
