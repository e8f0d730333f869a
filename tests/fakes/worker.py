"""A real worker process with a fake coder: ``python -m tests.fakes.worker WAIT_S [bug]``."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
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


def main() -> None:
    """Run the worker; each batch takes WAIT_S seconds."""
    logs.configure("worker", strict=True)
    coder = BuggyCoder if "bug" in sys.argv else FakeCoder
    work(coder(wait_s=float(sys.argv[1])))


if __name__ == "__main__":
    exit_with(main)
