"""A supervised worker comes back by itself, whatever happens to it or to the broker."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil
import pytest

from runtime import kafka_topics, processes
from runtime.embedded import services
from runtime.embedded.broker import NAME as BROKER
from runtime.embedded.ports import free_port
from runtime.exit_status import FAILED, STALLED
from runtime.kafka import KafkaSender
from runtime.kafka_topics import create_topics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import FolderSettings, KafkaSettings, RegistrySettings
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text, topics
from schemas.wire import RecordWriter
from tests.notes import note_event
from tests.probing import ask
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(300)
SUPERVISOR = "tests.fakes.supervisor"
STALL_S = 20.0  # a dead worker keeps its place in the group for 10
START_S = 60
OUTAGE_S = 40.0  # longer than the half minute after which a send fails for good


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where supervisor and worker write."""
    return tmp_path / "worker.log"


def watched(variables: Mapping[str, str], port: int) -> dict[str, str]:
    """The settings of a worker that is watched closely and answers there."""
    return dict(variables) | {
        "CMC_WORKER_STALL_S": str(STALL_S),
        "CMC_WORKER_HEALTH_PORT": str(port),
    }


def publish(
    settings: KafkaSettings, names: Topics, registry: Registry, texts: Sequence[str]
) -> None:
    """A note for each text; the schemas are registered."""
    contracts = names.subjects()
    ids = {subject: registry.register(subject, text) for subject, text in contracts.items()}
    writer = RecordWriter(NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject])
    sender = KafkaSender(settings, "test")
    for text in texts:
        event = note_event(text)
        sender.send(names.notes.name, event.encounter_id, writer.encode(event), {})
    sender.flush(30)


def claims(settings: KafkaSettings, names: Topics) -> int:
    """Claims on the broker."""
    return sum(end for _, end in kafka_topics.counts(settings, names.claims.name).values())


def wait_until_more(before: int, settings: KafkaSettings, names: Topics, log: Path) -> None:
    """Return when there are more claims than before."""
    wait_for(lambda: claims(settings, names) > before, 120, "more claims", log)


def told(log: Path) -> list[dict[str, object]]:
    """The lines of the log that are JSON."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def worker_of(supervisor: subprocess.Popen[bytes]) -> psutil.Process:
    """The process that is supervised."""
    return psutil.Process(supervisor.pid).children()[0]


def test_a_worker_that_hangs_is_ended_and_started_again_until_it_is_asked_to_stop(
    kafka_settings: KafkaSettings,
    names: Topics,
    registry: Registry,
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """SIGTERM to the supervisor stops both, though the worker hangs: its own watchdog sees to that."""
    port = free_port(0)
    publish(kafka_settings, names, registry, ["hang"])
    with process(SUPERVISOR, "0", "mortal", variables=watched(process_variables, port), log=log) as running:  # fmt: skip
        wait_for(
            lambda: log.read_text().count("worker starting") == 2,
            START_S + 3 * STALL_S,
            "a second start",
            log,
        )
        assert f'"exit_code": {STALLED}, "wait_s": 1.0' in log.read_text()
        wait_for(lambda: ask(port, "/readyz")[0] == 200, START_S, "ready", log)
        worker = worker_of(running)
        running.send_signal(signal.SIGTERM)
        assert running.wait(3 * STALL_S) == STALLED, log.read_text()
    assert not worker.is_running()


def test_a_worker_that_is_stopped_or_killed_is_started_again_and_codes_what_is_left(
    kafka_settings: KafkaSettings,
    names: Topics,
    registry: Registry,
    process_variables: dict[str, str],
    log: Path,
) -> None:
    """SIGSTOP leaves its port open and nobody behind it."""
    port = free_port(0)
    publish(kafka_settings, names, registry, ["Cough."])
    with process(SUPERVISOR, "0", variables=watched(process_variables, port), log=log) as running:
        wait_until_more(0, kafka_settings, names, log)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            before = claims(kafka_settings, names)
            worker_of(running).send_signal(number)
            publish(kafka_settings, names, registry, ["Cough."])
            wait_until_more(before, kafka_settings, names, log)
            wait_for(lambda: ask(port, "/readyz")[0] == 200, START_S, "ready", log)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0, log.read_text()
    assert log.read_text().count('"exit_code": -9') == 2


@pytest.fixture
def own_services(
    own_folders: FolderSettings, tmp_path: Path
) -> Iterator[tuple[FolderSettings, dict[str, str]]]:
    """Broker and registry of this test's own, since it stops them."""
    folders = FolderSettings(state_dir=tmp_path / "services", cache_dir=own_folders.cache_dir)
    yield folders, services.start(folders, silent)
    services.stop(folders)


def test_after_an_outage_of_the_broker_the_worker_codes_again_by_itself(
    own_services: tuple[FolderSettings, dict[str, str]], tmp_path: Path, log: Path
) -> None:
    """The broker is killed with a batch in hand, stays away until sends have failed, and comes back."""
    folders, variables = own_services
    settings = KafkaSettings(bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"])
    names, registry = topics(), Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))
    create_topics(settings, [topic.name for topic in names])
    publish(settings, names, registry, ["Cough."] * 500)
    port = free_port(0)
    own = watched(variables, port) | {
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_WORKER_BATCH_NOTES": "8",
    }
    with process(SUPERVISOR, "0.5", variables=own, log=log) as running:
        wait_for(lambda: claims(settings, names) > 8, START_S, "some claims", log)
        broker = processes.find(BROKER, folders.state_dir)
        assert broker is not None
        os.kill(broker.pid, signal.SIGKILL)
        until = time.monotonic() + OUTAGE_S
        wait_for(lambda: time.monotonic() > until, 2 * OUTAGE_S, "the outage")
        services.start(folders, silent)
        before = claims(settings, names)
        wait_until_more(before + 16, settings, names, log)
        wait_for(lambda: ask(port, "/readyz")[0] == 200, START_S, "ready", log)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0, log.read_text()
    ends = [line["exit_code"] for line in told(log) if line.get("event") == "process ended"]
    assert set(ends[:-1]) <= {FAILED, STALLED}, log.read_text()
    assert ends[-1] == 0
