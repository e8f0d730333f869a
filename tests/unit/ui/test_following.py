"""How topics are followed: on from their own offsets, each record taken once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.errors import RegistryError
from runtime.kafka import KafkaRecord
from schemas.dead_letter import DeadLetter
from tests.fakes.topics import FakeTopic
from ui.feed import Feed, Link, Looked
from ui.following import AGAIN_S, BATCH, LETTERS, POLL_S, FollowedTopic, Follower, OpenLetters

NOW = datetime(2026, 3, 2, 15, 5, tzinfo=UTC)


def _feed() -> Feed:
    return Feed(limit=10, text_bytes=10_000)


@given(
    st.dictionaries(st.integers(0, 3), st.integers(0, 6), min_size=1),
    st.lists(st.booleans(), max_size=20),
)
def test_each_record_is_taken_once_and_in_order_however_often_the_broker_goes_away(
    sizes: dict[int, int], breaks: list[bool]
) -> None:
    values = {n: [bytes([n, at]) for at in range(size)] for n, size in sizes.items()}
    topic, taken = FakeTopic(partitions=values, breaks=breaks), list[bytes]()
    followed = FollowedTopic(open_at=topic.open_at, take=lambda r: taken.append(r.value or b""))
    follower = Follower(feed=_feed(), topics=[followed], look=Looked, now=lambda: NOW)

    for _ in range(len(breaks) + 7):
        follower.step()

    assert {n: [v for v in taken if v[0] == n] for n in values} == values


def test_while_a_topic_has_more_the_others_are_not_waited_for() -> None:
    """A long history is read without a pause between its parts."""
    long = FakeTopic(partitions={n: [b"a", b"b"] for n in range(BATCH)})
    quiet, waits = FakeTopic(partitions={0: []}), list[float]()
    topics = [FollowedTopic(open_at=t.open_at, take=lambda _: None) for t in (long, quiet)]
    follower = Follower(feed=_feed(), topics=topics, look=Looked, now=lambda: NOW)
    for _ in range(3):
        follower.step()
        waits.append(quiet.timeouts_s[-1])

    assert waits == [0.0, 0.0, POLL_S / 2]


def test_only_the_newest_records_of_a_long_topic_are_read() -> None:
    topic = FakeTopic(partitions={0: [bytes([n]) for n in range(9)]}, history=2)
    taken = list[bytes]()
    followed = FollowedTopic(open_at=topic.open_at, take=lambda r: taken.append(r.value or b""))

    for _ in range(4):
        followed.read_on(0)

    assert taken == [b"\x07", b"\x08"]


def test_what_comes_while_the_broker_is_away_is_read_although_it_is_more_than_the_history() -> None:
    topic, taken = FakeTopic(partitions={0: [], 1: [b"a"]}, history=1), list[bytes]()
    followed = FollowedTopic(open_at=topic.open_at, take=lambda r: taken.append(r.value or b""))
    followed.read_on(0)
    followed.leave()
    topic.partitions[0] += [b"b", b"c", b"d"]

    for _ in range(3):
        followed.read_on(0)

    assert taken == [b"a", b"b", b"c", b"d"]


def test_a_record_that_could_not_be_taken_is_read_again() -> None:
    """The registry did not know its schema's id at the moment."""
    topic, taken = FakeTopic(partitions={0: [b"a", b"b"]}), list[bytes]()
    trouble = [True]

    def take(record: KafkaRecord) -> None:
        if trouble and trouble.pop():
            raise RegistryError("expected the registry; got no answer; start it")
        taken.append(record.value or b"")

    followed = FollowedTopic(open_at=topic.open_at, take=take)
    follower = Follower(feed=_feed(), topics=[followed], look=Looked, now=lambda: NOW)

    for _ in range(4):
        follower.step()

    assert taken == [b"a", b"b"]


def test_trouble_is_told_until_the_broker_answers_again() -> None:
    feed, topic = _feed(), FakeTopic(partitions={0: []}, breaks=[False, True, False])
    followed = FollowedTopic(open_at=topic.open_at, take=lambda _: None)
    follower = Follower(
        feed=feed,
        topics=[followed],
        look=lambda: Looked(dead_letters={"A": 1, "B": 2}),
        now=lambda: NOW,
    )
    links, waits = [feed.summary(NOW).link], list[float]()

    for _ in range(3):
        waits.append(follower.step())
        links.append(feed.summary(NOW).link)

    assert links == [Link.CONNECTING, Link.LIVE, Link.AWAY, Link.LIVE]
    assert waits == [0.0, AGAIN_S, 0.0]
    assert feed.summary(NOW).dead_letters == 3


def test_the_dead_letters_are_asked_for_now_and_then_not_at_every_step() -> None:
    """The question opens a connection."""
    moments = [NOW + timedelta(seconds=s) for s in (0.0, 0.5, 1.0, AGAIN_S, AGAIN_S + 1)]
    clock, letters = iter(moments), iter(range(10))
    follower = Follower(
        feed=_feed(),
        topics=[FollowedTopic(open_at=FakeTopic(partitions={0: []}).open_at, take=lambda _: None)],
        look=lambda: Looked(dead_letters={"A": next(letters)}),
        now=lambda: next(clock),
    )
    seen = []
    for _ in moments:
        follower.step()
        seen.append(follower.feed.summary(NOW).dead_letters)

    assert seen == [0, 0, 0, 1, 1]


@given(st.lists(st.booleans(), max_size=9))
def test_a_dead_letter_counts_until_it_is_put_back(redriven: list[bool]) -> None:
    letter = DeadLetter(
        source_topic="t", source_partition=0, source_offset=1, error_class="X", worker="w",
        first_seen=NOW, last_seen=NOW, attempt=1,
    )  # fmt: skip
    letters = OpenLetters()

    for was_redriven in redriven:
        letters.take(_dead(letter.headers()))
        if was_redriven:
            letters.take(_dead(replace(letter, redriven_at=NOW).headers()))

    assert letters.by_class.total() == redriven.count(False)
    assert letters.newest() == ([letter] if redriven and not redriven[-1] else [])


def test_the_newest_dead_letters_are_told_one_by_one_and_no_more_than_fit() -> None:
    letters = OpenLetters()
    for offset in range(LETTERS + 5):
        letter = DeadLetter(
            source_topic="t", source_partition=0, source_offset=offset, error_class="X", worker="w",
            first_seen=NOW, last_seen=NOW, attempt=1,
        )  # fmt: skip
        letters.take(_dead(letter.headers()))

    assert [one.source_offset for one in letters.newest()[:2]] == [LETTERS + 4, LETTERS + 3]
    assert len(letters.newest()) == LETTERS
    assert letters.by_class["X"] == LETTERS + 5


def _dead(headers: dict[str, bytes]) -> KafkaRecord:
    return KafkaRecord(
        topic="dlq", partition=0, offset=0, timestamp=NOW, key=None, value=b"raw", headers=headers
    )
