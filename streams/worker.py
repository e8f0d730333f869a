"""The Faust app: takes micro-batches, sends their outcomes, then acknowledges.

The one shape that lost nothing under kill -9, SIGTERM, rebalance and broker restart (docs/adr/
0005-loss-free-worker.md): no framework decoding, no automatic acknowledgement, every send awaited,
and any error ends the process with its offsets where they were.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faust
from faust.types.auth import CredentialsT
from mode import CrashingSupervisor

from clinical_coding.errors import BrokerError, CodingError
from runtime.kafka import MAX_RECORD_BYTES
from runtime.logs import get_logger
from runtime.settings import KafkaSettings, WorkerSettings
from streams.failure_policy import DeadLetterBudget
from streams.micro_batch import Outcome, Parts, outcomes
from streams.records import Incoming, Outgoing

AGENT = "code-notes"
BUFFERED_BATCHES = 4  # what is read ahead: the lag grows beyond it, memory does not
Event = Any  # faust has no types; its objects stay in this file


class CodingWorker:
    """One worker process around its Faust app."""

    def __init__(
        self, kafka: KafkaSettings, worker: WorkerSettings, parts: Parts, state_dir: Path
    ) -> None:
        self._failure: BaseException | None = None
        self._parts = parts
        self._settings = worker
        self._budget = DeadLetterBudget(longest_run=worker.dead_letter_run)
        self._log = get_logger()
        self.app = _app(kafka, worker, state_dir)
        self._topics = {
            topic.name: self._raw_topic(topic.name)
            for topic in (parts.topics.notes, parts.topics.claims, parts.topics.dead_letters)
        }
        self.app.agent(
            self._topics[parts.topics.notes.name],
            name=AGENT,
            supervisor_strategy=CrashingSupervisor,
        )(self._code_notes)

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C, then finish the batch in flight, commit and return.

        Raises what ended the worker otherwise; a bug keeps only its class, since its message may
        quote a note.
        """
        process = faust.Worker(self.app, quiet=True, override_logging=False, redirect_stdouts=False)
        process.spinner = None  # it writes to a terminal that may be a log
        try:
            process.execute_from_commandline()
        except SystemExit as stopped:
            if isinstance(self._failure, CodingError):
                raise self._failure from None
            if self._failure is not None or stopped.code:
                raise BrokerError(_reason(self._failure or process.crash_reason)) from None

    async def _code_notes(self, stream: Any) -> AsyncIterator[None]:  # noqa: ANN401 - faust's stream
        batches = stream.noack().noack_take(
            self._settings.batch_notes, within=self._settings.batch_wait_s
        )
        try:
            async for events in batches:
                await self._code_batch(stream, events)
                yield
        except Exception as error:
            self._failure = error
            raise

    async def _code_batch(self, stream: Any, events: Sequence[Event]) -> None:  # noqa: ANN401
        """Return only when the broker holds an outcome for every record of the batch."""
        batch = [_incoming(event.message) for event in events]
        found = await asyncio.to_thread(outcomes, batch, self._parts)
        self._budget.spend([outcome.refused for outcome in found])
        await asyncio.gather(*[await self._send(outcome.record) for outcome in found])
        for event in events:
            await stream.ack(event)  # through the stream: event.ack() skips the sensors of the lag
        self._note_progress(found)

    async def _send(self, record: Outgoing) -> asyncio.Future[Any]:
        """Queue one record; the future is done when the broker holds it."""
        sent: asyncio.Future[Any] = await self._topics[record.topic].send(
            key=record.key, value=record.value, headers=list(record.headers.items())
        )
        return sent

    def _note_progress(self, found: Sequence[Outcome]) -> None:
        refused = sum(outcome.refused for outcome in found)
        self._log.info(
            "batch coded", batch_notes=len(found), claims=len(found) - refused, dead_letters=refused
        )

    def _raw_topic(self, name: str) -> Any:  # noqa: ANN401 - faust's topic
        return self.app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )


def _app(kafka: KafkaSettings, worker: WorkerSettings, state_dir: Path) -> faust.App:
    servers = kafka.bootstrap_servers.split(",")
    state_dir.mkdir(parents=True, exist_ok=True)
    return faust.App(
        worker.group,
        broker=";".join(f"kafka://{server.strip()}" for server in servers),
        broker_credentials=_credentials(kafka),
        datadir=str(state_dir / "faust"),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_replication_factor=kafka.replication_factor,
        table_standby_replicas=0,
        stream_wait_empty=True,
        stream_buffer_maxsize=BUFFERED_BATCHES * worker.batch_notes,
        stream_recovery_delay=0,
        agent_supervisor=CrashingSupervisor,
        broker_commit_interval=1.0,
        broker_session_timeout=10,
        broker_heartbeat_interval=3,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=MAX_RECORD_BYTES,
        producer_acks=-1,
        producer_request_timeout=30,
        producer_max_request_size=MAX_RECORD_BYTES,
        producer_compression_type="gzip",
    )


def _credentials(kafka: KafkaSettings) -> CredentialsT | None:
    context = _tls(kafka) if kafka.security_protocol.endswith("SSL") else None
    if kafka.security_protocol.startswith("SASL"):
        secret = kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
        return faust.SASLCredentials(
            username=kafka.sasl_username,
            password=secret,
            mechanism=kafka.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def _tls(kafka: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=kafka.ssl_ca_location)
    if kafka.ssl_certificate_location:
        password = kafka.ssl_key_password
        context.load_cert_chain(
            kafka.ssl_certificate_location,
            kafka.ssl_key_location,
            password.get_secret_value() if password else None,
        )
    return context


def _incoming(message: Any) -> Incoming:  # noqa: ANN401 - faust's message
    return Incoming(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=datetime.fromtimestamp(message.timestamp, tz=UTC),
        key=message.key,
        value=message.value,
        headers=dict(message.headers or {}),
    )


def _reason(failure: BaseException | None) -> str:
    what = type(failure).__name__ if failure is not None else "an error while connecting"
    return (
        f"expected the worker to go on; got {what}; notes that were not acknowledged are read "
        "again at the next start: check CMC_KAFKA_BOOTSTRAP_SERVERS, the broker and the log above"
    )
