"""Carries out a plan's faults on the running processes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from tests.chaos.disk import Disk
from tests.chaos.plan import ENDS_ITS_TARGET, Fault, Kind, Target
from tests.chaos.quota import Quota
from tests.chaos.stack import EXTRA_WORKER, REGISTRY, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Does a fault and undoes it; neither waits for what it brings about."""

    stack: Stack
    disk: Disk
    quota: Quota

    def begin(self, fault: Fault) -> None:
        """Do it."""
        supervisor, name = self.stack.supervisor, self.name(fault)
        match fault.kind:
            case Kind.KILL:
                supervisor.kill(name)
            case Kind.TERMINATE | Kind.MID_BATCH:
                supervisor.terminate(name)
            case Kind.PAUSE:
                supervisor.pause(name)
            case Kind.RESTART:
                supervisor.hold(name)
                supervisor.terminate(name)
            case Kind.JOIN:
                self.stack.start_worker(EXTRA_WORKER)
            case Kind.SLOW:
                self.quota.throttle()
            case Kind.AWAY:
                supervisor.hold(REGISTRY)
                supervisor.kill(REGISTRY)
                supervisor.kill(self.stack.worker(fault.which))
            case Kind.FULL:
                self.disk.fill()
            case Kind.RAISES | Kind.DELAYS:
                pass  # the note is on its way
            case _:
                assert_never(fault.kind)

    def end(self, fault: Fault) -> None:
        """Undo it."""
        undo: dict[Kind, Callable[[str], None]] = {
            Kind.PAUSE: self.stack.supervisor.resume,
            Kind.RESTART: self.stack.supervisor.release,
            Kind.AWAY: self.stack.supervisor.release,
            Kind.JOIN: self._leave,
            Kind.SLOW: lambda _: self.quota.lift(),
            Kind.FULL: lambda _: self.disk.free(),
        }
        if fault.kind in undo:
            undo[fault.kind](self.name(fault))

    def ends(self, fault: Fault) -> int:
        """How often its process will have ended when it is over; 0 where none has to end."""
        supervisor, name = self.stack.supervisor, self.name(fault)
        if fault.kind not in ENDS_ITS_TARGET:
            return 0
        return len(supervisor.ends(name)) + supervisor.is_up(name)

    def name(self, fault: Fault) -> str:
        """What it happens to."""
        if fault.kind is Kind.JOIN:
            return EXTRA_WORKER
        return self.stack.worker(fault.which) if fault.target is Target.WORKER else fault.target

    def _leave(self, name: str) -> None:
        self.stack.supervisor.hold(name)
        self.stack.supervisor.terminate(name)
