"""What is retried, dead-lettered and fatal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from typing_extensions import override

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import (
    CodingError,
    DeadLetterBudgetError,
    ModelBundleError,
    RegistryError,
    StorageError,
    UnscorableNoteError,
)
from clinical_coding.note import Note
from streams.failure_policy import DEADLINE_S, DeadLetterBudget, code_or_reject, with_retries
from tests.fakes.coders import FakeCoder
from tests.notes import note_event


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
