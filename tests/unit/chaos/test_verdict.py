"""What counts as missing, doubled and recovered after a run of faults."""

from dataclasses import replace
from pathlib import Path

import pytest

from consumers.reconcile import Reconciliation
from tests.chaos.notes import encounter_of, notes_of
from tests.chaos.plan import Fault, Kind, Plan, Target
from tests.chaos.producer import acknowledged
from tests.chaos.recovery import Reached, goal_of
from tests.chaos.tally import Tally
from tests.chaos.verdict import Verdict, judged
from tests.claims import claim_event
from tests.reconciliations import complete

NOTES = 4
COMPLETE = complete(NOTES)
PLAN = Plan(
    seed=1,
    notes=200,
    faults=(Fault(kind=Kind.RAISES, target=Target.MODEL, at_note=3, for_s=0, which=0),),
)


def _claimed(*numbers: int) -> Tally:
    tally = Tally()
    for number in numbers:
        claim = claim_event(f"note-{number}")
        tally.claim(replace(claim, encounter_id=encounter_of(number)))
    return tally


def _verdict(tally: Tally, found: Reconciliation = COMPLETE, in_lake: int = 0) -> Verdict:
    return judged(NOTES, tally, found, in_lake, [2.0, 1.0, 9.0])


def test_a_run_with_an_outcome_for_every_note_keeps_the_promise() -> None:
    tally = _claimed(0, 1, 2)
    tally.dead_letter(next(notes_of(PLAN, 3)))
    verdict = _verdict(tally)

    assert verdict.is_kept
    assert verdict.line() == "missing 0 doubled 0 dead-lettered 1 recovered p50 2.0 s max 9.0 s"


def test_an_acknowledged_note_that_the_topic_has_lost_is_missing() -> None:
    """The reconciliation begins at the topic and cannot know of it."""
    assert _verdict(_claimed(0, 1, 3)).missing == 1


@pytest.mark.parametrize(
    "found",
    [
        replace(COMPLETE, missing=1),
        replace(COMPLETE, in_flight=1),
        replace(COMPLETE, not_landed=1),
    ],
)
def test_what_the_reconciliation_misses_is_missing(found: Reconciliation) -> None:
    """In flight, too: the run has waited until nothing moved."""
    assert _verdict(_claimed(0, 1, 2, 3), found).missing == 1


def test_a_note_is_doubled_by_two_claims_by_a_dead_letter_beside_one_or_in_the_lake() -> None:
    two = _claimed(0, 1, 2, 3)
    two.claim(replace(claim_event("note-1"), event_id="another"))
    both = _claimed(0, 1, 2, 3)
    both.dead_letter(next(notes_of(PLAN, 1)))

    assert _verdict(two).doubled == 1
    assert _verdict(both).doubled == 1
    assert _verdict(_claimed(0, 1, 2, 3), in_lake=1).doubled == 1


def test_the_same_claim_again_is_no_second_one() -> None:
    assert _verdict(_claimed(0, 1, 1, 2, 3)).doubled == 0


def test_an_encounters_later_note_claimed_first_is_out_of_order() -> None:
    late, early = 97, 0

    assert encounter_of(late) == encounter_of(early)
    assert _claimed(early, late, early).disordered == 0
    assert _claimed(late, early).disordered == 1


def test_notes_are_settled_up_to_the_first_one_without_an_outcome() -> None:
    assert _claimed(0, 1, 3).settled == 2


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        (Target.WORKER, Reached(60, 40, 30), Reached(41, 41, 0)),
        (Target.BROKER, Reached(60, 40, 30), Reached(41, 41, 0)),
        (Target.LANDING, Reached(60, 60, 30), Reached(40, 40, 31)),
        (Target.PRODUCER, Reached(40, 60, 60), Reached(41, 35, 20)),
        (Target.DISK, Reached(60, 41, 30), Reached(41, 41, 31)),
    ],
)
def test_recovered_is_what_waited_and_one_more(
    target: Target, before: Reached, after: Reached
) -> None:
    """40 notes were acknowledged and 30 claims sent when the fault was over."""
    goal = goal_of(target, Reached(40, 35, 20), claims=30)

    assert not before.is_past(goal)
    assert after.is_past(goal)


def test_the_notes_of_a_plan_go_on_where_they_were_left() -> None:
    """A producer that starts again publishes the very notes that it would have."""
    assert list(notes_of(PLAN, 150)) == list(notes_of(PLAN, 0))[150:]


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("20\n", 20), ("20\n40\n", 40), ("20\n40\n6", 40), ("2", 0)]
)
def test_a_half_written_line_of_the_journal_acknowledges_nothing(
    text: str, count: int, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    journal.write_text(text)

    assert acknowledged(journal) == count
