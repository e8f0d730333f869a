"""Measures the whole engine: notes a second, cold start, memory, and whether a note's cost stays flat.

Ours: code_batch with the loaded bundle, claim profile, in batches of 32, the encoder's cache of clauses
switched off. Baseline: benchmarks.classic. Both code the same notes, cut from synthetic encounters to 60
and to 400 tokens, no line in two of them, and each round has new ones. What copied-forward text gains by
the cache is told apart, with the cost of a note of 60 tokens in runs of 10, 100 and 1,000.

    python -m benchmarks.engine [--quick]
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.classic import ClassicCoder
from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from benchmarks.notes_of_size import copied_forward, notes_of_size
from clinical_coding.arrays import Vectors
from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.note import Note
from runtime.encoder import MiniLmEncoder, model_folder
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, read

BATCH = 32
SEED = 23
SIZES = (60, 400)  # tokens
Code = Callable[[Sequence[Note]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much is measured."""

    notes: int  # of each side and round, a quarter of it at 400 tokens
    rounds: int
    runs: tuple[int, ...]
    starts: int


@dataclass(frozen=True, slots=True)
class WithoutCache:
    """The encoder as if no clause had been met before."""

    encoder: MiniLmEncoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Each text anew."""
        return self.encoder.encode_once(texts)


def main() -> None:
    """Print a table and a JSON line for each size, and a JSON line of the rest."""
    amounts = Amounts(notes=128, rounds=5, runs=(10, 100, 1000), starts=5)
    if told_to_be_quick(__doc__):
        amounts = Amounts(notes=64, rounds=3, runs=(10, 100), starts=2)
    starts = [_cold_start() for _ in range(amounts.starts)]
    models = read(ModelSettings)
    parts = load_bundle(models, read(FolderSettings), silent).parts
    served = MiniLmEncoder(model_folder(), threads=models.threads, precision=models.precision)
    uncached = _with(parts, WithoutCache(served))
    ours, classic = _coder(uncached), ClassicCoder().code
    for tokens in SIZES:
        _compare(tokens, amounts, ours, classic)
    alone = {
        "cold_start_s": round(statistics.median(s for s, _ in starts), 2),
        "rss_mb": round(statistics.median(mb for _, mb in starts)),
        "ms_a_note": _flatness(ours, amounts.runs),
        "copied_forward_notes_per_s": _copied_forward(uncached, served, amounts.notes),
    }
    print(json.dumps(alone))


def _compare(tokens: int, amounts: Amounts, ours: Code, classic: Code) -> None:
    each = amounts.notes * SIZES[0] // tokens if tokens > SIZES[0] else amounts.notes
    notes = notes_of_size(tokens, each * (amounts.rounds + 1), SEED)
    batches = [notes[first : first + each] for first in range(0, len(notes), each)]
    sides: dict[str, tuple[Code, list[float]]] = {
        "engine, MiniLM and one ranker": (ours, []),
        "BERT-base and 99 boosters": (classic, []),
    }
    for code, _ in sides.values():
        code(batches[0])  # warm
    for batch in batches[1:]:
        for code, rates in sides.values():
            rates.append(_rate(code, batch))
    mine, theirs = [Side(name=name, figures=tuple(rates)) for name, (_, rates) in sides.items()]
    question = f"notes/s, {each} notes of {tokens} tokens"
    show(Comparison(question=question, ours=mine, baseline=theirs))


def _coder(parts: EngineParts) -> Code:
    def code(notes: Sequence[Note]) -> None:
        for first in range(0, len(notes), BATCH):
            code_batch(notes[first : first + BATCH], parts, Profile.CLAIM)

    return code


def _with(parts: EngineParts, encoder: MiniLmEncoder | WithoutCache) -> EngineParts:
    return replace(parts, sources=replace(parts.sources, encoder=encoder))


def _rate(code: Code, notes: Sequence[Note]) -> float:
    began = time.perf_counter()
    code(notes)
    return len(notes) / (time.perf_counter() - began)


def _flatness(code: Code, runs: Sequence[int]) -> dict[str, float]:
    """Milliseconds a note of runs of so many notes, each of notes of its own."""
    sizes = {count: notes_of_size(SIZES[0], count, SEED + count) for count in runs}
    return {str(count): round(1000 / _rate(code, notes), 2) for count, notes in sizes.items()}


def _copied_forward(parts: EngineParts, encoder: MiniLmEncoder, count: int) -> dict[str, float]:
    """The same progress notes with and without the cache, which begins empty."""
    notes = copied_forward(count, SEED)
    without = _rate(_coder(parts), notes)
    return {
        "without_cache": round(without, 1),
        "with_cache": round(_rate(_coder(_with(parts, encoder)), notes), 1),
    }


def _cold_start() -> tuple[float, float]:
    """Seconds from the start of a process to its first coded note, and its memory in MB."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "benchmarks.cold_start"],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return time.perf_counter() - began, float(json.loads(done.stdout)["rss_mb"])


if __name__ == "__main__":
    main()
