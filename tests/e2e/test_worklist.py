"""The worklist in a real browser: reviewed by keyboard, by mouse, and by two coders at once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from runtime.kafka import TopicReader
from runtime.registry import Registry
from runtime.settings import KafkaSettings
from schemas.claim_reviewed import ClaimReviewed, ReviewAction, standing_of
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader
from tests.browser import SentTopics, assert_well_shown, doubtful, go_to
from tests.reviews import review_event

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 60_000
SEEN_MS = 15_000
Reviews = Callable[[], list[ClaimReviewed]]


@pytest.fixture
def reviews(kafka_settings: KafkaSettings, names: Topics, registry: Registry) -> Reviews:
    """What the topic of reviews holds."""
    reader = RecordReader(ClaimReviewed, schema_text("claim_reviewed.avsc"), registry)

    def read() -> list[ClaimReviewed]:
        with closing(TopicReader(kafka_settings, names.reviews.name, "beginning")) as topic:
            return [reader.decode(record.value) for record in topic.until_now()]

    return read


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    """Another coder's page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def _as_coder(page: Page, address: str, name: str) -> None:
    go_to(page, address, "Worklist")
    who = page.get_by_role("textbox", name="Coder id")
    who.fill(name, timeout=LOADED_MS)
    who.press("Enter")
    expect(page.get_by_text("Give your coder id")).to_have_count(0, timeout=SEEN_MS)
    expect(who).not_to_be_focused(timeout=SEEN_MS)  # the next key decides
    expect(page.get_by_text("2 codes to decide")).to_be_visible(timeout=SEEN_MS)


def _row(page: Page, code: str) -> Locator:
    table = page.get_by_role("table", name="Codes to decide")
    return table.get_by_role("row").filter(has=page.get_by_role("radio", name=f"{code} "))


def test_ten_claims_are_reviewed_by_keyboard_alone(
    address: str, page: Page, sent: SentTopics, reviews: Reviews, tmp_path: Path
) -> None:
    """A, X and a reason by number, Ctrl Enter; each is published once and the next one opens.

    That a note was shown, and that its claim was judged, is in the audit log, once each.
    """
    claims = [sent.send(f"note-{n}", doubtful) for n in range(10)]
    _as_coder(page, address, "coder-1")
    title, opened = page.locator(".cmc-title"), set[str]()
    for n, _ in enumerate(claims):
        expect(page.get_by_text("2 codes to decide")).to_be_visible(timeout=SEEN_MS)
        opened.add(name := title.inner_text())
        for key in ("Aa"[n % 2], "Xx"[n % 2], "2", "Control+Enter"):  # Caps Lock may be on
            page.keyboard.press(key)
        expect(title.filter(has_text=name)).to_have_count(0, timeout=SEEN_MS)

    expect(page.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)
    expect(page.get_by_text("10 by you")).to_be_visible()
    assert len(opened) == 10
    assert {review.claim_event_id for review in reviews()} == {c.event_id for c in claims}
    assert len(reviews()) == 10
    entries = (tmp_path / "state" / "audit.jsonl").read_text().splitlines()
    actions = Counter(json.loads(entry)["action"] for entry in entries)
    assert actions == {"revealed": 10, "reviewed": 10}
    told = {
        tuple(f"{d.code} {d.action} {d.rank} {d.reason_code}" for d in review.decisions)
        for review in reviews()
    }
    assert told == {
        (
            "R07.9 accept 1 documented",
            "R42 accept 2 documented",
            "I10 reject None denied-or-uncertain",
        )
    }


def test_a_code_is_added_by_words_moved_up_and_taken_back_and_reviews_reach_the_feed(
    address: str, page: Page, sent: SentTopics, reviews: Reviews
) -> None:
    """The search offers codes as they are typed; what was added may be taken back."""
    sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    search = page.get_by_role("combobox", name="Add a code")
    for typed, wanted in (("gout idio left kne", "M10.062"), ("j18", "J18.9")):
        page.keyboard.press("n")
        expect(search).to_be_focused(timeout=SEEN_MS)
        page.keyboard.type(typed)
        page.get_by_role("option", name=wanted).click(timeout=SEEN_MS)
        expect(_row(page, wanted)).to_be_visible()
    page.keyboard.press("x")
    expect(_row(page, "J18.9")).to_have_count(0)
    for _ in range(3):
        _row(page, "M10.062").get_by_role("button", name="move up").click()
    for code in ("R42", "I10"):
        _row(page, code).get_by_role("button", name="accept").click()
    page.get_by_role("button", name="Send review").click()
    expect(page.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)

    (review,) = reviews()
    assert [(d.code, d.action, d.rank) for d in review.decisions] == [
        ("M10.062", ReviewAction.ADD, 1),
        ("R07.9", ReviewAction.ACCEPT, 2),
        ("R42", ReviewAction.ACCEPT, 3),
        ("I10", ReviewAction.ACCEPT, 4),
    ]
    page.get_by_role("link", name="Live feed", exact=True).click()
    page.get_by_role("radio", name="reviewed").check(timeout=SEEN_MS)
    expect(page.get_by_text("coder-1 reviewed this claim")).to_contain_text("added M10.062")


