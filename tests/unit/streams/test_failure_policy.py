"""What is retried, dead-lettered and fatal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typing_extensions import override

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import (
    CodingError,
    DeadLetterBudgetError,
    ModelBundleError,
    RegistryError,
    RejectedEventError,
    StorageError,
    UnscorableNoteError,
)
from clinical_coding.note import Note
from runtime.exit_status import exit_with, status_of
from streams import failure_policy
from streams.failure_policy import DEADLINE_S, DeadLetterBudget, code_or_reject, with_retries
from tests.fakes.coders import FakeCoder
from tests.notes import note_event

DOCS = Path(__file__).parents[3] / "docs" / "failure-policy.md"
BY_CLASS = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)


def leaves(kind: type[CodingError]) -> list[type[CodingError]]:
    """The classes of the tree that have none below them, in its order."""
    return [error for error in tree(kind) if not error.__subclasses__()]


def tree(kind: type[CodingError]) -> list[type[CodingError]]:
    """The class and all below it."""
    return [kind, *(error for child in kind.__subclasses__() for error in tree(child))]


ERRORS = leaves(CodingError)


def ended(error: CodingError) -> str:
    """What becomes of a note whose engine raises this, and of the worker."""

    def run() -> None:
        code_or_reject([note_event().note()], OddCoder(error=error), Profile.CLAIM)

    with pytest.raises(SystemExit) as end:
        exit_with(run)
    return "dead letter" if end.value.code == 0 else f"exit {end.value.code}"


def test_the_documented_policy_has_every_error_and_says_what_the_code_does() -> None:
    """A new error class without a row, or a row that the code does not keep, fails here."""
    documented = BY_CLASS.findall(DOCS.read_text(encoding="utf-8"))

    assert documented == [(kind.__name__, ended(kind("a test"))) for kind in ERRORS]


def test_the_policys_table_stands_in_the_documentation_row_by_row() -> None:
    rows = [line for line in (failure_policy.__doc__ or "").splitlines() if line.startswith("|")]

    assert len(rows) > 10
    assert "\n".join(rows) in DOCS.read_text(encoding="utf-8")


def test_every_error_that_the_policys_table_names_with_a_status_ends_with_it() -> None:
    told = re.findall(r"exit (\d+)[^|]*\((\w+Error)\)", failure_policy.__doc__ or "")

    by_name = {kind.__name__: kind for kind in tree(CodingError)}
    assert told
    for status, name in told:
        assert status_of(by_name[name]("a test")) == int(status), name


@pytest.mark.parametrize("kind", [k for k in ERRORS if issubclass(k, RejectedEventError)])
def test_a_refusal_is_dead_lettered_under_its_own_class(kind: type[CodingError]) -> None:
    (answer,) = code_or_reject([note_event().note()], OddCoder(error=kind("a test")), Profile.CLAIM)

    assert type(answer) is kind


def test_a_call_is_made_again_until_its_service_is_back() -> None:
    answers: Iterator[RegistryError | str] = iter(
        [RegistryError("away"), RegistryError("away"), "back"]
    )
    waits: list[float] = []

    def call() -> str:
        answer = next(answers)
        if isinstance(answer, RegistryError):
            raise answer
        return answer

    assert with_retries(call, waits.append) == "back"
    assert waits == sorted(waits)


def test_a_service_that_stays_away_ends_the_wait_at_the_deadline() -> None:
    waits: list[float] = []

    def call() -> None:
        raise RegistryError("away")

    with pytest.raises(RegistryError):
        with_retries(call, waits.append)
    assert DEADLINE_S <= sum(waits) < 2 * DEADLINE_S


def test_only_the_note_at_fault_is_rejected_and_its_text_is_not_in_the_error() -> None:
    notes = [note_event(text).note() for text in ("fine", "poison of a patient", "fine")]

    first, second, third = code_or_reject(notes, FakeCoder(), Profile.CLAIM)

    assert isinstance(first, Coding)
    assert isinstance(third, Coding)
    assert isinstance(second, UnscorableNoteError)
    assert "patient" not in str(second)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddCoder(FakeCoder):
    """Answers with an error of our tree, or with a coding too many."""

    error: CodingError | None = None

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        if self.error:
            raise self.error
        answers = FakeCoder.code(self, notes, profile)
        return [*answers, *answers]


@pytest.mark.parametrize("error", [StorageError("away"), ModelBundleError("damaged")])
def test_an_engine_that_is_away_or_misconfigured_is_not_the_notes_fault(error: CodingError) -> None:
    """No note is refused for it: the worker ends, and its notes are read again."""
    with pytest.raises(type(error)):
        code_or_reject([note_event().note()], OddCoder(error=error), Profile.CLAIM)


def test_codings_that_could_be_another_notes_are_not_used() -> None:
    answers = code_or_reject([note_event().note()] * 2, OddCoder(), Profile.CLAIM)

    assert [type(answer) for answer in answers] == [UnscorableNoteError] * 2


def test_an_engine_is_not_asked_about_nothing() -> None:
    assert code_or_reject([], OddCoder(error=StorageError("away")), Profile.CLAIM) == ()


def test_refusals_beyond_the_budget_stop_the_worker_and_a_claim_between_starts_anew() -> None:
    budget = DeadLetterBudget(longest_run=2)

    budget.spend([True, True, False, True])
    budget.spend([True])
    with pytest.raises(DeadLetterBudgetError):
        budget.spend([True])
