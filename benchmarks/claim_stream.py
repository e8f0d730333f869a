"""Claims and their notes for the pages: made up, two codes each, as many and as fast as asked."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinical_coding.claim import Assertion, Band, Diagnosis, DroppedCode, Evidence, Profile
from clinical_coding.note import EncounterId, IcdCode, NoteId, NoteStatus, PatientRef
from producers.pace import Pace
from runtime import clock
from runtime.kafka import KafkaSender
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_coded import ClaimCoded, Timings
from schemas.topics import schema_text, topics
from schemas.wire import RecordWriter

CODES = (
    ("R07.9", "Chest pain, unspecified"),
    ("I10", "Essential (primary) hypertension"),
    ("E11.22", "Type 2 diabetes mellitus with diabetic chronic kidney disease"),
    ("J18.9", "Pneumonia, unspecified organism"),
    ("M54.50", "Low back pain, unspecified"),
)
ENCOUNTERS = ("AMB", "EMER", "IMP")
TOOK = timedelta(milliseconds=400)
DELIVERED_S = 120.0


@dataclass(frozen=True, slots=True)
class ClaimStream:
    """Sends claims to the claim topic of a deployment."""

    sender: KafkaSender
    topic: str
    writer: RecordWriter[ClaimCoded]

    def send(self, count: int, per_s: float | None = None) -> Iterator[str]:
        """The event id of each as it is sent; all are on the broker when it ends."""
        pace = Pace(per_s)
        for number in range(count):
            pace.wait()
            claim = made_claim(number)
            self.sender.send(self.topic, claim.encounter_id, self.writer.encode(claim), {})
            yield claim.event_id
        self.sender.flush(DELIVERED_S)


def claim_stream(kafka: KafkaSettings, variables: Mapping[str, str]) -> ClaimStream:
    """A stream of its own client; the topics' schemas are registered."""
    topic, text = topics(kafka.topic_prefix).claims, schema_text("claim_coded.avsc")
    registry = Registry(RegistrySettings(url=variables["CMC_REGISTRY_URL"]))
    writer = RecordWriter(ClaimCoded, text, registry.schema_id(topic.subject, text))
    return ClaimStream(KafkaSender(kafka, "claims"), topic.name, writer)


def made_claim(number: int) -> ClaimCoded:
    """A claim that was coded just now, of another note each time."""
    now = clock.now()
    codes = [CODES[(number + place) % len(CODES)] for place in range(2)]
    return ClaimCoded(
        event_id=str(uuid.uuid4()),
        note_id=NoteId(f"note-{number}"),
        note_version=1,
        note_status=NoteStatus.SIGNED,
        encounter_id=EncounterId(f"encounter-{number % 997}"),
        patient_ref=PatientRef("bench"),
        encounter_class=ENCOUNTERS[number % len(ENCOUNTERS)],
        date_of_service=date(2026, 6, 1),
        profile=Profile.CLAIM,
        diagnoses=tuple(
            _diagnosis(code, title, rank) for rank, (code, title) in enumerate(codes, start=1)
        ),
        dropped=(DroppedCode(code=IcdCode("R50.9"), probability=0.1, reason="denied", rule=None),),
        model_version="bench-1",
        encoder="none",
        code_set="FY2026",
        note_signed_at=now - TOOK,
        coded_at=now,
        timings=Timings(published_at=now - TOOK, batch_notes=1, engine_ms=9.0),
    )


def _diagnosis(code: str, title: str, rank: int) -> Diagnosis:
    evidence = Evidence(start=10 * rank, end=10 * rank + 9, section="assessment",
                        assertion=Assertion.PRESENT, match="title")  # fmt: skip
    band = Band.SUBMIT if rank == 1 else Band.REVIEW
    return Diagnosis(code=IcdCode(code), description=title, rank=rank, probability=1 / (1 + rank / 9),
                     band=band, first_listed=rank == 1, hcc=None, evidence=(evidence,), rules=())  # fmt: skip
