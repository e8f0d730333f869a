"""One run: the pipeline under a plan's faults, until everything is settled or nothing moves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import StorageError
from consumers.lake import claim_ids
from consumers.reconcile import Reconciliation
from tests.chaos.disk import Disk, small_disk
from tests.chaos.faults import Actor
from tests.chaos.plan import Fault, Kind, Plan, Target
from tests.chaos.producer import acknowledged
from tests.chaos.quota import Quota
from tests.chaos.stack import PRODUCER, Places, Sizes, Stack, start_stack
from tests.chaos.supervisor import Supervisor
from tests.chaos.tally import Follower, Tally
from tests.chaos.verdict import Verdict, doubled_in_lake, judged, reconciled

STEP_S = 0.2
LAKE_EVERY_S = 1.0
TOLD_EVERY_S = 15.0
STANDSTILL_S = 120.0  # nothing has moved for so long: it will not move any more
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the pipeline is: notes from the first on that are acknowledged and settled, claims landed."""

    acknowledged: int
    settled: int
    landed: int


@dataclass(slots=True, kw_only=True)
class Happening:
    """A fault that has begun; times in seconds of the run, ``goal`` is what must be reached."""

    fault: Fault
    began_s: float
    ended_s: float | None = None
    goal: Reached | None = None
    recovered_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run found; ``skipped`` faults could not be done on this machine."""

    plan: Plan
    happenings: tuple[Happening, ...]
    skipped: tuple[Fault, ...]
    verdict: Verdict
    reconciliation: Reconciliation
    disordered: int
    hands: tuple[str, ...]
    took_s: float


class Run:
    """The loop: acts when a fault is due, undoes it when its time is over, watches the recovery."""

    def __init__(self, plan: Plan, stack: Stack, disk: Disk, tell: Tell) -> None:
        self.tally = Tally()
        self.happenings: list[Happening] = []
        self.skipped: list[Fault] = []
        self._plan = plan
        self._stack = stack
        self._disk = disk
        self._tell = tell
        self._actor = Actor(stack=stack, disk=disk, quota=Quota(stack))
        self._left = list(plan.faults)
        self._follower = Follower(stack.kafka, stack.schemas, self.tally)
        self._began = time.monotonic()
        self._reached = Reached(0, 0, 0)
        self._moved_at = self._looked_at = self._told_at = 0.0

    def to_the_end(self) -> None:
        """Until all notes are settled and landed, or nothing has moved for long."""
        self._stack.start_pipeline(self._plan)
        try:
            while not self._is_settled():
                self._step()
                if self.now_s - self._moved_at > STANDSTILL_S:
                    self._tell(f"nothing has moved for {STANDSTILL_S:.0f} s")
                    break
        finally:
            self._follower.leave()

    @property
    def now_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    @property
    def acknowledged(self) -> int:
        """How many notes, from the first on, the producer saw acknowledged."""
        return self._reached.acknowledged

    def _is_settled(self) -> bool:
        at_end = self._reached.settled == self._plan.notes and not self._left
        claims = len(self.tally.claims)
        over = all(h.recovered_s is not None for h in self.happenings)
        return at_end and over and self._reached.landed >= claims

    def _step(self) -> None:
        self._stack.supervisor.tend()
        self._follower.step(STEP_S)
        self._look()
        for fault in list(self._left):
            if fault.at_note <= self._reached.acknowledged:
                self._left.remove(fault)
                self._begin(fault)
        for happening in self.happenings:
            self._follow(happening)

    def _look(self) -> None:
        """See how far it is; the lake is looked at now and then only."""
        landed = self._reached.landed
        if self.now_s - self._looked_at > LAKE_EVERY_S:
            landed = self._landed()
            self._looked_at = self.now_s
        seen = Reached(acknowledged(self._stack.places.journal), self.tally.settled, landed)
        if seen != self._reached:
            self._reached, self._moved_at = seen, self.now_s
        if self.now_s - self._told_at > TOLD_EVERY_S:
            self._told_at = self.now_s
            self._tell(f"{seen.acknowledged} notes, {seen.settled} settled, {seen.landed} landed")

    def _landed(self) -> int:
        try:
            return len(claim_ids(self._stack.landing))
        except StorageError:  # in the middle of a change
            return self._reached.landed

    def _begin(self, fault: Fault) -> None:
        if fault.kind is Kind.FULL and not self._disk.is_small:
            self._tell("disk full: not done, it needs root for a tmpfs, or --disk")
            self.skipped.append(fault)
            return
        name = self._actor.begin(fault)
        self._tell(f"note {fault.at_note}: {name} {fault.kind}{_lasting(fault)}")
        self.happenings.append(Happening(fault=fault, began_s=self.now_s))

    def _follow(self, happening: Happening) -> None:
        fault = happening.fault
        if happening.ended_s is None and self.now_s - happening.began_s >= fault.for_s:
            self._actor.end(fault)
            happening.ended_s = self.now_s
            happening.goal = self._goal(fault.target)
        if happening.goal is not None and happening.recovered_s is None:
            self._recover(happening, happening.goal)

    def _recover(self, happening: Happening, goal: Reached) -> None:
        reached = self._reached
        if (
            reached.acknowledged >= goal.acknowledged
            and reached.settled >= goal.settled
            and reached.landed >= goal.landed
        ):
            happening.recovered_s = self.now_s - (happening.ended_s or 0)
            fault = happening.fault
            self._tell(f"{fault.target} {fault.kind}: recovered in {happening.recovered_s:.1f} s")

    def _goal(self, target: Target) -> Reached:
        """What shows that the pipeline goes on after a fault of the target, from now on."""
        acknowledged, claims = self._reached.acknowledged, len(self.tally.claims)
        match target:
            case Target.PRODUCER:
                return Reached(min(acknowledged + 1, self._plan.notes), 0, 0)
            case Target.LANDING:
                return Reached(0, 0, claims)
            case Target.DISK:
                return Reached(0, acknowledged, claims)
            case _:
                return Reached(0, acknowledged, 0)


def _lasting(fault: Fault) -> str:
    return f" for {fault.for_s:.1f} s" if fault.for_s else ""


def run(
    plan: Plan, sizes: Sizes, folder: Path, cache: Path, given_disk: Path | None, tell: Tell
) -> Report:
    """Carry the plan out and say what became of the notes; every process is stopped at the end.

    Logs are in ``folder``. Raises UnavailableError when broker or registry cannot be asked at last.
    """
    with small_disk(folder / "disk", given_disk) as disk, _supervisor(folder, tell) as supervisor:
        places = Places(folder=folder, disk=disk.folder, cache=cache)
        stack = start_stack(sizes, places, supervisor, tell)
        chaos = Run(plan, stack, disk, tell)
        chaos.to_the_end()
        if not supervisor.is_over(PRODUCER):
            tell("the producer did not come to its end")
        return _report(plan, stack, chaos)


def _report(plan: Plan, stack: Stack, chaos: Run) -> Report:
    found = reconciled(stack)
    recovered = [h.recovered_s for h in chaos.happenings if h.recovered_s is not None]
    verdict = judged(chaos.acknowledged, chaos.tally, found, doubled_in_lake(stack), recovered)
    return Report(
        plan=plan,
        happenings=tuple(chaos.happenings),
        skipped=tuple(chaos.skipped),
        verdict=verdict,
        reconciliation=found,
        disordered=chaos.tally.disordered,
        hands=tuple(stack.supervisor.hands),
        took_s=chaos.now_s,
    )


@contextmanager
def _supervisor(folder: Path, tell: Tell) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder / "logs", tell)
    try:
        yield supervisor
    finally:
        supervisor.stop()
