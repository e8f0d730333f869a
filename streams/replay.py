"""Recoding history: notes of a window through the engine again, claims into a topic of their own.

The worker's own step without its group: nothing is joined, committed or dead-lettered.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from clinical_coding.errors import RejectedEventError
from runtime.kafka import KafkaRecord
from runtime.replay_runs import Refused, ReplayState
from streams.failure_policy import DeadLetterBudget, with_retries
from streams.micro_batch import Outcome, Parts, outcomes
from streams.records import Incoming, Outgoing, present

BATCH_NOTES = 128  # nobody waits for one note, so a call of the engine may be large
FLUSH_S = 60.0
NAMED_REFUSALS = 100


class Sender(Protocol):
    """Where the claims go; ``runtime.kafka.KafkaSender`` is one."""

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Queue one record; raises BrokerError."""

    def flush(self, timeout_s: float) -> None:
        """Return when the broker holds every record; raises BrokerError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoding:
    """The worker's parts, with the shadow topic in the place of the claims'.

    ``encounters`` are those that are wanted, none for all; ``longest_refused_run`` is the worker's
    budget of refused notes in a row.
    """

    parts: Parts
    sender: Sender
    encounters: Collection[str]
    longest_refused_run: int


def recode(
    records: Iterable[KafkaRecord], recoding: Recoding, state: ReplayState
) -> Iterator[ReplayState]:
    """Recode records of the window, and say how far it is after each batch.

    When a state is given, the broker holds the claims of every note before its places, so who keeps
    it loses none by a kill. Raises BrokerError, RegistryError and DeadLetterBudgetError as the worker
    does.
    """
    budget = DeadLetterBudget(longest_run=recoding.longest_refused_run)
    left = iter(records)
    while batch := list(islice(left, BATCH_NOTES)):
        began = recoding.parts.now()
        wanted, found = _recoded(batch, recoding, budget)
        refused = _refused(wanted, found)
        state = _after(state, batch, refused, len(found) - len(refused))
        took_s = (recoding.parts.now() - began).total_seconds()
        state = replace(state, took_s=state.took_s + took_s)
        yield state


def _recoded(
    batch: Sequence[KafkaRecord], recoding: Recoding, budget: DeadLetterBudget
) -> tuple[list[Incoming], tuple[Outcome, ...]]:
    """The records that are wanted, and what each of them became."""
    wanted = [_incoming(record) for record in batch if _is_wanted(record, recoding)]
    found = outcomes(wanted, recoding.parts)
    budget.spend([outcome.refused for outcome in found])
    for outcome in found:
        if not outcome.refused:
            _send(outcome.record, recoding.sender)
    recoding.sender.flush(FLUSH_S)
    return wanted, found


def _is_wanted(record: KafkaRecord, recoding: Recoding) -> bool:
    if not recoding.encounters:
        return True
    try:
        event = with_retries(lambda: recoding.parts.notes.decode(record.value))
    except RejectedEventError:
        return False
    return event.encounter_id in recoding.encounters


def _send(record: Outgoing, sender: Sender) -> None:
    key = (record.key or b"").decode()  # ours: an encounter's id
    sender.send(record.topic, key, record.value or b"", present(record.headers))


def _after(
    state: ReplayState, batch: Sequence[KafkaRecord], refused: Sequence[Refused], coded: int
) -> ReplayState:
    return replace(
        state,
        places={**state.places, **{record.partition: record.offset + 1 for record in batch}},
        read=state.read + len(batch),
        coded=state.coded + coded,
        refused=state.refused + len(refused),
        first_refused=(*state.first_refused, *refused)[:NAMED_REFUSALS],
    )


def _refused(wanted: Sequence[Incoming], found: Sequence[Outcome]) -> list[Refused]:
    return [
        Refused(partition=r.partition, offset=r.offset, error_class=outcome.error_class)
        for r, outcome in zip(wanted, found, strict=True)
        if outcome.error_class
    ]


def _incoming(record: KafkaRecord) -> Incoming:
    return Incoming(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=record.raw_headers,
    )
