"""Codes 100,000 synthetic notes with one `codemychart code`, to see whether a note's cost or the memory grows.

Prints a line of JSON for each stretch of the run: how many notes were coded by its end, milliseconds a note
since the stretch before, and the process's resident memory. The notes are whole and stays repeat their own
words, as charts do, so this is no measure of the engine's speed: benchmarks.engine is.

    python -m benchmarks.long_run [--quick]
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.measure import machine, told_to_be_quick
from producers.synthetic import encounters

SEED = 41
MARKS = (100, 1000, 10_000, 50_000, 100_000)  # notes
FEW = (100, 1000)
MORE = 200  # after the last mark, so that the process is still there to be asked


def main() -> None:
    """Print a line for each stretch; exit 1 when the command did."""
    marks = FEW if told_to_be_quick(__doc__) else MARKS
    with TemporaryDirectory() as folder:
        notes = Path(folder) / "notes.jsonl"
        with notes.open("w") as file:
            for number, note in enumerate(encounters(marks[-1] + MORE, SEED)):
                file.write(json.dumps({"id": f"n{number}", "text": note.event.text}) + "\n")
        sys.exit(_code(notes, marks))


def _code(notes: Path, marks: Sequence[int]) -> int:
    command = [sys.executable, "-m", "cli", "code", str(notes)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as coding:
        process, coded = psutil.Process(coding.pid), 0
        before, began = 0, 0.0
        for line in coding.stdout or ():
            coded += bool(line.strip())
            if coded == 1 or coded in marks:  # with the first one the engine is loaded
                ended = time.perf_counter()
                if before:
                    _tell(coded, (ended - began) / (coded - before), process)
                before, began = coded, ended
    return coding.returncode or (coded != marks[-1] + MORE)


def _tell(coded: int, seconds_a_note: float, process: psutil.Process) -> None:
    told = {
        "coded": coded,
        "ms_a_note": round(1000 * seconds_a_note, 2),
        "resident_mib": round(process.memory_info().rss / 2**20),
        "machine": machine(),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
