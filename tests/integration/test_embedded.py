"""The embedded services as a user has them: started, found, killed, started again, stopped."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from clinical_coding.errors import EmbeddedServiceError
from runtime.embedded import services
from runtime.embedded.ports import LOOPBACK
from runtime.kafka import KafkaSender, TopicReader
from runtime.kafka_topics import create_topics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import SERVICES_ENV, FolderSettings, KafkaSettings, RegistrySettings
from tests.waiting import wait_for

TOPIC, SUBJECT = "kept.over.restarts", "kept.over.restarts-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Services of this module's own, because it kills them, with a record and a schema in them."""

    folders: FolderSettings
    variables: dict[str, str]

    def pids(self) -> dict[str, int | None]:
        """The process of each service."""
        return {service.name: service.pid for service in services.status(self.folders)}


@pytest.fixture(scope="module")
def running(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """All services in a fresh state folder."""
    folders = FolderSettings(
        state_dir=tmp_path_factory.mktemp("killed"), cache_dir=own_folders.cache_dir
    )
    variables = services.start(folders, silent)
    kafka = KafkaSettings(bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"])
    create_topics(kafka, [TOPIC])
    sender = KafkaSender(kafka, "test")
    sender.send(TOPIC, "encounter", b"a record", {})
    sender.flush(20)
    Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"])).register(SUBJECT, '"string"')
    yield Running(folders=folders, variables=variables)
    services.stop(folders)


def _kept(variables: dict[str, str]) -> tuple[list[bytes | None], tuple[str, ...]]:
    """The records and the schemas that are there."""
    kafka = KafkaSettings(bootstrap_servers=variables["CMC_KAFKA_BOOTSTRAP_SERVERS"])
    reader = TopicReader(kafka, TOPIC, "beginning")
    records = [record.value for record in reader.until_now()]
    reader.close()
    registry = Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))
    return records, registry.versions(SUBJECT)


def _states(folders: FolderSettings) -> dict[str, tuple[str, bool]]:
    return {service.name: (service.state, service.healthy) for service in services.status(folders)}


def test_status_finds_every_service_by_its_state_folder(running: Running) -> None:
    assert _states(running.folders) == dict.fromkeys(services.NAMES, ("running", True))


def test_every_service_listens_on_the_loopback_interface_only(running: Running) -> None:
    for pid in running.pids().values():
        listening = [c for c in psutil.Process(pid).net_connections("tcp") if c.status == "LISTEN"]
        assert listening
        assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} == {LOOPBACK}


def test_the_state_folder_keeps_its_secrets_to_its_user(running: Running) -> None:
    state_dir = running.folders.state_dir
    for secret in (SERVICES_ENV, "object-store/keys", "object-store/s3proxy.properties"):
        assert (state_dir / secret).stat().st_mode & 0o077 == 0


def test_a_second_start_leaves_alone_what_runs_and_fetches_nothing(running: Running) -> None:
    before, steps = running.pids(), set[str]()

    def note_step(what: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        steps.add(what)

    again = services.start(running.folders, note_step)

    assert again == running.variables
    assert running.pids() == before
    assert steps == {"starting services"}


def test_a_killed_broker_is_crashed_and_the_next_start_brings_its_records_back(
    running: Running,
) -> None:
    """Address, records and schemas are the same after it."""
    broker = services.NAMES[0]
    pid = running.pids()[broker]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: _states(running.folders)[broker] == ("crashed", False), 10, "it is crashed")

    again = services.start(running.folders, silent)

    assert again == running.variables
    assert _kept(again) == ([b"a record"], ('"string"',))


def test_a_stop_leaves_no_process_and_a_start_on_another_port_finds_all_again(
    running: Running,
) -> None:
    """A stranger on the broker's port meanwhile keeps it; the broker takes another."""
    pids = running.pids()

    assert services.stop(running.folders) == tuple(reversed(services.NAMES))

    assert _states(running.folders) == dict.fromkeys(services.NAMES, ("stopped", False))
    assert not [pid for pid in pids.values() if _is_alive(pid)]
    assert not (running.folders.state_dir / SERVICES_ENV).exists()
    port = int(running.variables["CMC_KAFKA_BOOTSTRAP_SERVERS"].rpartition(":")[2])
    with socket.create_server((LOOPBACK, port)):
        again = services.start(running.folders, silent)
    assert again["CMC_KAFKA_BOOTSTRAP_SERVERS"] != running.variables["CMC_KAFKA_BOOTSTRAP_SERVERS"]
    assert _kept(again) == ([b"a record"], ('"string"',))


def test_ctrl_c_during_a_start_leaves_nothing_half_started(
    own_folders: FolderSettings, tmp_path: Path
) -> None:
    folders = FolderSettings(state_dir=tmp_path, cache_dir=own_folders.cache_dir)

    with pytest.raises(KeyboardInterrupt):
        services.start(folders, _interrupting)

    assert _states(folders) == dict.fromkeys(services.NAMES, ("stopped", False))
    assert str(tmp_path) not in " ".join(_command_lines())


def test_a_state_folder_that_cannot_be_written_is_named_with_its_setting(
    own_folders: FolderSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    folders = FolderSettings(state_dir=tmp_path / "file", cache_dir=own_folders.cache_dir)

    with pytest.raises(EmbeddedServiceError, match=r"cannot write .*file.*CMC_STATE_DIR"):
        services.start(folders, silent)


def test_a_service_that_does_not_come_up_is_named_with_its_log_and_the_others_are_stopped(
    own_folders: FolderSettings, tmp_path: Path
) -> None:
    """Here the broker's log folder was formatted for another cluster's node."""
    folders = FolderSettings(state_dir=tmp_path, cache_dir=own_folders.cache_dir)
    log = tmp_path / "kafka" / "log"
    log.mkdir(parents=True)
    (log / "meta.properties").write_text("version=1\ncluster.id=another\nnode.id=7\n")

    with pytest.raises(EmbeddedServiceError, match=r"kafka.*ended at its start.*kafka\.log"):
        services.start(folders, silent)

    assert _states(folders) == dict.fromkeys(services.NAMES, ("stopped", False))


def _interrupting(what: str, done: int, total: int) -> None:
    if what == "starting services" and done < total:
        raise KeyboardInterrupt


def _is_alive(pid: int | None) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command_lines() -> Iterator[str]:
    for process in psutil.process_iter(["cmdline"]):
        yield " ".join(process.info["cmdline"] or ())
