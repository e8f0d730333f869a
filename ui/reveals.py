"""That somebody was shown a note is in the audit log before it is shown, once a visit."""

from collections.abc import MutableMapping
from typing import Protocol

import streamlit as st

from runtime.audit import Action
from schemas.claim_coded import ClaimCoded
from ui.access import audit_log

SHOWN = "notes shown"  # this visit's, in Streamlit's state of the session
Session = MutableMapping[str, object]


class Log(Protocol):
    """Where it is kept; runtime.audit.AuditLog is one."""

    def record(self, action: Action, what: str, ids: tuple[str, ...]) -> None:
        """Add what is about to be done. Raises StorageError: then it must not be done."""


def note_reveal(claim: ClaimCoded) -> None:
    """The claim's note is about to be shown to this visitor. Raises StorageError."""
    session: Session = st.session_state  # type: ignore[assignment] # its keys may be numbers, too
    record_once(claim, session, audit_log())


def record_once(claim: ClaimCoded, session: Session, log: Log) -> None:
    """Record it unless this session has; Streamlit draws the page anew each second."""
    name = f"{claim.note_id}/{claim.note_version}"
    shown = session.get(SHOWN, frozenset())
    if isinstance(shown, frozenset) and name not in shown:
        log.record(Action.REVEALED, "note", (name,))
        session[SHOWN] = shown | {name}
