"""When the pipeline has recovered from a fault: what waited is through, and work goes on."""

from dataclasses import dataclass

from tests.chaos.plan import Fault, Target


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a run is: notes that are acknowledged, notes that have an outcome, claims in the lake.

    Notes are counted from the first on, up to the first gap.
    """

    acknowledged: int
    settled: int
    landed: int

    def is_past(self, goal: "Reached") -> bool:
        """Whether nothing of the goal is left."""
        return (
            self.acknowledged >= goal.acknowledged
            and self.settled >= goal.settled
            and self.landed >= goal.landed
        )


@dataclass(slots=True, kw_only=True)
class Happening:
    """A fault that has begun; times in seconds since the run began.

    It happens to ``name``, and is not over before that process has ended ``ends`` times. ``goal``
    is known once it is over; recovery is counted from then.
    """

    fault: Fault
    name: str
    ends: int
    began_s: float
    ended_s: float | None = None
    goal: Reached | None = None
    recovered_s: float | None = None


def goal_of(target: Target, reached: Reached, claims: int) -> Reached:
    """What shows that the pipeline has recovered from a fault that is over now.

    Every note that was acknowledged meanwhile has its outcome and one more has, whichever partition
    it is in; after a landing's fault, every claim that was there and one more is in the lake; after a
    producer's, one more note is acknowledged. A disk is the broker's and the lake's.
    """
    more = reached.acknowledged + 1
    match target:
        case Target.PRODUCER:
            return Reached(more, 0, 0)
        case Target.LANDING:
            return Reached(0, 0, claims + 1)
        case Target.DISK:
            return Reached(0, more, claims + 1)
        case _:
            return Reached(0, more, 0)
