"""One run: the pipeline under a plan's faults, until everything is settled or nothing moves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clinical_coding.errors import StorageError
from consumers.lake import claim_ids
from tests.chaos.disk import Disk, small_disk
from tests.chaos.faults import Actor
from tests.chaos.plan import Fault, Kind, Plan
from tests.chaos.producer import acknowledged
from tests.chaos.quota import Quota
from tests.chaos.recovery import Happening, Reached, goal_of
from tests.chaos.report import Report
from tests.chaos.stack import PRODUCER, Places, Sizes, Stack, start_stack
from tests.chaos.supervisor import Supervisor
from tests.chaos.tally import Follower, Tally, tally_now
from tests.chaos.verdict import doubled_in_lake, judged, reconciled, repeats

STEP_S = 0.2
LAKE_EVERY_S = 1.0
TOLD_EVERY_S = 15.0
STANDSTILL_S = 120.0  # nothing has moved for so long: it will not move any more
Tell = Callable[[str], None]


class Run:
    """The loop: acts when a fault is due, undoes it when its time is over, watches the recovery."""

    def __init__(self, plan: Plan, stack: Stack, disk: Disk, tell: Tell) -> None:
        self.tally = Tally()
        self.happenings: list[Happening] = []
        self.skipped: list[Fault] = []
        self.reached = Reached(0, 0, 0)
        self._plan = plan
        self._stack = stack
        self._disk = disk
        self._tell = tell
        self._actor = Actor(stack=stack, disk=disk, quota=Quota(stack))
        self._left = list(plan.faults)
        self._follower = Follower(stack.kafka, stack.schemas, self.tally)
        self._began = time.monotonic()
        self._moved_at = self._looked_at = self._told_at = 0.0

    def to_the_end(self) -> None:
        """Until all notes are settled and landed, or nothing has moved for long."""
        self._tell("starting workers and landing")
        self._stack.start_pipeline(self._plan)
        self._moved_at = self.now_s
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

    def _is_settled(self) -> bool:
        is_undone = all(happening.goal is not None for happening in self.happenings)
        is_over = self._stack.supervisor.is_over(PRODUCER)
        return is_over and is_undone and not self._left and self._is_all_through()

    def _is_all_through(self) -> bool:
        """Whether every note has its outcome and every claim is in the lake."""
        is_coded = self.reached.settled == self._plan.notes
        return is_coded and self.reached.landed >= len(self.tally.claims)

    def _step(self) -> None:
        self._stack.supervisor.tend()
        self._follower.step(STEP_S)
        self._look()
        while self._left and self._left[0].at_note <= self.reached.acknowledged:
            self._begin(self._left.pop(0))
        for happening in self.happenings:
            self._follow(happening)

    def _look(self) -> None:
        """See how far it is; the lake is looked at now and then only."""
        landed = self.reached.landed
        if self.now_s - self._looked_at > LAKE_EVERY_S:
            landed = self._landed()
            self._looked_at = self.now_s
        seen = Reached(acknowledged(self._stack.places.journal), self.tally.settled, landed)
        if seen != self.reached:
            self.reached, self._moved_at = seen, self.now_s
        if self.now_s - self._told_at > TOLD_EVERY_S:
            self._told_at = self.now_s
            self._tell(f"{seen.acknowledged} notes, {seen.settled} settled, {seen.landed} landed")

    def _landed(self) -> int:
        try:
            return len(claim_ids(self._stack.landing))
        except StorageError:  # in the middle of a change
            return self.reached.landed

    def _begin(self, fault: Fault) -> None:
        if fault.kind is Kind.FULL and not self._disk.is_small:
            self._tell("disk full: not done, it needs root for a tmpfs, or --disk")
            self.skipped.append(fault)
            return
        name, ends = self._actor.name(fault), self._actor.ends(fault)
        lasting = f" for {fault.for_s:.1f} s" if fault.for_s else ""
        self._tell(f"note {fault.at_note}: {name} {fault.kind}{lasting}")
        self._actor.begin(fault)
        self.happenings.append(Happening(fault=fault, name=name, ends=ends, began_s=self.now_s))

    def _follow(self, happening: Happening) -> None:
        fault = happening.fault
        if happening.ended_s is None and self._is_over(happening):
            self._actor.end(fault)
            happening.ended_s = self.now_s
            happening.goal = goal_of(fault.target, self.reached, len(self.tally.claims))
        if happening.ended_s is None or happening.goal is None or happening.recovered_s is not None:
            return
        if self.reached.is_past(happening.goal) or self._is_all_through():
            happening.recovered_s = self.now_s - happening.ended_s
            self._tell(f"{happening.name} {fault.kind}: recovered in {happening.recovered_s:.1f} s")

    def _is_over(self, happening: Happening) -> bool:
        lasted = self.now_s - happening.began_s >= happening.fault.for_s
        ends = len(self._stack.supervisor.ends(happening.name)) if happening.ends else 0
        return lasted and ends >= happening.ends


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
        return _report(plan, stack, chaos)


def _report(plan: Plan, stack: Stack, chaos: Run) -> Report:
    took_s, found = chaos.now_s, reconciled(stack)
    recovered = [h.recovered_s for h in chaos.happenings if h.recovered_s is not None]
    tally, in_lake = tally_now(stack.kafka, stack.schemas), doubled_in_lake(stack)
    return Report(
        plan=plan,
        happenings=tuple(chaos.happenings),
        skipped=tuple(chaos.skipped),
        verdict=judged(chaos.reached.acknowledged, tally, found, in_lake, recovered),
        reconciliation=found,
        repeats=repeats(stack, found),
        disordered=tally.disordered,
        hands=tuple(stack.supervisor.hands),
        took_s=took_s,
    )


@contextmanager
def _supervisor(folder: Path, tell: Tell) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder / "logs", tell)
    try:
        yield supervisor
    finally:
        supervisor.stop()
