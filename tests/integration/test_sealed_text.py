"""Sealed texts from producer over topic to worker, on a real broker and registry."""

import json
import signal
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from cli.dlq import dlq
from cli.publish import publish
from runtime import kafka_topics
from runtime.kafka import KafkaRecord, TopicReader
from runtime.key_files import add_key
from runtime.registry import Registry
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.dead_letter import dead_letter_of
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader
from tests.waiting import process, wait_for

START_S = 60
TEXT = "Quorvexilant chest pain for 2 days."
KEYS = "CMC_ENCRYPTION_KEYS"


def _records(settings: KafkaSettings, topic: str) -> list[KafkaRecord]:
    with closing(TopicReader(settings, topic, "beginning")) as reader:
        return list(reader.until_now())


def _published(variables: dict[str, str], *ids: str) -> None:
    rows = "\n".join(json.dumps({"note_id": name, "text": TEXT}) for name in ids)
    done = CliRunner().invoke(publish, ["-"], input=rows, env=variables, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_a_sealed_note_is_read_by_nobody_without_its_key_coded_with_it_and_refused_under_another(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: dict[str, int],  # noqa: ARG001 - they are
    registry: Registry,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """Both keys have one id. A note that is not sealed goes the same way as ever."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for file in (ours, theirs):
        add_key(file, "2026a")
    plain = process_variables
    _published(plain | {KEYS: str(ours)}, "sealed-1", "sealed-2")
    _published(plain | {KEYS: str(theirs)}, "foreign")
    sent = _records(kafka_settings, names.notes.name)
    assert not [record for record in sent if b"Quorvexilant" in (record.value or b"")]
    assert {record.headers["cmc_text_key"] for record in sent} == {b"2026a"}
    _published(plain, "plain")

    log = tmp_path / "worker.log"
    worker = process("tests.fakes.worker", "0", variables=plain | {KEYS: str(ours)}, log=log)
    with worker as running:
        group = plain["CMC_WORKER_GROUP"]
        wait_for(
            lambda: not sum(kafka_topics.lag(kafka_settings, group, names.notes.name).values()),
            START_S, "no lag", log,
        )  # fmt: skip
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0, log.read_text()

    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    claims = [decoder.decode(r.value) for r in _records(kafka_settings, names.claims.name)]
    assert {c.note_id for c in claims} == {"sealed-1", "sealed-2", "plain"}
    assert {e.end for c in claims for d in c.diagnoses for e in d.evidence} == {len(TEXT)}
    (letter,) = _records(kafka_settings, names.dead_letters.name)
    assert dead_letter_of(letter.headers).error_class == "SealedTextError"

    def revealed(variables: dict[str, str]) -> str:
        place = "{}:{}".format(*dead_letter_of(letter.headers).source)
        return CliRunner().invoke(dlq, ["show", place, "--reveal"], env=variables).output

    assert TEXT in revealed(plain | {KEYS: str(theirs)})
    assert TEXT not in revealed(plain)
