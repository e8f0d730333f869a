"""Who is shown a note is recorded before, and once a visit."""

import pytest

from clinical_coding.errors import StorageError
from runtime.audit import Action
from tests.claims import claim_event
from tests.fakes.audit import FakeLog
from ui.reveals import record_once


def test_a_note_is_recorded_once_a_session_however_often_the_page_is_drawn() -> None:
    log = FakeLog()
    mine: dict[str, object] = {}
    yours: dict[str, object] = {}
    for _ in range(3):
        record_once(claim_event("n1"), mine, log)
        record_once(claim_event("n2"), mine, log)
    record_once(claim_event("n1"), yours, log)

    assert log.recorded == [(Action.REVEALED, "note", (name,)) for name in ("n1/1", "n2/1", "n1/1")]


def test_a_note_whose_reveal_could_not_be_recorded_counts_as_not_shown() -> None:
    log, session = FakeLog(is_full=True), dict[str, object]()
    with pytest.raises(StorageError):
        record_once(claim_event("n1"), session, log)

    log.is_full = False
    record_once(claim_event("n1"), session, log)

    assert len(log.recorded) == 1
