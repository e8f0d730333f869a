"""tail and reconcile on real topics."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from cli.claims import reconcile, tail
from runtime import kafka_topics
from runtime.clock import now
from runtime.exit_status import INTERRUPTED
from runtime.kafka import KafkaSender
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import DeadLetter
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from tests.claims import CODED_AT, claim_event
from tests.notes import note_event
from tests.waiting import process, wait_for


@pytest.fixture
def send(kafka_settings: KafkaSettings, names: Topics, registered: Mapping[str, int]) -> "Sending":
    """Puts records on the test's own topics."""
    return Sending(kafka_settings, names, registered)


class Sending:
    """Notes, claims and dead letters of encounter-1, each on the broker when its call returns."""

    def __init__(
        self, settings: KafkaSettings, names: Topics, registered: Mapping[str, int]
    ) -> None:
        self._names = names
        self._sender = KafkaSender(settings, "test")
        note, claim = schema_text("note_signed.avsc"), schema_text("claim_coded.avsc")
        self._notes = RecordWriter(NoteSigned, note, registered[names.notes.subject])
        self._claims = RecordWriter(ClaimCoded, claim, registered[names.claims.subject])

    def notes(self, *note_ids: str) -> None:
        """Signed notes."""
        events = [note_event(note_id=note_id) for note_id in note_ids]
        self._send(self._names.notes.name, [self._notes.encode(event) for event in events], {})

    def claims(self, *note_ids: str, key: str = "encounter-1") -> None:
        """Their claims, in the partition of the key."""
        values = [self._claims.encode(claim_event(note_id)) for note_id in note_ids]
        self._send(self._names.claims.name, values, {}, key)

    def dead_letter(self, partition: int, offset: int) -> None:
        """A refused record of the note topic."""
        letter = DeadLetter(
            source_topic=self._names.notes.name, source_partition=partition, source_offset=offset,
            error_class="X", worker="w", first_seen=CODED_AT, last_seen=CODED_AT, attempt=1,
        )  # fmt: skip
        self._send(self._names.dead_letters.name, [b"raw"], letter.headers())

    def _send(
        self,
        topic: str,
        values: list[bytes],
        headers: Mapping[str, bytes],
        key: str = "encounter-1",
    ) -> None:
        for value in values:
            self._sender.send(topic, key, value, headers)
        self._sender.flush(20)


def commit_all(settings: KafkaSettings, group: str, names: Topics) -> list[int]:
    """Say that the group is past every note; the partitions that hold some."""
    ends = {
        n: end for n, (_, end) in kafka_topics.counts(settings, names.notes.name).items() if end
    }
    places = [TopicPartition(names.notes.name, n, end) for n, end in ends.items()]
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    asked = [ConsumerGroupTopicPartitions(group, places)]
    admin.alter_consumer_group_offsets(asked)[group].result()
    return list(ends)


def _run(variables: dict[str, str], *arguments: str) -> Result:
    command = {"tail": tail, "reconcile": reconcile}[arguments[0]]
    return CliRunner().invoke(command, arguments[1:], env=variables, catch_exceptions=False)


def _tailed(variables: dict[str, str], *arguments: str) -> list[str]:
    done = _run(variables, "tail", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line)["note_id"] for line in done.stdout.splitlines()]


def test_tail_prints_each_claim_once_from_where_it_is_told(
    send: Sending, process_variables: dict[str, str]
) -> None:
    """Whichever partitions have something after that place, and whichever have not."""
    for key in range(8):
        send.claims(f"a{key}", f"b{key}", f"a{key}", key=str(key))
    moment = now() + timedelta(milliseconds=1)
    wait_for(lambda: now() > moment, 5, "another millisecond")
    send.claims("c")

    early = [f"{letter}{key}" for letter in "ab" for key in range(8)]
    assert sorted(_tailed(process_variables)) == [*early, "c"]
    assert _tailed(process_variables, "--from", moment.isoformat()) == ["c"]
    assert _tailed(process_variables, "--from", "end") == []
    assert len(_tailed(process_variables, "--encounter", "encounter-1")) == len(early) + 1
    assert _tailed(process_variables, "--encounter", "another") == []


def test_a_line_for_people_says_encounter_note_and_codes(
    send: Sending, process_variables: dict[str, str]
) -> None:
    send.claims("a")

    (line,) = _run(process_variables, "tail").stdout.splitlines()

    assert line.endswith("encounter-1  a v1  R07.9 0.90 submit")


def test_a_start_that_is_none_is_a_wrong_usage(process_variables: dict[str, str]) -> None:
    assert _run(process_variables, "tail", "--from", "yesterday").exit_code == 2


def test_tail_follows_until_ctrl_c(
    send: Sending, process_variables: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "tail.log"
    send.claims("a")

    with process("cli", "tail", "-f", "--json", variables=process_variables, log=log) as following:
        wait_for(lambda: '"a"' in log.read_text(), 30, "the claim that was there", log)
        send.claims("b")
        wait_for(lambda: '"b"' in log.read_text(), 30, "the claim that came", log)
        following.send_signal(signal.SIGINT)
        assert following.wait(20) == INTERRUPTED, log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_reader_that_goes_away_ends_tail_without_a_traceback(
    send: Sending, process_variables: dict[str, str]
) -> None:
    """``codemychart tail | head -1``."""
    send.claims(*(f"n{n}" for n in range(2000)))

    pipe = "set -o pipefail; $0 -m cli tail --json | head -1"
    done = subprocess.run(
        ["/bin/bash", "-c", pipe, sys.executable],
        env={"PATH": "/usr/bin:/bin", **process_variables},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert json.loads(done.stdout)["note_id"] == "n0"
    assert b"Traceback" not in done.stderr
    assert b"rror" not in done.stderr


def test_reconcile_of_a_complete_run_exits_0(
    send: Sending, process_variables: dict[str, str]
) -> None:
    """A claim that was sent twice is a repeat and nothing else."""
    send.notes("a", "b")
    send.claims("a", "b", "a")

    done = _run(process_variables, "reconcile", "--no-lake", "--json")

    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (found["notes"], found["claims"], found["repeats"]) == (2, 2, 1)
    assert (found["in_flight"], found["missing"], found["landed"]) == (0, 0, None)


def test_reconcile_names_what_the_group_went_past_and_exits_1(
    send: Sending,
    process_variables: dict[str, str],
    kafka_settings: KafkaSettings,
    names: Topics,
) -> None:
    send.notes("a", "b", "c")
    send.claims("a")
    (partition,) = commit_all(kafka_settings, process_variables["CMC_WORKER_GROUP"], names)
    send.dead_letter(partition, 2)

    done = _run(process_variables, "reconcile", "--no-lake")

    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert ["missing", "1"] in [line.split()[:2] for line in lines]
    assert f"missing: note b at {names.notes.name} partition {partition} offset 1" in lines[-1]


def test_reconcile_waits_for_what_is_in_flight_no_longer_than_told(
    send: Sending, process_variables: dict[str, str]
) -> None:
    send.notes("a")

    done = _run(process_variables, "reconcile", "--no-lake", "--json", "--wait", "0.1")

    assert (done.exit_code, json.loads(done.stdout)["in_flight"]) == (0, 1)
