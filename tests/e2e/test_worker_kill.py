"""Kill the worker on the way: nothing is lost, repeats are the same event."""

import signal
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from runtime import kafka_topics
from runtime.kafka import KafkaSender, TopicReader
from runtime.registry import Registry
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.notes import note_event
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(240)
NOTES, ENCOUNTERS = 300, 40
GARBAGE = b"no Avro at all"


@pytest.fixture
def published(
    kafka_settings: KafkaSettings, names: Topics, registered: Mapping[str, int]
) -> list[NoteSigned]:
    """Notes of several encounters in the topic, one record of garbage among them."""
    writer = RecordWriter(
        NoteSigned, schema_text("note_signed.avsc"), registered[names.notes.subject]
    )
    sender = KafkaSender(kafka_settings, "test")
    events = [
        note_event(note_id=f"note-{n}", encounter_id=f"encounter-{n % ENCOUNTERS}")
        for n in range(NOTES)
    ]
    for place, event in enumerate(events):
        sender.send(names.notes.name, event.encounter_id, writer.encode(event), {})
        if place == NOTES // 2:
            sender.send(names.notes.name, "garbage", GARBAGE, {"trace": b"1"})
    sender.flush(30)
    return events


def _claims(settings: KafkaSettings, names: Topics, registry: Registry) -> list[ClaimCoded]:
    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    with closing(TopicReader(settings, names.claims.name, "beginning")) as reader:
        return [decoder.decode(record.value) for record in reader.until_now()]


def test_kill_and_restart_lose_nothing_and_keep_an_encounters_order(
    published: list[NoteSigned],
    kafka_settings: KafkaSettings,
    names: Topics,
    registry: Registry,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """Kill -9 of one of two workers, then SIGTERM of the other, then a third to the end."""
    log = tmp_path / "worker.log"
    settings = process_variables | {"CMC_WORKER_BATCH_NOTES": "16"}
    group = settings["CMC_WORKER_GROUP"]

    def ends(topic: str) -> int:
        return sum(end for _, end in kafka_topics.counts(kafka_settings, topic).values())

    def worker(stack: ExitStack) -> subprocess.Popen[bytes]:
        return stack.enter_context(
            process("tests.fakes.worker", "0.2", variables=settings, log=log)
        )

    with ExitStack() as stack:
        first, second = worker(stack), worker(stack)
        wait_for(lambda: ends(names.claims.name) > 20, 60, "some claims", log)
        first.kill()
        wait_for(lambda: ends(names.claims.name) > 80, 60, "claims after the kill", log)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0, log.read_text()
        worker(stack)
        wait_for(
            lambda: not sum(kafka_topics.lag(kafka_settings, group, names.notes.name).values()),
            90,
            "no lag",
            log,
        )

    claims = _claims(kafka_settings, names, registry)
    by_note: defaultdict[str, set[str]] = defaultdict(set)
    order: defaultdict[str, list[str]] = defaultdict(list)
    for claim in claims:
        by_note[claim.note_id].add(claim.event_id)
        if claim.note_id not in order[claim.encounter_id]:
            order[claim.encounter_id].append(claim.note_id)
    assert set(by_note) == {event.note_id for event in published}
    assert all(len(ids) == 1 for ids in by_note.values())
    for encounter, notes in order.items():
        assert notes == [e.note_id for e in published if e.encounter_id == encounter]
    with closing(TopicReader(kafka_settings, names.dead_letters.name, "beginning")) as reader:
        letters = list(reader.until_now())
    assert {letter.value for letter in letters} == {GARBAGE}
    assert dead_letter_of(letters[0].headers).error_class == "UndecodableEventError"
    assert letters[0].headers["trace"] == b"1"
    assert "Chest pain" not in log.read_text()
