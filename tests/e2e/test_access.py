"""Who may do what on the pages: a real browser, a real OpenID provider on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime.settings import KafkaSettings
from schemas.topics import Topics
from tests.browser import SentTopics, assert_well_shown, doubtful, refuse, running_ui
from tests.fakes.oidc import CLIENT, SECRET, Provider, provider
from tests.waiting import wait_for

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 60_000
SEEN_MS = 15_000
PEOPLE = {
    "vera": {"preferred_username": "vera", "realm": {"roles": ["viewer"]}},
    "carl": {"preferred_username": "carl", "realm": {"roles": ["coder", "staff"]}},
    "olga": {"preferred_username": "olga", "realm": {"roles": ["operator"]}},
    "nora": {"preferred_username": "nora", "realm": {"roles": ["guest"]}},
}


@pytest.fixture
def identities() -> Iterator[Provider]:
    """Four people, one of them of no role here."""
    with provider(PEOPLE) as running:
        yield running


@contextmanager
def _guarded(
    variables: dict[str, str], identities: Provider, folder: Path, **login: str
) -> Iterator[str]:
    """Pages that ask who one is."""
    secrets = folder / "secrets.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(
        "[auth]\n"
        'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        f'cookie_secret = "{"c" * 32}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{identities.address}/.well-known/openid-configuration"\n'
    )
    given = {
        "CMC_UI_SHOW_NOTES": "true",
        "CMC_LOGIN_SECRETS": str(secrets),
        "CMC_LOGIN_ROLES_CLAIM": "realm.roles",
    }
    named = {f"CMC_LOGIN_{name.upper()}": value for name, value in login.items()}
    with running_ui(variables | given | named, folder / "ui.log") as address:
        yield address


@contextmanager
def _visit(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """A browser of this person's own, logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    _log_in(page, address, name)
    yield page
    context.close()


def _log_in(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Log in").click(timeout=LOADED_MS)
    page.get_by_role("link", name=name).click(timeout=LOADED_MS)


def _opened(page: Page) -> None:
    page.get_by_role("radio").check(timeout=LOADED_MS)
    expect(page.get_by_role("heading", name="note-first")).to_be_visible(timeout=SEEN_MS)


def _entries(state: Path) -> list[dict[str, object]]:
    log = state / "audit.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_each_role_does_its_own_and_is_refused_the_rest(
    browser: Browser,
    process_variables: dict[str, str],
    identities: Provider,
    sent: SentTopics,
    kafka_settings: KafkaSettings,
    names: Topics,
    tmp_path: Path,
) -> None:
    """A viewer and an operator see no word of a note and decide nothing; a coder's acts bear the name."""
    sent.send("note-first", doubtful)
    refuse(kafka_settings, names, 1, "UndecodableEventError")
    with _guarded(process_variables, identities, tmp_path) as address:
        for name in ("vera", "olga"):
            with _visit(browser, address, name) as page:
                _opened(page)
                expect(page.get_by_text("Note text is shown to coders only")).to_be_visible()
                assert "dizzy" not in page.content()
                page.get_by_role("link", name="Worklist", exact=True).click()
                expect(page.get_by_text("Claims are reviewed by coders only")).to_be_visible(
                    timeout=SEEN_MS
                )
                expect(page.get_by_role("button", name="Send review")).to_be_disabled()
                assert "dizzy" not in page.content()
                page.get_by_role("link", name="Operations", exact=True).click()
                button = page.get_by_role("button", name="Put back UndecodableEventError")
                expect(page.get_by_role("table", name="Dead letters")).to_be_visible(
                    timeout=SEEN_MS
                )
                if name == "vera":
                    expect(page.get_by_text("Operators put them back")).to_be_visible()
                    expect(button).to_have_count(0)
                    assert not _entries(tmp_path / "state")
                else:
                    button.click()
                    page.get_by_role("button", name="Put back", exact=True).click()
                    expect(page.get_by_text("1 letter put back.")).to_be_visible(timeout=LOADED_MS)
        with _visit(browser, address, "carl") as page:
            _opened(page)
            expect(page.get_by_role("region", name="Note with evidence")).to_contain_text("dizzy")
            assert_well_shown(page)
            page.get_by_role("link", name="Worklist", exact=True).click()
            expect(page.get_by_text("2 codes to decide")).to_be_visible(timeout=SEEN_MS)
            for key in ("a", "a", "Control+Enter"):
                page.keyboard.press(key)
            expect(page.get_by_text("No claim waits for a review")).to_be_visible(timeout=SEEN_MS)
            page.get_by_role("link", name="Live feed", exact=True).click()
            _opened(page)
            expect(page.get_by_text("carl reviewed this claim")).to_be_visible(timeout=SEEN_MS)

    told = [(entry["person"], entry["action"]) for entry in _entries(tmp_path / "state")]
    assert told == [
        ("olga (sub-olga)", "redrove"),
        ("carl (sub-carl)", "revealed"),
        ("carl (sub-carl)", "reviewed"),
    ]


def test_who_is_not_logged_in_or_has_no_role_sees_no_claim(
    browser: Browser,
    process_variables: dict[str, str],
    identities: Provider,
    sent: SentTopics,
    tmp_path: Path,
) -> None:
    """Nor does one whose login is too old; each is told what to do."""
    sent.send("note-first")
    identities.issued_before["vera"] = timedelta(hours=9)
    with _guarded(process_variables, identities, tmp_path) as address:
        context = browser.new_context()
        page = context.new_page()
        for path in ("", "/worklist", "/operations"):
            page.goto(address + path)
            expect(page.get_by_text("Log in to see the claims")).to_be_visible(timeout=LOADED_MS)
            assert "R07.9" not in page.content()
        assert_well_shown(page)
        for name, words in (("nora", "who has no role here"), ("vera", "Your session has ended")):
            context.clear_cookies()
            _log_in(page, address, name)
            expect(page.get_by_text(words)).to_be_visible(timeout=LOADED_MS)
            assert "R07.9" not in page.content()
        context.close()


def test_a_session_ends_after_its_time_and_when_nobody_is_there(
    browser: Browser,
    process_variables: dict[str, str],
    identities: Provider,
    sent: SentTopics,
    tmp_path: Path,
) -> None:
    """Who is idle is logged out at the provider too; who is busy is asked to log in again in time."""
    sent.send("note-first")
    times = {"session_minutes": "0.3", "idle_minutes": "0.1"}
    with _guarded(process_variables, identities, tmp_path, **times) as address:
        with _visit(browser, address, "carl") as page:
            expect(page.get_by_text("Log in to see the claims")).to_be_visible(timeout=LOADED_MS)
            wait_for(lambda: identities.ended == 1, 15, "the provider being told")
        with _visit(browser, address, "carl") as page:
            _opened(page)
            ended = page.get_by_text("Your session has ended")

            def is_busy_until_it_ends() -> bool:
                page.mouse.move(5, 5)
                page.mouse.move(9, 9)
                return ended.is_visible()

            wait_for(is_busy_until_it_ends, 45, "the session's end")
            assert "dizzy" not in page.content()
            assert identities.ended == 1
