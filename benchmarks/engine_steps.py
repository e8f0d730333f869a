"""Measures what the engine's steps cost a note, one thread at a time, and what its tables cost to load.

    python -m benchmarks.engine_steps [--quick]

No baseline: it tells where the time goes (docs/adr/0012-engine-speed.md).
"""

import json
import resource
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from benchmarks.measure import told_to_be_quick
from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, code_batch
from clinical_coding.features import feature_matrix
from clinical_coding.mentions import find_mentions
from clinical_coding.note import Note
from clinical_coding.proposing import MAX_TITLES, propose_batch
from clinical_coding.reading import read
from clinical_coding.similar import clauses_to_encode, compare
from producers.synthetic import encounters
from runtime.code_set_files import load_code_set
from runtime.encoder import MiniLmEncoder, model_folder
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings
from runtime.settings import read as read_settings
from runtime.term_table_files import load_term_table

SEED = 11
ROUNDS = 3
BATCH = 32


def main() -> None:
    """Print JSON lines: load times and memory, milliseconds a step of one note and of batches, clauses."""
    quick = told_to_be_quick(__doc__)
    print(json.dumps(_loading()))
    parts = load_bundle(read_settings(ModelSettings), read_settings(FolderSettings), silent).parts
    notes = [n.event.note() for n in encounters(40 if quick else 200, SEED)]
    code_batch(notes, parts, Profile.CLAIM)  # warm: clauses cached, titles split
    steps: dict[str, Callable[[Note], object]] = {
        "read": lambda note: read(note.text),
        "read, find phrases": lambda note: find_mentions(
            note.text, read(note.text), parts.sources.terms
        ),
        "read, find, compare, choose leaves": lambda note: propose_batch(
            [note], parts.sources, Profile.CLAIM
        ),
        "all of it, encoder cached": lambda note: code_batch([note], parts, Profile.CLAIM),
    }
    words = median(len(note.text.split()) for note in notes)
    row = {name: round(_ms(step, notes), 2) for name, step in steps.items()}
    print(json.dumps({"notes": len(notes), "median_words": words, "ms_a_note": row}))
    print(json.dumps({"batch": BATCH, "ms_a_note": _in_batches(notes, parts)}))
    print(json.dumps(_clauses(notes, parts)))


def _loading() -> dict[str, float]:
    before = _memory_mb()
    start = time.perf_counter()
    code_set = load_code_set()
    between = time.perf_counter()
    with_codes = _memory_mb()
    terms = load_term_table(code_set.version)
    return {
        "code_set_s": round(between - start, 3),
        "code_set_mb": round(with_codes - before, 1),
        "terms_s": round(time.perf_counter() - between, 3),
        "terms_mb": round(_memory_mb() - with_codes, 1),
        "codes": len(code_set),
        "phrases": len(terms),
    }


def _ms(step: Callable[[Note], object], notes: Sequence[Note]) -> float:
    """Milliseconds a note, the best of a few rounds over all notes."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for note in notes:
            step(note)
        rounds.append((time.perf_counter() - start) / len(notes) * 1000)
    return min(rounds)


def _in_batches(notes: Sequence[Note], parts: EngineParts) -> dict[str, float]:
    """Milliseconds a note of the steps that take a batch at once; no clause is cached."""
    encoder = MiniLmEncoder(model_folder())
    totals: dict[str, float] = {}
    for first in range(0, len(notes), BATCH):
        batch = notes[first : first + BATCH]
        for name, step in _batch_steps(batch, parts, encoder).items():
            totals[name] = totals.get(name, 0) + min(_seconds(step) for _ in range(ROUNDS))
    return {name: round(total / len(notes) * 1000, 2) for name, total in totals.items()}


def _batch_steps(
    notes: Sequence[Note], parts: EngineParts, encoder: MiniLmEncoder
) -> dict[str, Callable[[], object]]:
    sources, ranker = parts.sources, parts.ranking(Profile.CLAIM).ranker
    proposals = propose_batch(notes, sources, Profile.CLAIM)
    clauses = [proposal.similarity.clauses for proposal in proposals]
    texts = [clause.text for of_note in clauses for clause in of_note]
    vectors = np.concatenate([proposal.vectors for proposal in proposals])
    matrix = np.concatenate([feature_matrix(proposal, sources) for proposal in proposals])
    return {
        "encode": lambda: encoder.encode_once(texts),
        "compare": lambda: list(
            compare(clauses, vectors, sources.titles, sources.products, MAX_TITLES[Profile.CLAIM])
        ),
        "features": lambda: [feature_matrix(proposal, sources) for proposal in proposals],
        "rank": lambda: ranker.score(matrix),
    }


def _seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _clauses(notes: Sequence[Note], parts: EngineParts) -> dict[str, float]:
    """How many clauses of a note are encoded, of how many that it has."""
    whole = encoded = 0
    for note in notes:
        reading = read(note.text)
        mentions, _ = find_mentions(note.text, reading, parts.sources.terms)
        whole += sum(len(sentence.clauses) for sentence in reading)
        encoded += len(clauses_to_encode(note.text, reading, mentions, parts.sources.terms)[0])
    return {"clauses_a_note": whole / len(notes), "encoded_a_note": encoded / len(notes)}


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
