"""The watchdog on real workers and a real broker: who stands still ends, who works or waits does not."""

import json
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from runtime import kafka_topics
from runtime.embedded.ports import free_port
from runtime.exit_status import FAILED, STALLED
from runtime.kafka import KafkaSender
from runtime.settings import KafkaSettings
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from tests.notes import note_event
from tests.probing import ask
from tests.waiting import process, wait_for

WORKER = "tests.fakes.worker"
START_S = 60  # on a busy machine
STALL_S = 8.0
MARK = "Chest pain"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the worker writes."""
    return tmp_path / "worker.log"


@pytest.fixture
def port() -> int:
    """Where the worker answers for its health."""
    return free_port(0)


@pytest.fixture
def variables(process_variables: dict[str, str], port: int) -> dict[str, str]:
    """A worker that is watched closely."""
    return process_variables | {
        "CMC_WORKER_STALL_S": str(STALL_S),
        "CMC_WORKER_HEALTH_PORT": str(port),
        "CMC_WORKER_BATCH_NOTES": "8",
    }


def publish(
    settings: KafkaSettings, names: Topics, registered: Mapping[str, int], texts: Sequence[str]
) -> None:
    """A note for each text, over several encounters."""
    contract = schema_text("note_signed.avsc")
    writer = RecordWriter(NoteSigned, contract, registered[names.notes.subject])
    sender = KafkaSender(settings, "test")
    for n, text in enumerate(texts):
        event = note_event(text, note_id=f"note-{n}", encounter_id=f"encounter-{n}")
        sender.send(names.notes.name, event.encounter_id, writer.encode(event), {})
    sender.flush(30)


def test_a_worker_is_ready_and_live_while_it_works_and_while_nothing_comes_and_tells_its_counts(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    variables: dict[str, str],
    port: int,
    log: Path,
) -> None:
    """Twice as long as a stall would take it does nothing, and nobody minds."""
    with process(WORKER, "0.1", variables=variables, log=log) as worker:
        wait_for(lambda: ask(port, "/readyz")[0] == 200, START_S, "ready", log)
        publish(kafka_settings, names, registered, [MARK] * 40)
        wait_for(
            lambda: "cmc_worker_notes_total 40.0" in ask(port, "/metrics")[1], 30, "40 notes", log
        )
        wait_for(lambda: json.loads(ask(port, "/readyz")[1])["lag"] == 0, 30, "no lag", log)
        until = time.monotonic() + 2 * STALL_S
        wait_for(lambda: time.monotonic() > until, 3 * STALL_S, "an idle while")
        assert ask(port, "/livez")[0] == ask(port, "/readyz")[0] == 200, log.read_text()
        told = ask(port, "/metrics")[1]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, log.read_text()
    assert MARK not in told
    assert 'cmc_worker_claims_total{band="submit"} 40.0' in told


def test_a_note_that_hangs_the_engine_ends_the_worker_with_a_status_and_a_reason_of_its_own(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    variables: dict[str, str],
    log: Path,
) -> None:
    publish(kafka_settings, names, registered, [f"{MARK} hang"])

    with process(WORKER, "0", "mortal", variables=variables, log=log) as worker:
        wait_for(lambda: "worker starting" in log.read_text(), START_S, "a start", log)
        assert worker.wait(3 * STALL_S) == STALLED, log.read_text()

    told = log.read_text()
    assert "none of 1 for" in told.splitlines()[-1]
    assert "1 in hand" in told.splitlines()[-1]
    assert MARK not in told
    group = variables["CMC_WORKER_GROUP"]
    assert sum(kafka_topics.committed(kafka_settings, group, names.notes.name).values()) == 0


def test_a_native_call_that_lets_no_thread_run_ends_the_worker_too(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    variables: dict[str, str],
    log: Path,
) -> None:
    publish(kafka_settings, names, registered, [MARK])

    with process(WORKER, "0", "lock", variables=variables, log=log) as worker:
        wait_for(lambda: "worker starting" in log.read_text(), START_S, "a start", log)
        assert worker.wait(3 * STALL_S) == FAILED, log.read_text()

    assert "Timeout" in log.read_text()
    assert "in code" in log.read_text()
    assert MARK not in log.read_text()
