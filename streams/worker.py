"""The worker around its Faust app: takes micro-batches, sends their outcomes, then acknowledges.

The one shape that lost nothing under kill -9, SIGTERM, rebalance and broker restart (docs/adr/
0005-loss-free-worker.md): no framework decoding, no automatic acknowledgement, every send awaited,
and any error ends the process with its offsets where they were.
"""

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import faust
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from mode import CrashingSupervisor

from clinical_coding.errors import BrokerError, CodingError
from runtime.attempts import AttemptJournal
from runtime.exit_status import FAILED
from runtime.logs import get_logger
from runtime.settings import KafkaSettings, WorkerSettings
from streams.app import make_app
from streams.crash_loop import CrashLoopBreaker
from streams.dead_letters import left_at_source
from streams.failure_policy import DeadLetterBudget
from streams.micro_batch import Outcome, Parts
from streams.records import Incoming, Outgoing
from streams.settling import settle
from streams.vitals import Vitals

AGENT = "code-notes"
JOURNAL = "attempts.sqlite"  # in the state folder
EPOCH = datetime.fromtimestamp(0, tz=UTC)
Event = Any  # faust has no types; its objects stay in this file


class CodingWorker:
    """One worker process around its Faust app."""

    def __init__(
        self,
        kafka: KafkaSettings,
        worker: WorkerSettings,
        parts: Parts,
        vitals: Vitals,
        state_dir: Path,
    ) -> None:
        self._parts = parts
        self._vitals = vitals
        self._settings = worker
        journal = AttemptJournal(state_dir / JOURNAL, worker.group)
        self._breaker = CrashLoopBreaker(parts, journal, worker.crash_attempts)
        self._budget = DeadLetterBudget(longest_run=worker.dead_letter_run)
        self._log = get_logger()
        self._app = make_app(kafka, worker, state_dir)
        names = parts.topics
        self._dead_letters = names.dead_letters.name
        self._topics = {
            topic.name: self._raw_topic(topic.name)
            for topic in (names.notes, names.claims, names.dead_letters)
        }
        self._app.agent(
            self._topics[names.notes.name], name=AGENT, supervisor_strategy=CrashingSupervisor
        )(self._code_notes)
        signals: Any = self._app  # mode's types want every handler to take every signal
        signals.on_partitions_assigned.connect(self._assigned)
        signals.on_partitions_revoked.connect(self._revoked)

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C, then finish the batch in flight, commit and return.

        Raises the error of our tree that ended the worker otherwise. A bug is logged by class and
        line only, since its message may quote a note; it ends the process with status 1.
        """
        process = faust.Worker(
            self._app, quiet=True, override_logging=False, redirect_stdouts=False
        )
        process.spinner = None  # it writes to a terminal that may be a log
        try:
            process.execute_from_commandline()
        except SystemExit as stopped:
            if stopped.code:
                self._fail(process.crash_reason)

    def _fail(self, reason: BaseException | None) -> None:
        if isinstance(reason, CodingError):
            raise reason from None
        if reason is None or isinstance(reason, KafkaError):
            raise BrokerError(_broker_reason(reason)) from None
        frames = traceback.extract_tb(reason.__traceback__)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        self._log.error("worker failed", error_class=type(reason).__name__, where=where)
        sys.exit(FAILED)

    async def _assigned(self, _: object, partitions: Any, **__: object) -> None:  # noqa: ANN401
        notes = self._parts.topics.notes.name
        self._vitals.owned = frozenset(p.partition for p in partitions if p.topic == notes)

    async def _revoked(self, *_: object, **__: object) -> None:
        self._vitals.owned = None

    async def _code_notes(self, stream: Any) -> AsyncIterator[None]:  # noqa: ANN401 - faust's stream
        batches = stream.noack().noack_take(
            self._settings.batch_notes, within=self._settings.batch_wait_s
        )
        async for events in batches:
            await self._code_batch(stream, events)
            yield

    async def _code_batch(self, stream: Any, events: Sequence[Event]) -> None:  # noqa: ANN401
        batch = [_incoming(event.message) for event in events]
        waiting = iter(events)
        for piece in await asyncio.to_thread(self._breaker.pieces, batch):
            await self._code_piece(stream, piece, list(islice(waiting, len(piece))))

    async def _code_piece(
        self,
        stream: Any,  # noqa: ANN401 - faust's stream
        piece: Sequence[Incoming],
        events: Sequence[Event],
    ) -> None:
        async def acknowledge() -> None:
            for event in events:  # through the stream: event.ack() skips the sensors of the lag
                await stream.ack(event)

        with self._vitals.batch(piece):
            found = await asyncio.to_thread(self._breaker.outcomes, piece)
            self._budget.spend([outcome.refused for outcome in found])
            await settle([outcome.record for outcome in found], self._send, acknowledge)
        self._vitals.settled(piece, found)
        self._tell(found)

    async def _send(self, record: Outgoing) -> asyncio.Future[object]:
        """Queue it behind what was sent before: claims and dead letters stand in their notes' order."""
        sent = await self._queue(record)
        if record.topic == self._dead_letters:
            return asyncio.ensure_future(self._taken(sent, record))
        return sent

    async def _taken(self, sent: asyncio.Future[object], letter: Outgoing) -> object:
        """A record may be more than the dead-letter topic takes: it is no reason to stop."""
        try:
            return await sent
        except MessageSizeTooLargeError:
            return await (await self._queue(left_at_source(letter)))

    async def _queue(self, record: Outgoing) -> asyncio.Future[object]:
        nothing = record.key is None and record.value is None
        sent: asyncio.Future[object] = await self._topics[record.topic].send(
            key=b"" if nothing else record.key,  # aiokafka refuses to send neither key nor value
            value=record.value,
            headers=list(record.headers),
        )
        return sent

    def _tell(self, found: Sequence[Outcome]) -> None:
        refused = sum(outcome.refused for outcome in found)
        self._log.info(
            "batch coded", batch_notes=len(found), claims=len(found) - refused, dead_letters=refused
        )

    def _raw_topic(self, name: str) -> Any:  # noqa: ANN401 - faust's topic
        return self._app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )


def _incoming(message: Any) -> Incoming:  # noqa: ANN401 - faust's message
    return Incoming(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=_moment(message.timestamp),
        key=message.key,
        value=message.value,
        headers=tuple(message.headers or ()),
    )


def _moment(seconds: float | None) -> datetime:
    """When the record was published; the epoch where a producer says nothing or nonsense."""
    try:
        return datetime.fromtimestamp(seconds or 0, tz=UTC)
    except (OverflowError, ValueError):
        return EPOCH


def _broker_reason(reason: KafkaError | None) -> str:
    what = type(reason).__name__ if reason else "no connection"
    return (
        f"expected the broker to take part; got {what}; notes that were not acknowledged are read "
        "again at the next start: check the broker and CMC_KAFKA_BOOTSTRAP_SERVERS"
    )
