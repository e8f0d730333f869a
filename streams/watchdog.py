"""Ends a worker that stands still: notes wait and none of them is acknowledged.

The broker is asked what is committed, not Faust: in its known stalls partitions are assigned,
heartbeats go and offsets stay (docs/adr/0014-watchdog-and-supervisor.md). A note that hangs the
engine, a loop that hangs and commits that stop look the same from there.
"""

import faulthandler
import time
from collections.abc import Collection
from typing import NoReturn, Protocol

from clinical_coding.errors import BrokerError, StalledError
from runtime.clock import now
from runtime.exit_status import end_at_once
from runtime.health import Health
from runtime.kafka_group import Place
from runtime.logs import get_logger
from streams.vitals import Vitals

LONGEST_LOOK_S = 5.0  # between two looks
LOOKS = 8  # at least so many in the time after which a standstill is a stall
ALONE = 5  # one partition may honestly wait so much longer, behind others that are full
SLOWEST_BYTES_PER_S = 5_000  # of an engine that works; measured: 45,000 on two cores


class Places(Protocol):
    """What the broker says of the group; ``runtime.kafka_group.GroupPlaces`` is one."""

    def look(self, partitions: Collection[int]) -> dict[int, Place]:
        """The place of each. Raises BrokerError when the broker does not answer, also for none."""


class Watchdog:
    """Looks at what is committed of this worker's partitions, from a thread of its own."""

    def __init__(self, group: Places, vitals: Vitals, stall_s: float) -> None:
        self._group = group
        self._vitals = vitals
        self._stall_s = stall_s
        self._looked = self._idle = self._moved = vitals.clock_s()
        self._since: dict[int, float] = {}  # of each partition: last moved, or nothing waited
        self._places: dict[int, Place] | None = None
        self._sees: bool | None = None  # before the first look

    def watch(self) -> NoReturn:
        """Look for ever; a standstill that lasts too long ends the process with status 75.

        A native call that keeps Python's lock stops this thread too: then a timer of the
        interpreter's own, wound up at each look, writes the tracebacks and ends it with status 1.
        """
        while True:
            faulthandler.dump_traceback_later(self.patience_s, exit=True)
            try:
                self.look()
            except StalledError as error:
                get_logger().error("worker stalled", reason=str(error), lag=self.lag)
                end_at_once(error)
            time.sleep(look_every_s(self._stall_s))

    def look(self) -> None:
        """Ask the broker once. Raises StalledError when the worker has stood still for too long."""
        try:
            self._see(self._vitals.owned)
        except BrokerError as error:
            if self._sees is not False:
                get_logger().warning("watchdog sees nothing", reason=str(error))
            self._see_nothing()
        self._tell()
        reason = self._stalled()
        if reason:
            raise StalledError(
                f"expected notes acknowledged; got {reason}; the notes are read again at the next "
                "start (CMC_WORKER_STALL_S)"
            )

    def health(self) -> Health:
        """Live while it does not stand still, ready while it has partitions of a broker in reach."""
        silent_s = self._vitals.clock_s() - self._looked
        stalled = self._stalled() or (
            f"no look for {silent_s:.0f} s" if silent_s > self.patience_s else ""
        )
        return Health(
            live=not stalled,
            ready=not stalled and bool(self._sees and self._places),
            reason=stalled or self._not_ready(),
            lag=self.lag,
        )

    @property
    def patience_s(self) -> float:
        """How long a standstill may last: longer while a batch of long notes is in hand."""
        in_hand = self._vitals.in_hand
        return self._stall_s + (in_hand.size_bytes / SLOWEST_BYTES_PER_S if in_hand else 0.0)

    @property
    def lag(self) -> int | None:
        """Notes that wait in this worker's partitions, None while that is unknown."""
        if self._places is None or not self._sees:
            return None
        return sum(place.lag for place in self._places.values())

    @property
    def standstill_s(self) -> float:
        """How long notes have waited with none acknowledged and committed, at the last look.

        Both: where others took the partitions over unnoticed, their commits move but our notes do not.
        """
        return self._looked - max(self._idle, min(self._moved, self._vitals.settled_s))

    def _see(self, owned: frozenset[int] | None) -> None:
        """Compare with the look before. Raises BrokerError when the broker does not answer."""
        before, after = self._places or {}, self._group.look(owned or ())
        self._looked, self._sees = self._vitals.clock_s(), True
        moved = {n for n, place in after.items() if _has_moved(before.get(n), place)}
        if moved:
            self._moved = self._looked
            self._vitals.metrics.progress.set(now().timestamp())
        if owned is not None and not any(place.lag for place in after.values()):
            self._idle = self._looked
        self._since = {
            n: self._looked if n in moved or not place.lag else self._since.get(n, self._looked)
            for n, place in after.items()
        }
        self._places = None if owned is None else after

    def _see_nothing(self) -> None:
        """Without the broker nothing can move, and nobody can say that it did not."""
        self._looked = self._idle = self._vitals.clock_s()
        self._since = dict.fromkeys(self._since, self._looked)
        self._sees = False

    def _stalled(self) -> str:
        """What stands still for too long, "" when nothing does."""
        if self.standstill_s > self.patience_s:
            if self._places is None:
                return f"no place in the group for {self.standstill_s:.0f} s"
            return f"none of {self.lag} for {self.standstill_s:.0f} s, {self._hand()}"
        alone = {n: self._looked - at for n, at in self._since.items()}
        worst = max(alone, key=alone.__getitem__, default=None)
        if worst is not None and alone[worst] > ALONE * self.patience_s:
            return f"none of partition {worst} for {alone[worst]:.0f} s while others moved"
        return ""

    def _hand(self) -> str:
        in_hand = self._vitals.in_hand
        if in_hand is None:
            return "no batch in hand"
        return f"{in_hand.notes} in hand for {self._vitals.clock_s() - in_hand.since_s:.0f} s"

    def _not_ready(self) -> str:
        if not self._sees:
            return "the broker does not answer"
        if self._places is None:
            return "no place in the group: it joins, or partitions are shared out anew"
        return "" if self._places else "no partition: more workers than partitions"

    def _tell(self) -> None:
        metrics, places = self._vitals.metrics, self._places or {}
        metrics.lag.clear()
        for n, place in places.items():
            metrics.lag.labels(str(n)).set(place.lag)
        metrics.partitions.set(len(places))
        metrics.standstill_s.set(self.standstill_s)
        metrics.broker.set(int(bool(self._sees)))


def look_every_s(stall_s: float) -> float:
    """The pause between two looks; the broker may take as long for an answer."""
    return min(LONGEST_LOOK_S, stall_s / LOOKS)


def _has_moved(before: Place | None, after: Place) -> bool:
    return before is not None and after.committed != before.committed