def test_a_changed_order_is_a_decision_on_the_codes_that_changed_places(
    address: str, page: Page, sent: SentTopics, reviews: Reviews
) -> None:
    sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    for key in ("a", "a", "u", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)

    (review,) = reviews()
    assert [(d.code, d.action) for d in review.decisions] == [
        ("R07.9", ReviewAction.ACCEPT),
        ("I10", ReviewAction.CHANGE_ORDER),
        ("R42", ReviewAction.CHANGE_ORDER),
    ]


def test_the_second_of_two_coders_is_told_and_must_confirm(
    address: str, page: Page, second: Page, sent: SentTopics, reviews: Reviews
) -> None:
    """Who and when; until it is confirmed nothing of it is published, and then it names the first."""
    claim = sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    _as_coder(second, address, "coder-2")
    for key in ("a", "a", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)

    for key in ("x", "j", "x"):
        second.keyboard.press(key)
    alert = second.get_by_role("alert").filter(has_text="coder-1 reviewed this claim")
    expect(alert).to_contain_text("accepted R07.9, R42, I10", timeout=SEEN_MS)
    second.keyboard.press("Control+Enter")
    expect(second.get_by_role("button", name="Send review")).to_be_disabled()
    assert [review.reviewer for review in reviews()] == ["coder-1"]

    second.get_by_role("button", name="Replace theirs with mine").click()
    expect(second.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)
    first, later = reviews()
    assert (later.reviewer, later.replaces) == ("coder-2", first.event_id)
    assert standing_of(reviews()).review == later
    assert later.claim_event_id == claim.event_id


def test_without_a_coder_id_nothing_can_be_decided(
    address: str, page: Page, sent: SentTopics
) -> None:
    sent.send("note-first", doubtful)
    go_to(page, address, "Worklist")
    expect(page.get_by_text("Give your coder id")).to_be_visible(timeout=LOADED_MS)
    expect(page.get_by_text("2 codes to decide")).to_be_visible(timeout=SEEN_MS)
    for key in ("a", "a", "Control+Enter"):
        page.keyboard.press(key)

    expect(page.get_by_text("2 codes to decide")).to_be_visible()
    expect(page.get_by_role("button", name="Send review")).to_be_disabled()


def test_the_worklist_is_well_shown(address: str, page: Page, sent: SentTopics) -> None:
    """With a rejected code, its reason, an added one and another coder's review."""
    claim = sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    for key in ("x", "n"):
        page.keyboard.press(key)
    page.keyboard.type("m10.06")
    page.get_by_role("option", name="M10.061").click(timeout=SEEN_MS)
    sent.review(review_event(claim))
    expect(page.get_by_role("alert").filter(has_text="coder-1 reviewed")).to_be_visible(
        timeout=SEEN_MS
    )

    assert_well_shown(page)


def test_sending_too_early_goes_to_the_code_that_is_not_decided(
    address: str, page: Page, sent: SentTopics, reviews: Reviews
) -> None:
    sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    for key in ("a", "k", "k", "Control+Enter"):
        page.keyboard.press(key)

    expect(page.get_by_role("radio", name="to decide")).to_be_checked()
    assert reviews() == []


def test_the_note_stands_beside_its_codes_where_the_page_is_wide(
    address: str, page: Page, sent: SentTopics
) -> None:
    """And below them where it is not."""
    sent.send("note-first", doubtful)
    _as_coder(page, address, "coder-1")
    codes = page.get_by_role("table", name="Codes to decide")
    note = page.get_by_role("region", name="Note with evidence")

    def sides() -> tuple[bool, bool]:
        table, text = codes.bounding_box(), note.bounding_box()
        assert table is not None
        assert text is not None
        is_beside = text["x"] >= table["x"] + table["width"] and text["y"] < table["y"]
        return is_beside, text["y"] >= table["y"] + table["height"]

    assert sides() == (False, True)
    page.set_viewport_size({"width": 1920, "height": 900})
    page.wait_for_function("innerWidth === 1920")
    assert sides() == (True, False)
