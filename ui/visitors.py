"""Who a visitor is by the claims of an ID token, and what that allows (docs/adr/0024-access.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from runtime.page_settings import LoginSettings

Claims = Mapping[str, object]


class Duty(StrEnum):
    """What a person does here; nobody's includes another one's but that all see the pages."""

    VIEWER = "viewer"  # sees the pages, no note
    CODER = "coder"  # reads notes, reviews claims
    OPERATOR = "operator"  # puts dead letters back


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person of these duties; ``subject`` is the provider's own id, ``until`` ends the session.

    Without a login all three are empty: whoever uses this machine.
    """

    duties: frozenset[Duty]
    name: str = ""
    subject: str = ""
    until: datetime | None = None

    @property
    def told(self) -> str:
        """For the audit log: a name may change hands, the subject never does."""
        return self.name if self.name == self.subject else f"{self.name} ({self.subject})"

    def may(self, duty: Duty) -> bool:
        """Whether what is this duty's is theirs to do."""
        return duty in self.duties

    def is_over(self, now: datetime) -> bool:
        """Whether the session has ended."""
        return self.until is not None and now >= self.until


ANYBODY_HERE = Visitor(duties=frozenset(Duty))


def visitor_of(claims: Claims, login: LoginSettings) -> Visitor:
    """Who logged in, of no duty where no known role was given.

    The session is counted from when the token was issued (OpenID Connect Core 1.0, section 2: iat);
    one without that moment is over.
    """
    subject = str(claims.get("sub") or "")
    name = claims.get(login.name_claim)
    given = roles(claims, login.roles_claim)
    names = {login.viewer: Duty.VIEWER, login.coder: Duty.CODER, login.operator: Duty.OPERATOR}
    return Visitor(
        duties=frozenset(duty for role, duty in names.items() if role in given),
        name=name if isinstance(name, str) and name.strip() else subject,
        subject=subject,
        until=_issued(claims) + timedelta(minutes=login.session_minutes),
    )


def roles(claims: Claims, claim: str) -> frozenset[str]:
    """The roles in a claim, a list or words with blanks between; its dots lead into objects."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset(found.split())
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def _issued(claims: Claims) -> datetime:
    issued = claims.get("iat")
    return datetime.fromtimestamp(issued if isinstance(issued, int | float) else 0, UTC)
