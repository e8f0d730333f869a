"""What will go wrong, and when: a pure function of the seed.

When is said by the count of acknowledged notes, not by the clock, so that a plan means the same on
any machine. Nothing here acts: ``tests/chaos/faults.py`` carries a plan out.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat

WARM_UP = 0.05  # so much of the notes goes through before the first fault,
CALM_END = 0.1  # and so much after the last
SHORT_S, LONG_S = 3.0, 20.0  # the broker's session timeout of 10 s lies between them
SLOW_NOTE_S = 12.0  # longer than that time-out, which a worker must outlive while its model works


class Kind(StrEnum):
    """What is done to the target."""

    KILL = "kill -9"
    TERMINATE = "SIGTERM"
    PAUSE = "SIGSTOP, SIGCONT"
    RESTART = "stop, away, start"
    MID_BATCH = "restart in a batch"
    JOIN = "joins and leaves"
    SLOW = "throttled by quota"
    AWAY = "away at a worker's start"
    FULL = "full"
    RAISES = "raises on a note"
    DELAYS = "slow on a note"


class Target(StrEnum):
    """What it is done to; ``DISK`` holds the broker's log, the lake and the state folders."""

    BROKER = "broker"
    REGISTRY = "registry"
    WORKER = "worker"
    LANDING = "landing"
    PRODUCER = "producer"
    DISK = "disk"
    MODEL = "model"


PROCESSES = (Target.BROKER, Target.REGISTRY, Target.WORKER, Target.LANDING, Target.PRODUCER)
TO_EACH_PROCESS = (Kind.KILL, Kind.TERMINATE, Kind.PAUSE, Kind.RESTART)
DECK: tuple[tuple[Kind, Target], ...] = (
    *((kind, target) for kind in TO_EACH_PROCESS for target in PROCESSES),
    (Kind.MID_BATCH, Target.BROKER),
    (Kind.JOIN, Target.WORKER),
    (Kind.SLOW, Target.BROKER),
    (Kind.AWAY, Target.REGISTRY),
    (Kind.FULL, Target.DISK),
    (Kind.RAISES, Target.MODEL),
    (Kind.DELAYS, Target.MODEL),
)
AT_ONCE = (Kind.KILL, Kind.TERMINATE, Kind.MID_BATCH, Kind.RAISES)  # over as soon as done
ENDS_ITS_TARGET = (Kind.KILL, Kind.TERMINATE, Kind.MID_BATCH, Kind.RESTART, Kind.AWAY)


class Mark(StrEnum):
    """What the model does on a note."""

    RAISES = "raises"
    DELAYS = "delays"
    HOLDS = "holds"  # a little, so that a batch is in hand for sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong once ``at_note`` notes are acknowledged.

    ``for_s`` is how long it lasts before it is undone, 0 where it is over at once or lasts as long
    as its note does. ``which`` picks one of several workers: modulo their number.
    """

    kind: Kind
    target: Target
    at_note: int
    for_s: float
    which: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that goes wrong in one run, in order; ``notes`` are published."""

    seed: int
    notes: int
    faults: tuple[Fault, ...]

    def marks(self) -> Mapping[int, Mark]:
        """The notes, counted from 0, on which the model does something: the last before the fault."""
        marked = {
            Kind.RAISES: Mark.RAISES,
            Kind.DELAYS: Mark.DELAYS,
            Kind.MID_BATCH: Mark.HOLDS,
        }
        return {f.at_note - 1: marked[f.kind] for f in self.faults if f.kind in marked}


def plan_of(seed: int, faults: int, notes: int) -> Plan:
    """The plan of this seed: every kind of fault comes once before one comes again.

    Faults are spread evenly with some play. Raises ValueError where there are fewer than two notes
    for each fault.
    """
    if notes * (1 - WARM_UP - CALM_END) < 2 * faults:
        raise ValueError(
            f"expected at least three notes for each fault; got {notes} notes for {faults} faults; "
            "publish more notes"
        )
    rng = random.Random(seed)  # noqa: S311 - chaos, not secrets
    gap = notes * (1 - WARM_UP - CALM_END) / max(faults, 1)
    cards = _dealt(rng)
    planned = []
    for place in range(faults):
        kind, target = next(cards)
        planned.append(
            Fault(
                kind=kind,
                target=target,
                at_note=1 + int(notes * WARM_UP + (place + rng.random() / 2) * gap),
                for_s=_lasts(kind, rng),
                which=rng.randrange(100),
            )
        )
    return Plan(seed=seed, notes=notes, faults=tuple(planned))


def _dealt(rng: random.Random) -> Iterator[tuple[Kind, Target]]:
    """The deck, shuffled anew each time that it is through."""
    return chain.from_iterable(rng.sample(deck, len(deck)) for deck in repeat(DECK))


def _lasts(kind: Kind, rng: random.Random) -> float:
    if kind in AT_ONCE:
        return 0.0
    return SLOW_NOTE_S if kind is Kind.DELAYS else round(rng.uniform(SHORT_S, LONG_S), 1)
