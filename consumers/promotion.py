"""A replay's claims into the claim topic, each superseding the claim that counts now."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import duckdb

from consumers.claim_sides import PlacedClaim
from runtime.progress import Progress
from schemas.claim_coded import ClaimCoded
from schemas.cloud_events import cloud_event_headers
from schemas.wire import RecordWriter

SOURCE = "codemychart/replay"
FLUSH_S = 60.0
TOLD_CLAIMS = 500
DECISIONS = """
WITH newest AS (
  SELECT * FROM live_current
  QUALIFY row_number() OVER (PARTITION BY note_id, profile ORDER BY note_version DESC) = 1)
SELECT s.event_id, coalesce(n.event_id, s.supersedes) AS supersedes,
  CASE WHEN s.event_id = n.event_id THEN 'current'
       WHEN n.note_version > s.note_version THEN 'outdated'
       WHEN s.event_id IN (SELECT event_id FROM live) THEN 'superseded'
       ELSE 'published' END AS outcome
FROM shadow s LEFT JOIN newest n USING (note_id, profile)
"""


class Sender(Protocol):
    """Where the claims go; ``runtime.kafka.KafkaSender`` is one."""

    def send(self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes]) -> None:
        """Queue one record; raises BrokerError."""

    def flush(self, timeout_s: float) -> None:
        """Return when the broker holds every record; raises BrokerError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What became of the replay's claims.

    ``published`` are in the claim topic now, ``current`` counted already, ``outdated`` are of a note
    that has a claim for a later version, ``superseded`` were in the claim topic and have been replaced
    since: the same artifact makes the same id, which cannot be published as something new.
    """

    published: int
    current: int
    outdated: int
    superseded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTopic:
    """Where claims are published and how they are written."""

    name: str
    writer: RecordWriter[ClaimCoded]
    sender: Sender
    now: Callable[[], datetime]

    def publish(self, claim: ClaimCoded) -> None:
        """Queue a claim."""
        headers = cloud_event_headers(
            event_id=claim.event_id, event_type=self.name, source=SOURCE, time=claim.coded_at
        )
        self.sender.send(self.name, claim.encounter_id, self.writer.encode(claim), headers)


def promote(
    sides: duckdb.DuckDBPyConnection,
    shadow: Iterable[PlacedClaim],
    topic: ClaimTopic,
    progress: Progress,
) -> Promotion:
    """Publish the replay's claims; repeated after a kill it publishes what is left.

    ``sides`` are the replay's claims beside those of the claim topic, ``shadow`` the former once more.
    A claim is dated anew: as an event it begins to count now. Raises BrokerError.
    """
    decided = sides.execute(DECISIONS).fetchall()
    supersedes = {event_id: earlier for event_id, earlier, what in decided if what == "published"}
    total = len(supersedes)
    for placed in shadow:
        claim = placed.claim
        if claim.event_id in supersedes:
            earlier = supersedes.pop(claim.event_id)
            topic.publish(replace(claim, supersedes=earlier, coded_at=topic.now()))
            if len(supersedes) % TOLD_CLAIMS == 0:
                progress("claims published", total - len(supersedes), total)
    topic.sender.flush(FLUSH_S)
    counted = Counter(str(what) for _, _, what in decided)
    return Promotion(
        published=counted["published"],
        current=counted["current"],
        outdated=counted["outdated"],
        superseded=counted["superseded"],
    )
