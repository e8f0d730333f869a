"""One coder's way through the worklist; two coders never overwrite one another silently."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from clinical_coding.claim import Band
from runtime.audit import Action
from schemas.claim_coded import ClaimCoded
from schemas.claim_reviewed import ClaimReviewed
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.claims import claim_event
from tests.coded import CODE_SET
from tests.fakes.audit import FakeLog
from tests.fakes.schemas import FakeWriterSchemas
from tests.fakes.sender import FakeSender
from tests.reviews import REVIEWED_AT
from ui.review_sender import ReviewSender
from ui.reviewing import Reviewing
from ui.worklist import Worklist

SCHEMA = schema_text("claim_reviewed.avsc")
READER = RecordReader(ClaimReviewed, SCHEMA, FakeWriterSchemas({7: SCHEMA}))


@dataclass(slots=True, kw_only=True)
class _Topic:
    """Senders of one topic, and what it holds."""

    made: list[FakeSender] = field(default_factory=list)
    refuses: bool = False

    def open(self) -> FakeSender:
        self.made.append(FakeSender(refuse_after=0 if self.refuses else None))
        return self.made[-1]

    def reviews(self) -> list[ClaimReviewed]:
        records = [value for sender in self.made if sender.acked for *_, value, _ in sender.sent]
        return [READER.decode(value) for value in records]


def _claims(*note_ids: str) -> list[ClaimCoded]:
    claims = [claim_event(note_id) for note_id in note_ids]
    doubtful = [replace(claim.diagnoses[0], band=Band.REVIEW) for claim in claims]
    return [replace(c, diagnoses=(d,)) for c, d in zip(claims, doubtful, strict=True)]


def _reviewing(topic: _Topic, claims: Sequence[ClaimCoded]) -> Reviewing:
    worklist = Worklist(limit=100)
    for claim in claims:
        worklist.add_claim(claim)
    sender = ReviewSender(
        topic="reviews",
        open_writer=lambda: RecordWriter(ClaimReviewed, SCHEMA, 7),
        open_sender=topic.open,
    )
    reviewing = Reviewing(worklist=worklist, sender=sender, log=FakeLog())
    reviewing.waiting()
    return reviewing


def _decided(claim: ClaimCoded, *, keep: bool = True, replaces: str | None = None) -> object:
    reason = "documented" if keep else "not-documented"
    rows = [{"code": d.code, "is_kept": keep, "reason": reason} for d in claim.diagnoses]
    return {"claim": claim.event_id, "replaces": replaces, "rows": rows}


def _send(reviewing: Reviewing, raw: object, coder: str = "coder-1") -> None:
    reviewing.send(raw, coder, CODE_SET, REVIEWED_AT)


def _read(topic: _Topic, *sessions: Reviewing) -> None:
    """Every server reads what the topic holds."""
    for session in sessions:
        for review in topic.reviews():
            session.worklist.add_review(review)


def _open_claim(reviewing: Reviewing) -> ClaimCoded:
    assert reviewing.claim is not None
    return reviewing.claim


def test_a_review_is_published_under_its_encounter_and_the_next_claim_opens() -> None:
    topic = _Topic()
    reviewing = _reviewing(topic, _claims("a", "b"))
    first = _open_claim(reviewing)
    _send(reviewing, _decided(first))

    ((name, key, _, headers),) = topic.made[0].sent
    assert (name, key) == ("reviews", first.encounter_id)
    assert headers["ce_id"].decode() == topic.reviews()[0].event_id
    assert _open_claim(reviewing) != first
    assert reviewing.waiting() == [_open_claim(reviewing)]


def test_a_review_is_not_published_where_another_one_stands_that_the_coder_was_not_shown() -> None:
    """The claim stays open, so that the page can tell; confirmed, it replaces the first one."""
    topic = _Topic()
    one, two = (_reviewing(topic, _claims("a", "b")) for _ in range(2))
    claim = _open_claim(one)
    _send(one, _decided(claim))
    _read(topic, one, two)
    again = two.again
    _send(two, _decided(claim, keep=False), "coder-2")

    assert [review.reviewer for review in topic.reviews()] == ["coder-1"]
    assert (two.claim, two.again) == (claim, again + 1)

    standing = two.standing()
    assert standing is not None
    _send(two, _decided(claim, keep=False, replaces=standing.event_id), "coder-2")
    _read(topic, one, two)
    assert one.worklist.standing(claim.event_id).review == topic.reviews()[-1]
    assert one.worklist.standing(claim.event_id).unheeded == ()


def test_of_two_reviews_that_cross_on_the_wire_the_later_one_does_not_count_and_its_coder_is_told() -> (
    None
):
    """Neither server had read the other's review; both come to one answer."""
    topic = _Topic()
    one, two = (_reviewing(topic, _claims("a", "b")) for _ in range(2))
    claim = _open_claim(one)
    _send(one, _decided(claim))
    _send(two, _decided(claim, keep=False), "coder-2")
    _read(topic, one, two)

    assert one.overtaken() == []
    (overtaken,) = two.overtaken()
    assert overtaken.claim == claim
    assert two.worklist.standing(claim.event_id) == one.worklist.standing(claim.event_id)

    two.look_again(overtaken)
    assert (two.claim, two.before) == (claim, overtaken.decided)
    assert two.overtaken() == []
    assert two.standing() == topic.reviews()[0]


