"""Amended and retracted notes, their versions in any order: from the note topic to every reader."""

import json
import signal
from collections.abc import Mapping
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.claims import reconcile, tail
from clinical_coding.note import NoteStatus
from consumers.lake import open_lake
from runtime import kafka_topics
from runtime.clock import now
from runtime.kafka import KafkaSender, TopicReader
from runtime.registry import Registry
from runtime.settings import KafkaSettings, LandingSettings
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.notes import note_event
from tests.waiting import process, wait_for
from ui.feed import Feed

pytestmark = pytest.mark.timeout(300)
START_S = 90  # on a busy machine
ORDERS = list(permutations((1, 2, 3)))
ENDS = {"kept": NoteStatus.AMENDED, "gone": NoteStatus.RETRACTED}


def versions() -> list[NoteSigned]:
    """Notes signed, amended, and amended again or retracted; each in another order, an encounter each."""
    return [
        note_event(
            f"version {version}",
            note_id=f"{end}-{number}",
            version=version,
            status={1: NoteStatus.SIGNED, 2: NoteStatus.AMENDED, 3: last}[version],
            encounter_id=f"encounter-{end}-{number}",
        )
        for end, last in ENDS.items()
        for number, order in enumerate(ORDERS)
        for version in order
    ]


def test_in_any_order_a_note_ends_in_the_claim_of_its_newest_version_for_every_reader(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    registry: Registry,
    lake_settings: LandingSettings,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """tail, the lake's current view, the feed; reconcile finds one claim a version."""
    contract = schema_text("note_signed.avsc")
    writer = RecordWriter(NoteSigned, contract, registered[names.notes.subject])
    sender, notes = KafkaSender(kafka_settings, "test"), versions()
    for event in notes:
        sender.send(names.notes.name, event.encounter_id, writer.encode(event), {})
    sender.flush(20)

    _work(kafka_settings, names, process_variables, tmp_path / "worker.log")
    _land(process_variables, tmp_path / "landing.log")

    kept = {f"kept-{number}" for number in range(len(ORDERS))}
    every = kept | {f"gone-{number}" for number in range(len(ORDERS))}
    told = CliRunner().invoke(tail, ["--json"], env=process_variables)
    last = {row["note_id"]: row for row in map(json.loads, told.stdout.splitlines())}
    assert {name: row["note_version"] for name, row in last.items()} == dict.fromkeys(every, 3)
    assert {name for name, row in last.items() if row["diagnoses"]} == kept

    with open_lake(lake_settings).connection() as duck:
        rows = duck.sql("SELECT note_id, note_version FROM current_claims").fetchall()
    assert sorted(rows) == [(name, 3) for name in sorted(kept)]

    feed = Feed(limit=len(notes), text_bytes=0)
    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    with closing(TopicReader(kafka_settings, names.claims.name, "beginning")) as reader:
        for record in reader.until_now():
            feed.add_claim(decoder.decode(record.value), now())
    shown = feed.newest(len(notes))
    assert {c.note_id: c.note_version for c in shown if not feed.successor(c)} == dict.fromkeys(
        every, 3
    )

    done = CliRunner().invoke(reconcile, ["--json"], env=process_variables)
    found = json.loads(done.stdout)
    assert (done.exit_code, found["notes"], found["claims"]) == (0, len(notes), len(notes))


def _work(settings: KafkaSettings, names: Topics, variables: dict[str, str], log: Path) -> None:
    group = variables["CMC_WORKER_GROUP"]
    with process("tests.fakes.worker", "0", variables=variables, log=log) as worker:
        wait_for(
            lambda: not sum(kafka_topics.lag(settings, group, names.notes.name).values()),
            START_S,
            "no lag",
            log,
        )
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, log.read_text()


def _land(variables: dict[str, str], log: Path) -> None:
    with process("cli", "land", "--once", variables=variables, log=log) as landing:
        assert landing.wait(150) == 0, log.read_text()
