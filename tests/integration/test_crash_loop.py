"""A note that ends the worker process: the loop breaks, and nothing but that note is given up."""

from collections.abc import Mapping
from contextlib import closing
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
NOTES, DEADLY = 20, 7
LIFE_S = 60  # on a busy machine
STALL_S = "20"  # longer than the dead one's place in the group is kept


@pytest.mark.parametrize("way", ["fault", "hang", "bug"])
def test_a_note_that_ends_the_process_is_dead_lettered_after_three_deaths_and_no_other_is(
    way: str,
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    registry: Registry,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """A native fault, a stall that the watchdog ends, a bug of ours: neighbours keep their order.

    Those that a death kept from being committed come again as the same event.
    """
    log, variables = tmp_path / "worker.log", process_variables | {"CMC_WORKER_STALL_S": STALL_S}
    contract = schema_text("note_signed.avsc")
    writer = RecordWriter(NoteSigned, contract, registered[names.notes.subject])
    texts = [way if n == DEADLY else "Chest pain for 2 days." for n in range(NOTES)]
    values = [writer.encode(note_event(t, note_id=f"note-{n}")) for n, t in enumerate(texts)]
    sender = KafkaSender(kafka_settings, "test")
    for value in values:
        sender.send(names.notes.name, "encounter-1", value, {})
    sender.flush(20)

    def is_done() -> bool:
        group = variables["CMC_WORKER_GROUP"]
        return not sum(kafka_topics.lag(kafka_settings, group, names.notes.name).values())

    deaths = 0
    while not is_done():
        with process("tests.fakes.worker", "0", "mortal", variables=variables, log=log) as worker:
            wait_for(lambda: worker.poll() is not None or is_done(), LIFE_S, "a death", log)
            deaths += worker.poll() is not None
        assert deaths <= 3, log.read_text()

    decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), registry)
    with closing(TopicReader(kafka_settings, names.claims.name, "beginning")) as reader:
        claims = [decoder.decode(record.value) for record in reader.until_now()]
    with closing(TopicReader(kafka_settings, names.dead_letters.name, "beginning")) as reader:
        (letter,) = reader.until_now()
    assert deaths == 3
    once = {claim.event_id: claim.note_id for claim in claims}
    assert list(once.values()) == [f"note-{n}" for n in range(NOTES) if n != DEADLY]
    assert dead_letter_of(letter.headers).error_class == "CrashingRecordError"
    assert letter.value == values[DEADLY]
    assert "record given up" in log.read_text()
