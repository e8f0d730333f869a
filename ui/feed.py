"""What the feed knows: the newest claims, each once, and counts; bounded, safe to share by threads."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from threading import Lock

from clinical_coding.claim import Band
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned

RATE_S = 60.0  # the rate is over the last minute
SPARK_S = 5.0  # width of one bar of the sparkline
SPARK_BARS = 36
LATENCIES = 1000  # newest ones that the percentiles are over


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The numbers above the feed; latencies in seconds, None before the first claim."""

    total: int
    rate_per_s: float
    latency_p50_s: float | None
    latency_p95_s: float | None
    codes: int
    submit_codes: int
    dead_letters: int
    bars: tuple[int, ...]  # claims in each SPARK_S, oldest first
    problem: str | None


@dataclass(slots=True, kw_only=True)
class Feed:
    """Newest claims and, where allowed, note texts; never more than ``limit`` of either."""

    limit: int
    _claims: OrderedDict[str, ClaimCoded] = field(default_factory=OrderedDict, repr=False)
    _texts: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict, repr=False)
    _arrivals: deque[float] = field(default_factory=deque)
    _latencies: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))
    _total: int = 0
    _dead_letters: int = 0
    _problem: str | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add_claim(self, claim: ClaimCoded, now_s: float) -> None:
        """A claim that came at this moment (seconds of a monotonic clock); a repeat changes nothing."""
        with self._lock:
            if claim.event_id in self._claims:
                return
            self._claims[claim.event_id] = claim
            self._total += 1
            self._arrivals.append(now_s)
            self._latencies.append((claim.coded_at - claim.timings.published_at).total_seconds())
            _trim(self._claims, self.limit)
            while self._arrivals and now_s - self._arrivals[0] > SPARK_S * SPARK_BARS:
                self._arrivals.popleft()

    def add_note(self, note: NoteSigned) -> None:
        """Keep a note's text for the evidence view."""
        with self._lock:
            self._texts[note.note_id, note.note_version] = note.text
            _trim(self._texts, self.limit)

    def set_state(self, dead_letters: int, problem: str | None) -> None:
        """How many dead letters there are, and what is wrong with the connection, if anything."""
        with self._lock:
            self._dead_letters = dead_letters
            self._problem = problem

    @property
    def dead_letters(self) -> int:
        """The count as last set."""
        return self._dead_letters

    def newest(self, count: int) -> list[ClaimCoded]:
        """The newest claims, newest first."""
        with self._lock:
            names = list(reversed(self._claims))[:count]
            return [self._claims[name] for name in names]

    def claim(self, event_id: str) -> ClaimCoded | None:
        """A claim that is still kept."""
        with self._lock:
            return self._claims.get(event_id)

    def text(self, claim: ClaimCoded) -> str | None:
        """The text of the claim's note version, where it was kept."""
        with self._lock:
            return self._texts.get((claim.note_id, claim.note_version))

    def summary(self, now_s: float) -> Summary:
        """The numbers at this moment."""
        with self._lock:
            bands = [d.band for claim in self._claims.values() for d in claim.diagnoses]
            ordered = sorted(self._latencies)
            return Summary(
                total=self._total,
                rate_per_s=sum(now_s - at <= RATE_S for at in self._arrivals) / RATE_S,
                latency_p50_s=_percentile(ordered, 0.5),
                latency_p95_s=_percentile(ordered, 0.95),
                codes=len(bands),
                submit_codes=sum(band is Band.SUBMIT for band in bands),
                dead_letters=self._dead_letters,
                bars=_bars(self._arrivals, now_s),
                problem=self._problem,
            )


def _trim(
    kept: OrderedDict[str, ClaimCoded] | OrderedDict[tuple[str, int], str], limit: int
) -> None:
    while len(kept) > limit:
        kept.popitem(last=False)


def _percentile(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _bars(arrivals: deque[float], now_s: float) -> tuple[int, ...]:
    bars = [0] * SPARK_BARS
    for at in arrivals:
        back = int((now_s - at) // SPARK_S)
        if 0 <= back < SPARK_BARS:
            bars[SPARK_BARS - 1 - back] += 1
    return tuple(bars)
