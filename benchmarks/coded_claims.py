"""Claims as the shipped bundle makes them, many times as many as notes were coded, and where they land."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psutil
from pydantic import SecretStr

from benchmarks.running_sides import prefixed
from clinical_coding.claim import Profile
from clinical_coding.note import EncounterId, NoteId
from consumers.lake_objects import S3A
from producers.synthetic import LAST_DAY, encounters
from runtime.clock import now
from runtime.embedded import object_store
from runtime.kafka import KafkaSender
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    LandingSettings,
    ModelSettings,
    read,
)
from schemas.claim_coded import ClaimCoded, Timings, claim_event_id
from schemas.topics import schema_text, topics
from schemas.wire import RecordWriter
from streams.claim import claim_of
from streams.note_coder import engine_coder

SEED = 29
BATCH = 32
CODED = 96  # notes; every claim is that of one of them, under ids of its own
NO_EVENT = str(uuid.UUID(int=0))
DAYS = 7  # that claims are of, most of them of the last: each a file a batch
FLUSH_S = 120.0
STOP_S = 60.0


def coded_claims() -> tuple[ClaimCoded, ...]:
    """Claims of CODED synthetic notes by the shipped bundle."""
    bundle = load_bundle(read(ModelSettings), read(FolderSettings), silent)
    coder = engine_coder(bundle)
    events = [note.event for note in encounters(CODED, SEED)]
    claims: list[ClaimCoded] = []
    for first in range(0, CODED, BATCH):
        some = events[first : first + BATCH]
        codings = coder.code([event.note() for event in some], Profile.CLAIM)
        timings = Timings(published_at=now(), batch_notes=len(some), engine_ms=300.0)
        claims += [
            claim_of(event, coding, coder, now(), timings)
            for event, coding in zip(some, codings, strict=True)
        ]
    return tuple(claims)


class Copies:
    """Coded claims as bytes, as often as one likes, each of a note of its own.

    Claims are encoded once a day of service; in a copy ids of the same length stand in their place.
    """

    def __init__(self, coded: Sequence[ClaimCoded], writer: RecordWriter[ClaimCoded]) -> None:
        self._coded = coded
        self._encoded = [[writer.encode(_without_ids(c, n)) for n in range(DAYS)] for c in coded]

    def copy(self, number: int) -> tuple[str, bytes]:
        """Key and value; the same number, the same claim."""
        which = number % len(self._coded)
        note, encounter = _ids(number)
        claim = self._coded[which]
        event = claim_event_id(note, 1, claim.profile, claim.model_version, claim.code_set)
        value = self._encoded[which][_days_back(number // len(self._coded))]
        value = value.replace(NO_EVENT.encode(), event.encode())
        value = value.replace(_ids(0)[0].encode(), note.encode())
        return encounter, value.replace(_ids(0)[1].encode(), encounter.encode())


def _without_ids(claim: ClaimCoded, days_back: int) -> ClaimCoded:
    note, encounter = _ids(0)
    return replace(
        claim,
        event_id=NO_EVENT,
        note_id=note,
        encounter_id=encounter,
        date_of_service=LAST_DAY - timedelta(days_back),
    )


def _ids(number: int) -> tuple[NoteId, EncounterId]:
    return NoteId(f"note-{number:012}"), EncounterId(f"encounter-{number // 3:012}")


def _days_back(number: int) -> int:
    """None for half of them, one for a quarter, and so on."""
    return next((n for n in range(DAYS) if number >> n & 1), DAYS - 1)


@dataclass(slots=True)
class Claims:
    """A claim topic of a benchmark's own, and what lands it."""

    kafka: KafkaSettings
    variables: Mapping[str, str]
    copies: Copies
    sender: KafkaSender
    sent: int = 0

    def values(self, count: int) -> list[tuple[str, bytes]]:
        """Key and value of the next claims."""
        first, self.sent = self.sent, self.sent + count
        return [self.copies.copy(number) for number in range(first, self.sent)]

    def send(self, count: int) -> None:
        """Publish the next claims as fast as it goes; back when the broker holds them."""
        self.send_values(self.values(count))
        self.sender.flush(FLUSH_S)

    def send_values(self, values: Sequence[tuple[str, bytes]]) -> None:
        """Queue these."""
        topic = topics(self.kafka.topic_prefix).claims.name
        for key, value in values:
            self.sender.send(topic, key, value, {})

    @contextmanager
    def landing(self, *words: str, **variables: str) -> Iterator["Landing"]:
        """A landing process with these settings besides."""
        log = Path(self.variables["CMC_STATE_DIR"]) / f"landing-{uuid.uuid4().hex[:8]}.log"
        command = (sys.executable, "-m", "consumers.landing", *words)
        with log.open("w") as told:
            running = subprocess.Popen(  # noqa: S603 - our own module
                command,
                env=os.environ | self.variables | variables,  # noqa: TID251 - handed on
                stderr=told,
            )
        try:
            yield Landing(running, log)
        finally:
            running.terminate()
            running.wait(STOP_S)


@dataclass(frozen=True, slots=True)
class Landing:
    """A landing that runs, and its log."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def batches(self) -> list[dict[str, object]]:
        """What it said of each batch that has landed."""
        lines = [line for line in self.log.read_text().splitlines() if "batch landed" in line]
        return [json.loads(line) for line in lines if line.endswith("}")]

    def cpu_s(self) -> float:
        """Processor seconds of the driver, its JVM and Python workers so far; user and system."""
        times = [process.cpu_times() for process in self._processes()]
        return sum(spent.user + spent.system for spent in times)

    def resident_mib(self) -> float:
        """Resident memory of the same processes."""
        return sum(process.memory_info().rss for process in self._processes()) / 2**20

    def _processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def landed(self) -> int:
        """How many claims these held."""
        return sum(int(str(batch["claims"])) for batch in self.batches())


@contextmanager
def claims_topic(
    variables: Mapping[str, str], coded: Sequence[ClaimCoded], lake: str
) -> Iterator[Claims]:
    """A topic that nobody else uses on the services that ``variables`` name, and its lake."""
    kafka, registry = prefixed(variables)
    names = topics(kafka.topic_prefix)
    schema_id = registry.register(names.claims.subject, schema_text("claim_coded.avsc"))
    own = {"CMC_KAFKA_TOPIC_PREFIX": kafka.topic_prefix, "CMC_LANDING_LAKE": lake}
    yield Claims(
        kafka=kafka,
        variables={**variables, **own},
        copies=Copies(coded, RecordWriter(ClaimCoded, schema_text("claim_coded.avsc"), schema_id)),
        sender=KafkaSender(kafka, "bench"),
    )


def lakes(variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """A new lake on the object store, and one in a folder."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    return {"S3": f"{variables['CMC_LANDING_LAKE']}/{name}", "folder": str(folder / name)}


def seen_as_files(variables: Mapping[str, str], lake: str) -> Path:
    """The lake as a folder: the embedded store keeps an object as the file of its name."""
    buckets = Path(variables["CMC_STATE_DIR"]) / object_store.NAME / "buckets"
    return buckets / lake.removeprefix(S3A) if lake.startswith(S3A) else Path(lake)


def lake_settings(variables: Mapping[str, str], lake: str) -> LandingSettings:
    """The settings that its readers have."""
    return LandingSettings(
        lake=lake,
        s3_endpoint=variables["CMC_LANDING_S3_ENDPOINT"],
        s3_access_key=variables["CMC_LANDING_S3_ACCESS_KEY"],
        s3_secret_key=SecretStr(variables["CMC_LANDING_S3_SECRET_KEY"]),
    )
