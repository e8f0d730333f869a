"""The topics, what their records are, and how they are made.

``<domain>.<entity>.<event>.v<major>``; TopicNameStrategy: the subject of a topic's values is
``<topic>-value``. Topics that the worker reads are neither compacted nor transactional: a gap in
the offsets would count as never acknowledged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from schemas.note_signed import NoteSigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A Kafka topic; ``record`` and ``schema_file`` are None where the values are not Avro."""

    name: str
    record: type | None = None
    schema_file: str | None = None

    @property
    def subject(self) -> str:
        """The registry's subject of the topic's values."""
        return f"{self.name}-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of one deployment."""

    notes: Topic
    claims: Topic
    reviews: Topic
    dead_letters: Topic

    def __iter__(self) -> Iterator[Topic]:
        return iter((self.notes, self.claims, self.reviews, self.dead_letters))

    def shadow(self, run: str) -> Topic:
        """Where a replay's claims go; not among the deployment's own topics.

        Its values carry the schema id of the claim topic's subject: it has no subject of its own.
        """
        return replace(self.claims, name=f"{self.claims.name}.shadow.{run}")

    def subjects(self) -> dict[str, str]:
        """Every subject to be registered, with its schema's text.

        The dead letters' contract is that of their headers, so its subject ends so.
        """
        values = {t.subject: schema_text(t.schema_file) for t in self if t.schema_file}
        return values | {f"{self.dead_letters.name}-headers": schema_text("dead_letter.avsc")}


def topics(prefix: str = "") -> Topics:
    """The topics under a deployment's prefix (CMC_KAFKA_TOPIC_PREFIX), "" for none."""
    return Topics(
        notes=Topic(
            name=f"{prefix}clinical.note.signed.v1",
            record=NoteSigned,
            schema_file="note_signed.avsc",
        ),
        claims=Topic(
            name=f"{prefix}coding.claim.coded.v1",
            record=ClaimCoded,
            schema_file="claim_coded.avsc",
        ),
        reviews=Topic(
            name=f"{prefix}coding.claim.reviewed.v1",
            record=ClaimReviewed,
            schema_file="claim_reviewed.avsc",
        ),
        dead_letters=Topic(name=f"{prefix}clinical.note.signed.v1.dlq"),
    )


@cache
def schema_text(schema_file: str) -> str:
    """A contract of ``avro/`` as it stands in the file."""
    return (files("schemas") / "avro" / schema_file).read_text(encoding="utf-8")
