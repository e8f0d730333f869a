"""dlq list, show and redrive on a real broker, registry and worker."""

import base64
import json
import signal
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Producer

from cli.claims import reconcile
from cli.dlq import dlq
from runtime import kafka_topics
from runtime.audit import FILE
from runtime.kafka import KafkaRecord, KafkaSender, TopicReader
from runtime.settings import KafkaSettings
from schemas.dead_letter import dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from tests.notes import note_event
from tests.waiting import process, wait_for

SECRET = "poison of a patient"  # noqa: S105 - what FakeCoder does not take
GARBAGE = b"\xff no Avro"
START_S = 60
OWN = [("twice", b"1"), ("twice", b"2"), ("none", None)]


@pytest.fixture
def published(
    kafka_settings: KafkaSettings, names: Topics, registered: Mapping[str, int]
) -> list[bytes]:
    """Good notes of one encounter, one that the fake coder does not take, and garbage."""
    writer = RecordWriter(
        NoteSigned, schema_text("note_signed.avsc"), registered[names.notes.subject]
    )
    texts = ["Cough.", SECRET, "Fever."]
    values = [writer.encode(note_event(t, note_id=f"note-{n}")) for n, t in enumerate(texts)]
    producer = Producer({"bootstrap.servers": kafka_settings.bootstrap_servers})
    for value in (*values, GARBAGE):
        producer.produce(names.notes.name, key=b"encounter-1", value=value, headers=OWN)  # type: ignore[arg-type] # a header may have no value
    assert producer.flush(10) == 0
    return [*values, GARBAGE]


def run(variables: dict[str, str], *arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(dlq, arguments, env=variables, catch_exceptions=False)


def listed(variables: dict[str, str], *arguments: str) -> list[dict[str, object]]:
    """The rows of ``dlq list --json``."""
    done = run(variables, "list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_all(settings: KafkaSettings, topic: str) -> list[KafkaRecord]:
    """What the topic holds now."""
    with closing(TopicReader(settings, topic, "beginning")) as reader:
        return list(reader.until_now())


def work(
    settings: KafkaSettings, names: Topics, variables: dict[str, str], log: Path, *coder: str
) -> None:
    """A worker until nothing is left to do."""
    group = variables["CMC_WORKER_GROUP"]
    with process("tests.fakes.worker", "0", *coder, variables=variables, log=log) as worker:
        wait_for(
            lambda: not sum(kafka_topics.lag(settings, group, names.notes.name).values()),
            START_S,
            "no lag",
            log,
        )
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, log.read_text()


def reconciled(variables: dict[str, str]) -> dict[str, int]:
    """Its counts; nothing is missing or doubled."""
    done = CliRunner().invoke(reconcile, ["--no-lake", "--json"], env=variables)
    assert done.exit_code == 0, done.output
    found: dict[str, int] = json.loads(done.stdout)
    return {name: found[name] for name in ("notes", "claims", "dead_letters", "in_flight")}


def test_what_was_refused_is_listed_shown_without_its_words_and_put_back_once(
    published: list[bytes],
    kafka_settings: KafkaSettings,
    names: Topics,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """From refusal over redrive to a claim or a further refusal, with nothing missing or doubled."""
    log, told = tmp_path / "worker.log", process_variables
    work(kafka_settings, names, told, log)
    poison, garbage = listed(told)
    assert [poison["error_class"], garbage["error_class"]] == [
        "UnscorableNoteError",
        "UndecodableEventError",
    ]
    assert reconciled(told) == {"notes": 4, "claims": 2, "dead_letters": 2, "in_flight": 0}

    plain = run(told, "show", str(poison["id"]))
    assert (plain.exit_code, "patient" in plain.output) == (0, False)
    revealed = json.loads(run(told, "show", str(poison["id"]), "--reveal", "--json").stdout)
    assert revealed["note"]["text"] == SECRET
    assert base64.b64decode(revealed["value_base64"]) == published[1]
    assert SECRET in run(told, "show", str(poison["id"]), "--reveal").output

    before = len(read_all(kafka_settings, names.notes.name))
    assert run(told, "redrive", "--all", "--dry-run").exit_code == 0
    assert len(read_all(kafka_settings, names.notes.name)) == before
    assert "redriven 2, acknowledged 2" in run(told, "redrive", "--all").stdout
    assert listed(told) == []
    assert len(listed(told, "--redriven")) == 2
    assert "redriven 0" in run(told, "redrive", "--all").stdout
    audited = (Path(told["CMC_STATE_DIR"]) / FILE).read_text().splitlines()
    assert [(entry["action"], len(entry["ids"])) for entry in map(json.loads, audited)] == [
        ("revealed", 1),
        ("revealed", 1),
        ("redrove", 2),
    ]
    again = read_all(kafka_settings, names.notes.name)[before:]
    assert [(r.key, r.value) for r in again] == [(b"encounter-1", published[n]) for n in (1, 3)]
    assert all(r.raw_headers[: len(OWN)] == tuple(OWN) for r in again)

    work(kafka_settings, names, told, log, "mended")
    (left,) = listed(told)
    assert (left["error_class"], left["attempt"], left["first_seen"]) == (
        "UndecodableEventError",
        2,
        garbage["first_seen"],
    )
    assert reconciled(told) == {"notes": 4, "claims": 3, "dead_letters": 1, "in_flight": 0}
    assert "patient" not in log.read_text()


def test_a_wrong_id_is_said_and_what_is_right_is_put_back(
    published: list[bytes],
    kafka_settings: KafkaSettings,
    names: Topics,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    work(kafka_settings, names, process_variables, tmp_path / "worker.log")
    first, second = (str(row["id"]) for row in listed(process_variables))

    done = run(process_variables, "redrive", first, "99:99", "--json")

    assert done.exit_code == 1
    assert "99:99" in done.stderr
    assert json.loads(done.stdout) == {"sent": 1, "acknowledged": 1}
    assert [row["id"] for row in listed(process_variables)] == [second]
    assert run(process_variables, "show", "99:99").exit_code == 1
    assert run(process_variables, "redrive").exit_code == 2
    assert run(process_variables, "redrive", first, "--all").exit_code == 2
    assert run(process_variables, "list", "--since", "end").exit_code == 2
    assert "dead letters: 1 (1 UndecodableEventError)" in run(process_variables, "list").stdout
    assert len(published) == len(read_all(kafka_settings, names.notes.name)) - 1


def test_bytes_that_were_left_at_their_source_are_put_back_from_there(
    published: list[bytes],
    kafka_settings: KafkaSettings,
    names: Topics,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """A dead-letter topic may take less than the note topic; what is gone at both is said."""
    work(kafka_settings, names, process_variables, tmp_path / "worker.log")
    letters = read_all(kafka_settings, names.dead_letters.name)
    sender = KafkaSender(kafka_settings, "test")
    for letter, offset in ((letters[0], None), (letters[1], b"1000000")):
        moved = {} if offset is None else {"dlq_source_offset": offset}
        headers = letter.headers | {"dlq_left_bytes": b"7"} | moved
        sender.send(names.dead_letters.name, letter.key, None, headers, letter.partition)
    sender.flush(20)
    here = dead_letter_of(letters[0].headers).source

    done = run(process_variables, "redrive", "{}:{}".format(*here), f"{here[0]}:1000000")

    assert done.exit_code == 1
    assert f"{here[0]}:1000000: the topic no longer keeps its bytes" in done.stderr
    assert read_all(kafka_settings, names.notes.name)[-1].value == published[1]
