"""The stack of `up --secure`: each process may do its work on the broker and nothing beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import psutil
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from clinical_coding.errors import BrokerError
from runtime.embedded import services
from runtime.kafka import KafkaSender, TopicReader
from runtime.kafka_connection import admin
from runtime.kafka_topics import ask
from runtime.progress import silent
from runtime.roles import Role
from runtime.settings import SERVICES_ENV, FolderSettings, KafkaSettings, WorkerSettings
from schemas.topics import topics

NAMES = topics()
TOPICS = {t.name.removesuffix(".v1"): t.name for t in NAMES}
NOTES, CLAIMS, REVIEWS, DEAD_LETTERS = TOPICS
MAY = {
    Role.PRODUCER: {("write", NOTES)},
    Role.WORKER: {("read", NOTES), ("write", CLAIMS), ("write", DEAD_LETTERS)},
    Role.LANDING: {("read", CLAIMS)},
    Role.UI: {
        ("read", NOTES),
        ("read", CLAIMS),
        ("read", DEAD_LETTERS),
        ("read", REVIEWS),
        ("write", REVIEWS),
    },
    Role.READER: {("read", topic) for topic in TOPICS},
    Role.REDRIVER: {("write", NOTES), ("write", DEAD_LETTERS)},
}


@pytest.fixture(scope="module")
def folders(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FolderSettings]:
    """A secured stack of this module's own, one record in each topic."""
    folders = FolderSettings(
        state_dir=tmp_path_factory.mktemp("secured"), cache_dir=own_folders.cache_dir
    )
    variables = {
        "CMC_STATE_DIR": str(folders.state_dir),
        "CMC_CACHE_DIR": str(folders.cache_dir),
    }
    up = [sys.executable, "-m", "cli", "up", "--secure", "--json"]
    done = subprocess.run(up, env=os.environ | variables, check=False, capture_output=True)  # noqa: TID251 - handed on
    assert done.returncode == 0, done.stderr.decode()
    sender = KafkaSender(settings_of(folders, Role.ADMIN), "test")
    for topic in NAMES:
        sender.send(topic.name, "encounter", b"a record", {})
    sender.flush(20)
    yield folders
    services.stop(folders)


def settings_of(folders: FolderSettings, role: Role) -> KafkaSettings:
    """What a process of this role is given."""
    files = [folders.state_dir / name for name in (SERVICES_ENV, role.env_file)]
    return KafkaSettings(_env_file=files)  # type: ignore[call-arg] # pydantic's own argument


def _write(settings: KafkaSettings, topic: str) -> None:
    sender = KafkaSender(settings, "test")
    sender.send(topic, "encounter", b"another", {})
    sender.flush(20)


def _read(settings: KafkaSettings, topic: str) -> None:
    reader = TopicReader(settings, topic, "beginning")
    try:
        assert next(reader.until_now()).value == b"a record"
    finally:
        reader.close()


def _move_offsets(settings: KafkaSettings, group: str) -> str | None:
    """The broker's refusal, None when it did it."""
    place = TopicPartition(NAMES.notes.name, 0, 0)
    client = admin(settings).client
    asked = client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [place])])
    try:
        (moved,) = asked[group].result().topic_partitions
    except KafkaException as error:
        return str(error.args[0].name())
    return str(moved.error.name()) if moved.error else None


ACTIONS = {"write": _write, "read": _read}


@pytest.mark.parametrize(
    ("role", "action", "topic"),
    [pytest.param(*case, id="-".join(case)) for case in product(MAY, ACTIONS, TOPICS)],
)
def test_a_process_may_read_and_write_what_its_work_needs_and_nothing_else(
    folders: FolderSettings, role: Role, action: str, topic: str
) -> None:
    settings = settings_of(folders, role)
    if (action, topic) in MAY[role]:
        ACTIONS[action](settings, TOPICS[topic])
    else:
        with pytest.raises(BrokerError, match="AUTHORIZATION_FAILED"):
            ACTIONS[action](settings, TOPICS[topic])


@pytest.mark.parametrize("role", MAY)
def test_only_the_worker_may_move_the_workers_offsets(folders: FolderSettings, role: Role) -> None:
    """Whoever could would make notes be passed over."""
    refusal = _move_offsets(settings_of(folders, role), WorkerSettings().group)

    assert refusal == (None if role is Role.WORKER else "GROUP_AUTHORIZATION_FAILED")


def test_nobody_is_let_in_without_tls_or_without_a_password(folders: FolderSettings) -> None:
    known = settings_of(folders, Role.READER)
    plain = {"security_protocol": "PLAINTEXT", "request_timeout_s": 2.0}
    nameless = {"security_protocol": "SSL", "request_timeout_s": 2.0}

    for stranger in (plain, nameless):
        with pytest.raises(BrokerError):
            ask(known.model_copy(update=stranger))


def test_a_state_folder_that_was_secured_once_is_never_opened_again(
    folders: FolderSettings,
) -> None:
    again = services.start(folders, silent)

    assert again["CMC_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert services.is_secured(folders)


def test_keys_and_passwords_are_their_users_alone_and_stand_in_no_list_of_processes(
    folders: FolderSettings,
) -> None:
    keys = folders.state_dir / "kafka" / "keys"
    private = [*keys.iterdir(), *folders.state_dir.glob("services*.env")]
    passwords = json.loads((keys / "passwords.json").read_text()).values()
    commands = [" ".join(_command(service.pid)) for service in services.status(folders)]

    assert len(passwords) == len(set(passwords)) == len(MAY)
    assert {oct(path.stat().st_mode & 0o077) for path in private} == {"0o0"}
    assert not [secret for secret in passwords if any(secret in line for line in commands)]


def test_each_process_knows_its_own_password_and_no_others(folders: FolderSettings) -> None:
    passwords = json.loads((folders.state_dir / "kafka" / "keys" / "passwords.json").read_text())
    for role in MAY:
        files = (folders.state_dir / name for name in (SERVICES_ENV, role.env_file))
        told = "".join(Path(file).read_text() for file in files)

        assert {user for user, secret in passwords.items() if secret in told} == {role}


def _command(pid: int | None) -> list[str]:
    return psutil.Process(pid).cmdline()
