"""A running UI for a test in a browser, and notes, claims and reviews that it sees."""

import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clinical_coding.claim import Band, Profile
from clinical_coding.note import IcdCode
from runtime.kafka import KafkaSender
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded, Timings
from schemas.claim_reviewed import ClaimReviewed
from schemas.dead_letter import DeadLetter
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from streams.claim import claim_of
from tests.claims import CODED_AT
from tests.fakes.coders import FakeCoder
from tests.notes import note_event
from tests.waiting import process, wait_for

TEXT = "Chest pain & <b>dizzy</b> 🙂\r\nDenies fever."
LAWS = (Path(__file__).parent / "page_laws.js").read_text()
SETTLED_S = 5
SERIOUS = ("serious", "critical")


class SentTopics:
    """Puts notes and their claims on the topics as producer and worker do, and reviews."""

    def __init__(self, settings: KafkaSettings, names: Topics, ids: Mapping[str, int]) -> None:
        self._sender = KafkaSender(settings, "test")
        self._names = names
        self._notes = RecordWriter(
            NoteSigned, schema_text("note_signed.avsc"), ids[names.notes.subject]
        )
        self._claims = RecordWriter(
            ClaimCoded, schema_text("claim_coded.avsc"), ids[names.claims.subject]
        )
        self._reviews = RecordWriter(
            ClaimReviewed, schema_text("claim_reviewed.avsc"), ids[names.reviews.subject]
        )

    def send(
        self, note_id: str, change: Callable[[ClaimCoded], ClaimCoded] = lambda c: c
    ) -> ClaimCoded:
        """A note and its claim, changed as wanted."""
        event, coder = note_event(TEXT, note_id=note_id), FakeCoder()
        (coding,) = coder.code([event.note()], Profile.CLAIM)
        timings = Timings(published_at=CODED_AT, batch_notes=1, engine_ms=1.0)
        claim = change(claim_of(event, coding, coder, CODED_AT, timings))
        key = event.encounter_id
        self._sender.send(self._names.notes.name, key, self._notes.encode(event), {})
        self._sender.send(self._names.claims.name, key, self._claims.encode(claim), {})
        self._sender.flush(10)
        return claim

    def review(self, review: ClaimReviewed) -> None:
        """A review, as another server's page sends it."""
        name = self._names.reviews.name
        self._sender.send(name, review.encounter_id, self._reviews.encode(review), {})
        self._sender.flush(10)


def doubtful(claim: ClaimCoded) -> ClaimCoded:
    """Three codes, of which the second and the third are for a coder."""
    (first,) = claim.diagnoses
    codes = [
        replace(first, code=IcdCode("R07.9"), probability=0.95),
        replace(first, code=IcdCode("R42"), description="Dizziness and giddiness", rank=2,
                first_listed=False, band=Band.REVIEW, probability=0.6),
        replace(first, code=IcdCode("I10"), description="Essential (primary) hypertension", rank=3,
                first_listed=False, band=Band.REVIEW, probability=0.7, hcc="37"),
    ]  # fmt: skip
    return replace(claim, diagnoses=tuple(codes))


def refuse(settings: KafkaSettings, names: Topics, offset: int, error_class: str) -> None:
    """A dead letter of the note at this offset of partition 0."""
    letter = DeadLetter(source_topic=names.notes.name, source_partition=0, source_offset=offset,
                        error_class=error_class, worker="w", first_seen=CODED_AT, last_seen=CODED_AT,
                        attempt=1)  # fmt: skip
    sender = KafkaSender(settings, "test")
    sender.send(names.dead_letters.name, "k", b"garbage", letter.headers())
    sender.flush(10)


@contextmanager
def running_ui(variables: Mapping[str, str], log: Path) -> Iterator[str]:
    """A running UI's address."""
    with served_ui(variables, log) as (address, _):
        yield address


@contextmanager
def served_ui(variables: Mapping[str, str], log: Path) -> Iterator[tuple[str, int]]:
    """A running UI's address and the PID of its server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    own = dict(variables) | {"CMC_UI_PORT": str(port)}
    with process("ui", variables=own, log=log) as server:
        wait_for(lambda: _answers(f"{address}/_stcore/health"), 60, "the UI's health", log)
        yield address, server.pid


def leave(page: Page) -> None:
    """Before its server is stopped: a page that is left open says in its console that it is gone."""
    page.goto("about:blank")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - loopback
            return True
    except (urllib.error.URLError, OSError):
        return False


def go_to(page: Page, address: str, title: str) -> None:
    """Open a page by its name in the navigation, as a person does."""
    page.goto(address)
    page.get_by_role("link", name=title, exact=True).click(timeout=60_000)


def assert_well_shown(page: Page) -> None:
    """No text cut, AA contrast in light and dark at both widths, no serious finding of axe-core."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        for width in (1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            faults = _lasting_faults(page)
            assert not faults, f"{scheme} {width}: {faults}"
        serious = findings(page)
        assert not serious, f"{scheme}: {serious}"


def _lasting_faults(page: Page) -> list[str]:
    """What the laws of the page find when it has settled after a change of its size."""
    found: list[list[str]] = []

    def is_well() -> bool:
        found.append(page.evaluate(LAWS))
        return not found[-1]

    with suppress(AssertionError):  # told by the last finding
        wait_for(is_well, SETTLED_S, "a page without faults")
    return found[-1]


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical, a line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
