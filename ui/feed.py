"""What the feed knows: the newest claims, each once, and counts; bounded, safe to share by threads."""

from bisect import insort
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock

from clinical_coding.claim import Band
from runtime.kafka_group import Place
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from schemas.dead_letter import DeadLetter
from schemas.note_signed import NoteSigned
from ui.note_texts import NoteTexts
from ui.pace import Pace
from ui.worklist import Worklist

LATENCIES = 1000  # newest ones that the percentiles are over
REMEMBERED = 100_000  # event ids by which a repeat is known, long after its claim has left the list


class Link(StrEnum):
    """How the feed stands with the broker."""

    CONNECTING = "connecting"
    LIVE = "live"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen of the broker at one moment beside the claims.

    ``dead_letters`` by the class of their error, ``letters`` the newest of them first; ``places`` of
    the workers by partition, None where they are not known.
    """

    dead_letters: Mapping[str, int] = field(default_factory=dict)
    letters: Sequence[DeadLetter] = ()
    places: Mapping[int, Place] | None = None

    @property
    def lag(self) -> int | None:
        """Notes that the workers are behind."""
        return None if self.places is None else sum(one.lag for one in self.places.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The numbers above the feed; latencies in seconds, None before the first claim."""

    total: int
    rate_per_s: float
    latency_p50_s: float | None
    latency_p95_s: float | None
    bands: Mapping[Band, int]  # codes in each band, over all claims read
    looked: Looked
    bars: tuple[int, ...]  # claims in each BAR_S, oldest first
    waits: tuple[float | None, ...]  # their mean latency in s
    link: Link
    problem: str  # why the link is AWAY
    as_of: datetime | None  # when the broker last answered

    @property
    def dead_letters(self) -> int:
        """How many stand."""
        return sum(self.looked.dead_letters.values())


@dataclass(slots=True, kw_only=True)
class Feed:
    """The ``limit`` claims coded last and, where allowed, note texts up to ``text_bytes``.

    ``worklist`` has those of all claims read that wait for a coder, and the reviews.
    """

    limit: int
    text_bytes: int
    shows_notes: bool = False
    worklist: Worklist = field(init=False)
    _claims: dict[str, ClaimCoded] = field(default_factory=dict, repr=False)
    _order: list[tuple[datetime, str]] = field(default_factory=list)  # oldest coded first
    _known: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)
    _texts: NoteTexts = field(init=False)
    _pace: Pace = field(default_factory=Pace)
    _latencies: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))
    _bands: Counter[Band] = field(default_factory=Counter)
    _total: int = 0
    _looked: Looked = field(default_factory=Looked)
    _link: Link = Link.CONNECTING
    _problem: str = ""
    _as_of: datetime | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._texts = NoteTexts(limit_bytes=self.text_bytes)
        self.worklist = Worklist(limit=self.limit)

    def add_claim(self, claim: ClaimCoded, now: datetime) -> None:
        """A claim that was read at this moment; one that was read before changes nothing."""
        with self._lock:
            if claim.event_id in self._known:
                return
            self._known[claim.event_id] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            self._keep(claim)
            self._count(claim, now)
            self.worklist.add_claim(claim)

    def add_review(self, review: ClaimReviewed) -> None:
        """A coder's review, in the order of its claim's offsets."""
        self.worklist.add_review(review)

    def add_note(self, note: NoteSigned) -> None:
        """Keep a note's text for the evidence view."""
        with self._lock:
            self._texts.keep(note)

    def connected(self, looked: Looked, now: datetime) -> None:
        """The broker answered."""
        with self._lock:
            self._looked, self._link, self._as_of = looked, Link.LIVE, now

    def disconnected(self, problem: str) -> None:
        """Broker or registry did not answer; what is known stays."""
        with self._lock:
            self._link, self._problem = Link.AWAY, problem

    def newest(self, count: int | None) -> list[ClaimCoded]:
        """The claims coded last, newest first, whatever partition they came from; all for None."""
        with self._lock:
            last = self._order if count is None else self._order[-count:]
            return [self._claims[name] for _, name in reversed(last)]

    def claim(self, event_id: str) -> ClaimCoded | None:
        """A claim that is still kept."""
        with self._lock:
            return self._claims.get(event_id)

    def successor(self, claim: ClaimCoded) -> ClaimCoded | None:
        """The kept claim of the note's newest version, where that is a newer one than this claim's.

        By version, not by ``supersedes``: versions may come in any order, and one may be refused. Of
        the same version it is the one that supersedes this claim.
        """
        note = claim.note_id, claim.profile
        with self._lock:
            of_note = [c for c in self._claims.values() if (c.note_id, c.profile) == note]
        newer = [
            c
            for c in of_note
            if c.note_version > claim.note_version or c.supersedes == claim.event_id
        ]
        return max(newer, key=lambda c: (c.note_version, c.coded_at), default=None)

    def text(self, claim: ClaimCoded) -> str | None:
        """The text of the claim's note version, where it is kept."""
        with self._lock:
            return self._texts.get(claim.note_id, claim.note_version)

    def note_type(self, claim: ClaimCoded) -> str:
        """The document type of the claim's note version, "" where its text is not kept."""
        with self._lock:
            return self._texts.note_type(claim.note_id, claim.note_version)

    def note_types(self) -> list[str]:
        """The document types of the texts that are kept."""
        with self._lock:
            return sorted(self._texts.note_types() - {""})

    def summary(self, now: datetime) -> Summary:
        """The numbers at this moment."""
        with self._lock:
            latencies = sorted(self._latencies)
            return Summary(
                total=self._total,
                rate_per_s=self._pace.rate(now),
                latency_p50_s=_percentile(latencies, 0.5),
                latency_p95_s=_percentile(latencies, 0.95),
                bands=dict(self._bands),
                looked=self._looked,
                bars=self._pace.bars(now),
                waits=self._pace.waits(now),
                link=self._link,
                problem=self._problem,
                as_of=self._as_of,
            )

    def _keep(self, claim: ClaimCoded) -> None:
        self._claims[claim.event_id] = claim
        insort(self._order, (claim.coded_at, claim.event_id))
        if len(self._order) > self.limit:
            _, oldest = self._order.pop(0)
            del self._claims[oldest]

    def _count(self, claim: ClaimCoded, now: datetime) -> None:
        self._total += 1
        self._bands.update(diagnosis.band for diagnosis in claim.diagnoses)
        took_s = (claim.coded_at - claim.timings.published_at).total_seconds()
        self._latencies.append(took_s)
        self._pace.add(claim.coded_at, now, took_s)


def _percentile(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
