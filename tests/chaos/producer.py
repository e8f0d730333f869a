"""The producer: publishes a plan's notes and keeps a journal of what the broker acknowledged.

``python -m tests.chaos.producer PLAN RATE JOURNAL``, the plan as a file. Started again, it goes on
after the last number of the journal; what was sent beyond that is sent again, as any producer's user
would.
"""

import sys
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter

from producers.__main__ import open_publisher
from producers.pace import Pace
from runtime.exit_status import exit_with
from tests.chaos.notes import notes_of
from tests.chaos.plan import Plan

CHUNK = 20  # notes between two lines of the journal


def main() -> None:
    """Publish until all notes are acknowledged; raises BrokerError when one is not."""
    plan = TypeAdapter(Plan).validate_json(Path(sys.argv[1]).read_bytes())
    pace, journal = Pace(float(sys.argv[2])), Path(sys.argv[3])
    done = acknowledged(journal)
    left = notes_of(plan, done)
    publisher = open_publisher()
    with journal.open("a") as lines:
        while chunk := list(islice(left, CHUNK)):
            publisher.publish(chunk, pace=pace)
            done += len(chunk)
            lines.write(f"{done}\n")
            lines.flush()


def acknowledged(journal: Path) -> int:
    """How many notes, from the first on, the broker has acknowledged; a half-written line is none."""
    if not journal.exists():
        return 0
    whole = journal.read_text().rpartition("\n")[0]
    return int(whole.rpartition("\n")[2] or 0)


if __name__ == "__main__":
    exit_with(main)
