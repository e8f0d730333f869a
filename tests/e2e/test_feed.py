"""The live feed in a real browser."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from clinical_coding.claim import Band, DroppedCode
from clinical_coding.note import IcdCode
from schemas.claim_coded import ClaimCoded
from tests.browser import TEXT, SentTopics, assert_well_shown, running_ui
from tests.claims import CODED_AT, claim_event
from tests.reviews import review_event

pytestmark = pytest.mark.timeout(180)
VISIBLE_S = 10


def _rich(claim: ClaimCoded) -> ClaimCoded:
    """A claim with long words, overlapping evidence, a warning and a code left out."""
    (first,) = claim.diagnoses
    within = replace(first.evidence[0], start=10, end=27)  # "& <b>dizzy</b> 🙂" and its line's end
    long = "Pneumoconiosis with unusually long words: " + "pneumonoultramicroscopic" * 3
    second = replace(first, code=IcdCode("R42"), rank=2, first_listed=False, band=Band.REVIEW,
                     description=long, evidence=(within,), rules=("I.B.2 " + long,))  # fmt: skip
    left = DroppedCode(
        code=IcdCode("R50.9"), probability=0.01, reason="negated in the note", rule=None
    )
    return replace(claim, diagnoses=(first, *[second] * 8), dropped=(left,),
                   warnings=("code-set-not-in-force",))  # fmt: skip


def _coded_after(seconds: int) -> Callable[[ClaimCoded], ClaimCoded]:
    return lambda claim: replace(claim, coded_at=CODED_AT + timedelta(seconds=seconds))


@pytest.fixture
def discreet(process_variables: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A running feed as it is by default: it may not show notes."""
    with running_ui(process_variables, tmp_path / "ui.log") as address:
        yield address


