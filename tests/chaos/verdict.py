"""Whether a run kept the promise: every acknowledged note one current claim or one dead letter."""

import statistics
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from consumers.lake import claim_ids, open_lake
from consumers.reconcile import Reconciliation, reconcile_now
from runtime import kafka_topics
from runtime.progress import silent
from runtime.registry import Registry
from schemas.topics import topics
from tests.chaos.stack import GROUP, Stack
from tests.chaos.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Counts of notes by id, and seconds to recover.

    ``missing`` have no outcome, or a claim that is not in the lake; ``doubled`` have more than one
    claim, a claim and a dead letter, or two current claims in the lake.
    """

    missing: int
    doubled: int
    dead_lettered: int
    recovered_s: Sequence[float]

    @property
    def is_kept(self) -> bool:
        """Nothing missing, nothing doubled."""
        return not (self.missing or self.doubled)

    def line(self) -> str:
        """The one line that a run ends with."""
        p50, longest = (
            (statistics.median(self.recovered_s), max(self.recovered_s))
            if self.recovered_s
            else (0.0, 0.0)
        )
        return (
            f"missing {self.missing} doubled {self.doubled} dead-lettered {self.dead_lettered} "
            f"recovered p50 {p50:.1f} s max {longest:.1f} s"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Records that say again what an earlier one said, by topic; every reader of ours drops them."""

    notes: int
    claims: int
    landed: int


def reconciled(stack: Stack) -> Reconciliation:
    """The product's own reconciliation of topics and lake. Raises UnavailableError."""
    with closing(Registry(stack.registry)) as schemas:
        return reconcile_now(stack.kafka, GROUP, schemas, lambda: claim_ids(stack.landing), silent)


def doubled_in_lake(stack: Stack) -> int:
    """Notes with more than one current claim in the lake."""
    with open_lake(stack.landing).connection() as duck:
        (count,) = duck.execute(
            "SELECT count(*) FROM (SELECT note_id FROM current_claims GROUP BY 1 HAVING count(*) > 1)"
        ).fetchone() or (0,)
    return int(count)


def repeats(stack: Stack, found: Reconciliation) -> Repeats:
    """How many repeats the topics and the lake hold."""
    marks = kafka_topics.counts(stack.kafka, topics().notes.name)
    notes = sum(end for _, end in marks.values()) - found.notes
    rows = open_lake(stack.landing).claims.count_rows()
    return Repeats(
        notes=notes, claims=found.repeats - notes, landed=rows - len(claim_ids(stack.landing))
    )


def judged(
    acknowledged: int,
    tally: Tally,
    found: Reconciliation,
    in_lake: int,
    recovered_s: Sequence[float],
) -> Verdict:
    """The verdict by the ids that the producer was acknowledged, held against the reconciliation.

    Each of the two may see what the other does not: the reconciliation begins at the note topic,
    which may itself have lost a note.
    """
    lost = sum(not tally.has_outcome(number) for number in range(acknowledged))
    both = len(tally.dead_letters & tally.claims.keys())
    several = sum(len(ids) > 1 for ids in tally.claims.values())
    return Verdict(
        missing=max(lost, found.missing + found.in_flight) + (found.not_landed or 0),
        doubled=max(several, found.doubled) + both + in_lake,
        dead_lettered=len(tally.dead_letters),
        recovered_s=recovered_s,
    )
