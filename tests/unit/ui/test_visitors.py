"""What a login allows, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from runtime.page_settings import LoginSettings
from ui.visitors import ANYBODY_HERE, Duty, roles, visitor_of

LOGIN = LoginSettings(session_minutes=60)
ISSUED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CLAIMS: dict[str, object] = {"sub": "s-1", "iat": ISSUED.timestamp()}


@pytest.mark.parametrize(
    ("given", "duties"),
    [
        (["viewer"], {Duty.VIEWER}),
        (["coder"], {Duty.CODER}),
        (["operator", "coder"], {Duty.OPERATOR, Duty.CODER}),
        (["Coder", "coders", ""], set()),
        ([], set()),
    ],
)
def test_a_person_has_the_duties_of_the_roles_given_and_no_other(
    given: list[str], duties: set[Duty]
) -> None:
    assert visitor_of({**CLAIMS, "roles": given}, LOGIN).duties == duties


def test_roles_may_be_called_as_the_provider_calls_them() -> None:
    login = LoginSettings(coder="urn:hospital:coding", roles_claim="realm_access.roles")
    found = visitor_of({**CLAIMS, "realm_access": {"roles": ["urn:hospital:coding"]}}, login)

    assert found.may(Duty.CODER)


@pytest.mark.parametrize(
    ("claims", "claim", "found"),
    [
        ({"roles": ["a", "b"]}, "roles", {"a", "b"}),
        ({"roles": "a b"}, "roles", {"a", "b"}),
        ({"https://x.example/roles": ["a"]}, "https://x.example/roles", {"a"}),
        ({"x": {"y": ["a"]}}, "x.y", {"a"}),
        ({"x": {"y": {"a": 1}}}, "x.y", set()),
        ({"x": "a"}, "x.y", set()),
        ({}, "roles", set()),
    ],
)
def test_roles_are_read_from_a_list_or_words_by_name_or_by_dots(
    claims: dict[str, object], claim: str, found: set[str]
) -> None:
    assert roles(claims, claim) == found


def test_a_session_is_over_a_while_after_the_token_was_issued_and_at_once_without_that() -> None:
    found = visitor_of({**CLAIMS, "roles": ["viewer"]}, LOGIN)

    assert not found.is_over(ISSUED + timedelta(minutes=59))
    assert found.is_over(ISSUED + timedelta(minutes=60))
    assert visitor_of({"sub": "s-1"}, LOGIN).is_over(ISSUED)


def test_the_audit_log_names_the_subject_beside_a_name_that_may_change_hands() -> None:
    named = visitor_of({**CLAIMS, "preferred_username": "ada"}, LOGIN)

    assert (named.name, named.told) == ("ada", "ada (s-1)")
    assert visitor_of(CLAIMS, LOGIN).told == "s-1"


def test_without_a_login_whoever_is_at_this_machine_may_do_all() -> None:
    assert all(ANYBODY_HERE.may(duty) for duty in Duty)
    assert not ANYBODY_HERE.is_over(datetime.max.replace(tzinfo=UTC))