def test_what_the_broker_did_not_take_is_told_and_sent_again_it_is_the_same_event() -> None:
    topic = _Topic(refuses=True)
    reviewing = _reviewing(topic, _claims("a"))
    claim = _open_claim(reviewing)
    _send(reviewing, _decided(claim))

    assert (reviewing.claim, reviewing.problem) == (
        claim,
        "The review was not sent: 1 not acknowledged.",
    )
    topic.refuses = False
    _send(reviewing, _decided(claim))
    lost, kept = (sender.sent[0][2] for sender in topic.made)
    assert READER.decode(lost).event_id == READER.decode(kept).event_id
    assert reviewing.problem == ""


def test_skipping_goes_round_and_leaves_every_claim_waiting() -> None:
    reviewing = _reviewing(_Topic(), _claims("a", "b", "c"))
    seen = []
    for _ in range(4):
        seen.append(_open_claim(reviewing).note_id)
        reviewing.skip()

    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[0]
    assert len(reviewing.waiting()) == 3


def test_a_review_of_a_claim_that_is_not_open_any_more_is_not_published() -> None:
    topic = _Topic()
    reviewing = _reviewing(topic, claims := _claims("a", "b"))
    other = next(claim for claim in claims if claim != reviewing.claim)
    _send(reviewing, _decided(other))

    assert topic.reviews() == []


def test_a_claim_that_was_amended_meanwhile_says_so_and_a_reviewed_one_does_not() -> None:
    reviewing = _reviewing(_Topic(), _claims("a"))
    claim = _open_claim(reviewing)
    assert not reviewing.is_superseded
    (later,) = _claims("b")
    reviewing.worklist.add_claim(replace(later, supersedes=claim.event_id))

    assert reviewing.is_superseded


def test_a_review_is_in_the_audit_log_before_it_is_sent_and_is_not_sent_without_it() -> None:
    topic = _Topic()
    reviewing = _reviewing(topic, _claims("a"))
    reviewing.log = FakeLog(is_full=True)
    claim = _open_claim(reviewing)
    _send(reviewing, _decided(claim))
    assert (topic.made, reviewing.problem) == ([], "The review was not sent: full.")

    reviewing.log = log = FakeLog()
    _send(reviewing, _decided(claim))
    (review,) = topic.reviews()
    assert log.recorded == [(Action.REVIEWED, "review", (review.event_id,))]
