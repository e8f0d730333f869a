"""What is dead-lettered, what is retried and what ends the worker; nowhere else.

| what went wrong                                  | what the worker does                              |
|--------------------------------------------------|---------------------------------------------------|
| RejectedEventError of one record                 | dead letter, then acknowledge                     |
| a record larger than a record of ours may be     | dead letter (BrokenContractError)                 |
| a dead letter that its topic does not take       | its headers alone; the record stays at its source |
| the engine fails on a batch                      | each note by itself, to find the one at fault     |
| the engine fails on a note by itself             | dead letter (UnscorableNoteError)                 |
| a claim that is larger than a record may be      | dead letter (UnscorableNoteError)                 |
| the process dies with records in hand            | each of them by itself at the next start          |
| ... with this one alone, the n-th time           | dead letter (CrashingRecordError)                 |
| the journal of attempts cannot be written        | a warning; notes are coded all the same           |
| the engine says that it is away or misconfigured | exit 1 or 78, nothing is acknowledged             |
| RegistryError                                    | ask again with back-off for 30 s, then exit 1     |
| no broker at the start                           | exit 1 at once (BrokerError)                      |
| a topic or a registered schema is missing        | exit 78 (MisconfiguredError)                      |
| a send that the broker does not take             | exit 1, nothing is acknowledged                   |
| more dead letters in a row than the budget       | exit 78 (DeadLetterBudgetError)                   |
| notes wait, none is acknowledged for too long    | exit 75 by the watchdog (StalledError)            |
| anything else                                    | exit 1, nothing is acknowledged                   |

A supervisor starts the worker again unless it exited 78 (runtime/supervision.py); what was not
acknowledged is read again. n is CMC_WORKER_CRASH_ATTEMPTS; streams/crash_loop.py counts, and a bug that
ends the process is a death too. docs/failure-policy.md tells the same by error class.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import (
    DeadLetterBudgetError,
    MisconfiguredError,
    RejectedEventError,
    UnavailableError,
    UnscorableNoteError,
)
from clinical_coding.note import Note
from streams.note_coder import NoteCoder

FIRST_WAIT_S, LONGEST_WAIT_S, DEADLINE_S = 0.2, 5.0, 30.0
NOT_THE_NOTES_FAULT = (UnavailableError, MisconfiguredError)
T = TypeVar("T")
Sleep = Callable[[float], None]


def with_retries(call: Callable[[], T], sleep: Sleep = time.sleep) -> T:
    """The call's answer, asked for again while its service is away, for half a minute at most.

    Raises the last UnavailableError after that, and any other error at once.
    """
    wait_s, waited_s = FIRST_WAIT_S, 0.0
    while True:
        try:
            return call()
        except UnavailableError:
            if waited_s >= DEADLINE_S:
                raise
        sleep(wait_s)
        waited_s += wait_s
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def code_or_reject(
    notes: Sequence[Note], coder: NoteCoder, profile: Profile
) -> tuple[Coding | RejectedEventError, ...]:
    """A coding for each note, in order, or why that note can have none.

    A batch that fails is tried again note by note, so that one bad note does not take others along.
    """
    if not notes:
        return ()
    try:
        return _code(notes, coder, profile)
    except NOT_THE_NOTES_FAULT:
        raise
    except Exception:  # noqa: BLE001 - whatever the model raises, the note at fault is looked for
        return tuple(_code_alone(note, coder, profile) for note in notes)


def _code_alone(note: Note, coder: NoteCoder, profile: Profile) -> Coding | RejectedEventError:
    try:
        return _code([note], coder, profile)[0]
    except RejectedEventError as error:
        return error
    except NOT_THE_NOTES_FAULT:
        raise
    except Exception as error:  # noqa: BLE001 - the message may quote the note: only its class is kept
        return UnscorableNoteError(
            f"expected a coding; got {type(error).__name__} for a note of {len(note.text)} "
            "characters by itself; report it with a synthetic note that shows the same"
        )


def _code(notes: Sequence[Note], coder: NoteCoder, profile: Profile) -> tuple[Coding, ...]:
    """Raises ValueError when the coder gives another number of codings: one would be another's."""
    codings = coder.code(notes, profile)
    return tuple(coding for _, coding in zip(notes, codings, strict=True))


@dataclass(slots=True, kw_only=True)
class DeadLetterBudget:
    """How many records in a row may be refused before the fault is held to be ours."""

    longest_run: int
    run: int = 0

    def spend(self, refused: Sequence[bool]) -> None:
        """Count a batch's outcomes in order. Raises DeadLetterBudgetError when the run is too long."""
        for was_refused in refused:
            self.run = self.run + 1 if was_refused else 0
            if self.run > self.longest_run:
                raise DeadLetterBudgetError(
                    f"expected at most {self.longest_run} refused records in a row; got one more; "
                    "look at their error classes in the dead-letter topic before you start again "
                    "(CMC_WORKER_DEAD_LETTER_RUN)"
                )
