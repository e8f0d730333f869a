"""A real worker process with a fake coder: ``python -m tests.fakes.worker WAIT_S [KIND]``.

``bug`` answers with what is no coding, ``mortal`` does on a note that says "bug", and takes the process
along on one that says "fault" or, by never coming back, "hang"; ``lock`` never comes back from
any note, in a native call that keeps Python's lock; ``mended`` codes "poison".
"""

import re
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from typing_extensions import override

from clinical_coding.claim import Coding, Profile
from clinical_coding.note import Note
from runtime import logs
from runtime.exit_status import exit_with
from streams.__main__ import work
from tests.fakes.coders import FakeCoder


@dataclass(frozen=True, slots=True, kw_only=True)
class BuggyCoder(FakeCoder):
    """Answers with what is no coding."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        return [cast("Coding", note.text) for note in notes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MortalCoder(FakeCoder):
    """Does what a note says: "fault", "hang" or "bug"."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        text = " ".join(note.text for note in notes)
        if "fault" in text:
            signal.raise_signal(signal.SIGSEGV)  # this thread's own, so nothing is done after it
        if "hang" in text:
            threading.Event().wait()
        codings = FakeCoder.code(self, notes, profile)
        found = zip(notes, codings, strict=True)
        return [cast("Coding", n.text) if "bug" in n.text else coding for n, coding in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockingCoder(FakeCoder):
    """Looks for what no search finds in this century, and lets no other thread run meanwhile."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        re.fullmatch(r"(a+)+", "a" * 60 + "b")
        return super(LockingCoder, self).code(notes, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedCoder(FakeCoder):
    """Takes "poison" for what it is: a diagnosis."""

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        mild = [replace(note, text=note.text.replace("poison", "remedy")) for note in notes]
        return FakeCoder.code(self, mild, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class NullCoder(FakeCoder):
    """Fails on nothing: what is left of a worker is Kafka, Avro and Faust."""

    poison: str = "\0"


CODERS = {
    "bug": BuggyCoder,
    "lock": LockingCoder,
    "mended": MendedCoder,
    "mortal": MortalCoder,
    "null": NullCoder,
}


def main() -> None:
    """Run the worker; each batch takes WAIT_S seconds."""
    logs.configure("worker", strict=True)
    kind = CODERS[sys.argv[2]] if len(sys.argv) > 2 else FakeCoder
    work(kind(wait_s=float(sys.argv[1])))


if __name__ == "__main__":
    exit_with(main)