@pytest.fixture
def cut_off(process_variables: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A running feed whose broker is away."""
    nobody = {"CMC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "CMC_KAFKA_REQUEST_TIMEOUT_S": "1"}
    with running_ui(process_variables | nobody, tmp_path / "ui.log") as address:
        yield address


def _claim(page: Page, note_id: str) -> Locator:
    return page.get_by_role("heading", name=note_id)


def test_a_claim_appears_and_a_click_shows_its_evidence_which_stays_as_others_come(
    address: str, page: Page, sent: SentTopics
) -> None:
    """No claims yet, then one within seconds; its words are marked, its text is only text."""
    page.goto(address)
    expect(page.get_by_text("No claims yet")).to_be_visible(timeout=60_000)

    sent.send("note-first")
    began = time.monotonic()
    description = page.get_by_role("cell", name="Chest pain, unspecified")
    description.wait_for(timeout=VISIBLE_S * 1000)
    assert time.monotonic() - began < VISIBLE_S
    description.click()

    mark = page.get_by_role("region", name="Note with evidence").locator("mark")
    expect(mark).to_have_count(1, timeout=15_000)
    assert mark.inner_text() == TEXT.replace("\r\n", "\n")
    expect(_claim(page, "note-first")).to_be_visible()
    for n in range(5):
        sent.send(f"note-later-{n}")
    sent.send("note-later-0")
    expect(page.get_by_role("radio")).to_have_count(6, timeout=15_000)
    total = page.get_by_role("definition").filter(has_text="read by this feed")
    expect(total).to_have_text("6 read by this feed")
    expect(_claim(page, "note-first")).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)


def test_the_arrow_keys_choose_and_focus_stays_as_claims_come(
    address: str, page: Page, sent: SentTopics
) -> None:
    """Newest first: below the last that came is the one before it."""
    for n in range(3):
        sent.send(f"note-{n}", _coded_after(n))
    page.goto(address)
    expect(page.get_by_role("radio")).to_have_count(3, timeout=60_000)

    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    expect(_claim(page, "note-2")).to_be_visible(timeout=15_000)
    sent.send("note-3", _coded_after(60))
    expect(page.get_by_role("radio")).to_have_count(4, timeout=15_000)
    page.keyboard.press("ArrowDown")

    expect(_claim(page, "note-1")).to_be_visible(timeout=15_000)


def test_no_text_is_cut_and_all_has_aa_contrast_in_light_and_dark_at_both_widths(
    address: str, page: Page, sent: SentTopics
) -> None:
    """With long words, nine codes, a warning and the list of what was left out."""
    sent.send("note-rich", _rich)
    page.goto(address)
    page.get_by_role("radio").check(timeout=60_000)
    page.get_by_text("Why not: 1 code left out").click()
    expect(page.get_by_text("negated in the note")).to_be_visible()
    expect(page.locator("mark")).to_have_count(3)

    assert_well_shown(page)


def test_a_reviewed_claim_says_so_with_who_when_and_what(
    address: str, page: Page, sent: SentTopics
) -> None:
    """In the list and on the claim, within seconds of the review."""
    claim = sent.send("note-first")
    page.goto(address)
    page.get_by_role("radio").check(timeout=60_000)
    sent.review(review_event(claim))

    expect(page.get_by_role("cell", name="✓ reviewed")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("coder-1 reviewed this claim on 02 Mar 2026")).to_contain_text(
        "accepted R07.9"
    )


def _heart(claim: ClaimCoded) -> ClaimCoded:
    (first,) = claim.diagnoses
    heart = replace(first, code=IcdCode("I50.22"), description="Chronic systolic heart failure",
                    band=Band.REVIEW)  # fmt: skip
    return replace(claim, diagnoses=(heart,), encounter_class="EMER")


def test_the_list_is_searched_and_filtered_and_what_is_asked_stays_as_claims_come(
    address: str, page: Page, sent: SentTopics
) -> None:
    """By code, words, band, encounter and note type; an empty result says what to do."""
    for n in range(3):
        sent.send(f"note-{n}")
    sent.send("note-heart", _heart)
    page.goto(address)
    rows = page.get_by_role("radio")
    expect(rows).to_have_count(4, timeout=60_000)
    search = page.get_by_role("textbox", name="Search")
    for words, count in (("i50", 1), ("systolic fail", 1), ("chest", 3)):
        search.fill(words)
        search.press("Enter")
        expect(rows).to_have_count(count, timeout=15_000)
    sent.send("note-later", _coded_after(60))
    expect(rows).to_have_count(4, timeout=15_000)
    expect(search).to_have_value("chest")
    page.get_by_role("button", name="◆ review").click()
    expect(page.get_by_text("No claim among those held matches")).to_be_visible(timeout=15_000)
    search.fill("")
    search.press("Enter")
    expect(rows).to_have_count(1, timeout=15_000)

    page.get_by_role("button", name="◆ review").click()
    page.get_by_role("combobox", name="Encounters").click()
    page.get_by_role("option", name="Emergency").click()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(1, timeout=15_000)
    page.get_by_role("combobox", name="Note types").click()
    page.get_by_role("option", name="Outpatient Progress note").click()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(1, timeout=15_000)


def test_a_paused_list_stands_still_counts_what_comes_and_goes_on_when_resumed(
    address: str, page: Page, sent: SentTopics
) -> None:
    sent.send("note-first")
    page.goto(address)
    expect(page.get_by_role("radio")).to_have_count(1, timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused: 0 claims came since.")).to_be_visible(timeout=15_000)
    for n in range(2):
        sent.send(f"note-{n}")

    expect(page.get_by_text("Paused: 2 claims came since.")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("radio")).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("radio")).to_have_count(3, timeout=15_000)


def test_what_a_note_denies_is_labelled_in_it(address: str, page: Page, sent: SentTopics) -> None:
    """The claim's evidence ends before it."""
    (code,) = claim_event("n").diagnoses
    short = replace(code, evidence=(replace(code.evidence[0], start=0, end=10),))
    sent.send("note-first", lambda claim: replace(claim, diagnoses=(short,)))
    page.goto(address)
    page.get_by_role("radio").check(timeout=60_000)

    region = page.get_by_role("region", name="Note with evidence")
    expect(region.locator(".cmc-absent")).to_have_text("fever", timeout=15_000)
    expect(region).to_contain_text("denied")


def test_without_leave_to_show_notes_the_evidence_is_given_by_place(
    discreet: str, page: Page, sent: SentTopics
) -> None:
    """Not a word of the note reaches the browser, and the page says why."""
    sent.send("note-first")
    page.goto(discreet)
    page.get_by_role("radio").check(timeout=60_000)

    expect(page.get_by_text("Note text is not shown here")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("cell", name=f"0–{len(TEXT)}")).to_be_visible()  # noqa: RUF001 - the range it shows
    assert "dizzy" not in page.content()


def test_a_broker_that_is_away_is_told_with_what_to_do(cut_off: str, page: Page) -> None:
    page.goto(cut_off)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("codemychart up", timeout=60_000)
    expect(alert).to_contain_text("127.0.0.1:1")
    expect(page.get_by_role("status")).to_contain_text("not connected")
