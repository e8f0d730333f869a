"""`codemychart publish` against the real broker and registry."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from producers.synthetic import encounters
from runtime.exit_status import INTERRUPTED, MISCONFIGURED
from runtime.kafka import KafkaRecord, TopicReader
from runtime.kafka_topics import MAX_RECORD_BYTES, record_limit
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.note_rows import LONGEST_TEXT
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordReader

DEADLINE_S = 60


@pytest.fixture
def variables(
    kafka_settings: KafkaSettings,
    registry_settings: RegistrySettings,
    registered: dict[str, int],
    tmp_path: Path,
) -> dict[str, str]:
    """The environment of a command that meets this test's topics; their schemas are registered."""
    assert registered
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 - handed on to the command, not read
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_KAFKA_BOOTSTRAP_SERVERS": kafka_settings.bootstrap_servers,
        "CMC_KAFKA_TOPIC_PREFIX": kafka_settings.topic_prefix,
        "CMC_REGISTRY_URL": registry_settings.url,
    }


def start(variables: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    command = (sys.executable, "-m", "cli", "publish", *arguments)
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def run(variables: Mapping[str, str], *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """Exit status, stdout, stderr of the command."""
    with start(variables, *arguments) as process:
        out, err = process.communicate(stdin, timeout=DEADLINE_S)
    return process.returncode, out, err


def records(settings: KafkaSettings) -> list[KafkaRecord]:
    """Everything in the note topic."""
    topic = topics(settings.topic_prefix).notes.name
    with closing(TopicReader(settings, topic, "beginning")) as reader:
        return list(reader.until_now())


def events(settings: KafkaSettings, registry: Registry) -> list[NoteSigned]:
    """The note topic's records, decoded."""
    decoder = RecordReader(NoteSigned, schema_text("note_signed.avsc"), registry)
    return [decoder.decode(record.value) for record in records(settings)]


def test_synthetic_notes_are_on_the_topic_as_generated_and_their_codes_only_beside(
    variables: dict[str, str], kafka_settings: KafkaSettings, registry: Registry, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"

    status, out, _ = run(variables, "--synthetic", "60", "--seed", "5", "--gold", str(gold))

    assert (status, out) == (0, "published 60, acknowledged 60, rejected 0\n")
    made = list(encounters(60, seed=5))
    by_id = {event.note_id: event for event in events(kafka_settings, registry)}
    assert by_id == {note.event.note_id: note.event for note in made}
    rows = [json.loads(line) for line in gold.read_text().splitlines()]
    assert rows == [{"note_id": n.event.note_id, "codes": list(n.gold)} for n in made]


def test_an_encounters_notes_are_in_one_partition_in_their_order(
    variables: dict[str, str], kafka_settings: KafkaSettings, registry: Registry
) -> None:
    run(variables, "--synthetic", "60", "--seed", "6")

    places: dict[bytes | None, set[int]] = {}
    for record in records(kafka_settings):
        places.setdefault(record.key, set()).add(record.partition)
        assert record.headers["ce_type"].decode() == record.topic
        assert record.headers["traceparent"]
    assert {len(partitions) for partitions in places.values()} == {1}
    read = [note.note_id for note in sorted(events(kafka_settings, registry), key=_encounter)]
    made = [n.event for n in encounters(60, seed=6)]
    assert read == [note.note_id for note in sorted(made, key=_encounter)]


def _encounter(note: NoteSigned) -> str:
    return note.encounter_id


def test_a_file_with_bad_rows_exits_1_names_their_lines_and_publishes_the_rest(
    variables: dict[str, str], kafka_settings: KafkaSettings, registry: Registry, tmp_path: Path
) -> None:
    text = "Chest pain 🙂\r\nDenies fever.\r\n"
    rows = [
        {"id": "n1", "text": text},
        {"id": "n2", "text": "x" * (LONGEST_TEXT + 1)},
        {"id": "n3", "text": "y" * 200_000},
        {"id": "n4", "text": ""},
    ]
    file = tmp_path / "notes.jsonl"
    file.write_text("\n".join([*map(json.dumps, rows), "{broken", json.dumps({"id": "n6"})]))

    status, out, err = run(variables, str(file), "--json")

    assert status == 1
    assert json.loads(out) == {"published": 3, "acknowledged": 3, "rejected": 3}
    lines = [line for line in err.splitlines() if line.startswith(str(file))]
    assert [line.split(":")[1] for line in lines] == ["2", "5", "6"]
    texts = {event.note_id: event.text for event in events(kafka_settings, registry)}
    assert texts == {"n1": text, "n3": "y" * 200_000, "n4": ""}


def test_the_topics_limit_is_the_brokers_word(
    kafka_settings: KafkaSettings,
) -> None:
    name = topics(kafka_settings.topic_prefix).notes.name

    assert record_limit(kafka_settings, name) == MAX_RECORD_BYTES
    assert record_limit(kafka_settings, "never-created") == MAX_RECORD_BYTES


def test_a_csv_on_stdin_is_published(
    variables: dict[str, str], kafka_settings: KafkaSettings, registry: Registry
) -> None:
    status, _, _ = run(variables, "-", stdin='note_id,age,text\nn1,44,"Cough, dry."\n')

    (event,) = events(kafka_settings, registry)
    assert (status, event.age_years, event.text) == (0, 44, "Cough, dry.")


def test_ctrl_c_tells_what_was_acknowledged_and_no_more_is_on_the_topic(
    variables: dict[str, str], kafka_settings: KafkaSettings
) -> None:
    process = start(variables, "--synthetic", "100000", "--rate", "50")
    deadline = time.monotonic() + DEADLINE_S
    while not records(kafka_settings):
        assert time.monotonic() < deadline

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=DEADLINE_S)

    held = len(records(kafka_settings))
    assert f"acknowledged {held}, rejected 0" in err
    assert process.returncode == INTERRUPTED


def test_a_missing_schema_says_how_to_register_it(
    variables: dict[str, str],
) -> None:
    variables |= {"CMC_KAFKA_TOPIC_PREFIX": "nobody-registered-this."}

    status, _, err = run(variables, "--synthetic", "1")

    assert status == MISCONFIGURED
    assert "codemychart schemas register" in err
