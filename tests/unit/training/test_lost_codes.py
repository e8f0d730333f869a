"""Each gold code that is not reported was lost by one step."""

from hypothesis import given
from hypothesis import strategies as st

from tests.coded import CODE_SET, CODES, coded
from training.coded_notes import CodedNote
from training.lost_codes import Fate, Fates, fates


def told(note: CodedNote) -> list[tuple[Fate, str]]:
    return list(fates(note, CODE_SET))


def test_a_code_that_nothing_proposed_is_not_a_candidate() -> None:
    assert told(coded("I10", "E11.9", candidates="I10")) == [(Fate.NOT_A_CANDIDATE, "")]


def test_a_candidate_without_words_that_count_was_refused_by_assertion() -> None:
    note = coded("", "E11.9", candidates="E11.9", refused="E11.9")

    assert told(note) == [(Fate.REFUSED, "denied")]


def test_a_candidate_that_a_rule_took_is_told_with_the_rule() -> None:
    """Though a sibling stands: the rule is why this one does not."""
    note = coded("M54.51", "M54.50", candidates="M54.50 M54.51", dropped="M54.50")

    assert told(note) == [(Fate.DROPPED, "I.B.2 a rule")]


def test_a_candidate_whose_sibling_is_reported_wrongly_lost_to_it() -> None:
    assert told(coded("M54.51", "M54.50", candidates="M54.51 M54.50")) == [(Fate.SIBLING, "")]


def test_a_sibling_that_is_gold_too_took_nothing() -> None:
    note = coded("M54.51", "M54.50 M54.51", candidates="M54.51 M54.50")

    assert told(note) == [(Fate.RANKED_LOW, ""), (Fate.REPORTED, "")]


def test_a_gold_header_shares_the_fate_of_the_likeliest_candidate_below_it() -> None:
    found = coded("M54.50", "M54.5", candidates="M54.50")
    refused = coded("", "M54.5", candidates="M54.51 M54.50", refused="M54.51")

    assert told(found) == [(Fate.REPORTED, "")]
    assert told(refused) == [(Fate.REFUSED, "denied")]


SOME = st.sets(st.sampled_from([c for c in CODES if CODE_SET.is_billable(c)])).map(" ".join)


@given(SOME, st.sets(st.sampled_from(CODES), min_size=1).map(" ".join), SOME, SOME, SOME)
def test_every_gold_code_has_one_fate(
    reported: str, gold: str, candidates: str, refused: str, dropped: str
) -> None:
    note = coded(reported, gold, candidates=candidates, refused=refused, dropped=dropped)
    found = Fates()
    found.add(note, CODE_SET)

    assert found.counts.total() == len(gold.split())
    assert abs(sum(found.shares().values()) - 1) < 1e-9
