"""The classic way, for comparison only: a note's vector and seven counts, one XGBoost a code.

A multi-label classifier over the codes that training notes have most often. It knows no other code,
gives no evidence and follows no rule. It is fitted on the notes that the bundle's ranker of the same
profile was fitted on; the vector is the last layer at the first token ([CLS]) of the embedded MiniLM.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import xgboost
from numpy.typing import NDArray

from clinical_coding.arrays import Features, Vectors
from clinical_coding.note import IcdCode, LabelledNote, Note, Sex
from runtime.progress import Progress
from training.coded_notes import CodedNote
from training.pairs import batches

CODES = 99
MAX_TOKENS = 512  # of a note that BERT can read
BAR = 0.5
ROUNDS = 100
PARAMETERS = {
    "objective": "binary:logistic",
    "eta": 0.3,
    "max_depth": 6,
    "tree_method": "hist",
    "nthread": 1,  # its matrices are small; a second thread waits more than it works
}


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SYMPTOMS = _words(
    "pain fever cough nausea vomiting diarrhea constipation dizziness fatigue weakness headache "
    "dyspnea shortness swelling rash itching bleeding palpitations syncope chills numbness tingling "
    "wheezing congestion cramps insomnia anxiety seizure tremor malaise"
)
BODY_PARTS = _words(
    "head neck eye ear nose throat chest breast back abdomen pelvis shoulder arm elbow wrist hand "
    "finger hip leg thigh knee ankle foot toe heart lung liver kidney stomach bladder skin spine brain "
    "bone joint"
)
SEVERITY = _words(
    "mild moderate severe acute chronic slight intense marked worsening progressive persistent "
    "stable unstable critical extreme"
)
MEDICAL = _words(
    "diagnosis treatment therapy surgery infection disease syndrome disorder fracture lesion tumor "
    "carcinoma biopsy hypertension diabetes asthma pneumonia anemia failure stenosis insulin "
    "antibiotics radiograph tomography ultrasound laboratory glucose creatinine hemoglobin"
)
_SEXES = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}
_WORD = re.compile(r"[a-z]+")


class NoteEncoder(Protocol):
    """Turns whole notes into vectors."""

    def encode_first_token(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order; a long text counts as far as the encoder reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A fitted booster for each code, the most frequent code first."""

    encoder: NoteEncoder = field(repr=False)
    boosters: dict[IcdCode, xgboost.Booster] = field(repr=False)


def fit_baseline(
    notes: Sequence[LabelledNote], encoder: NoteEncoder, seed: int, progress: Progress
) -> Baseline:
    """Fit it on labelled notes; the same notes and seed give the same model."""
    notes = sorted(notes, key=lambda labelled: len(labelled.note.text))  # so that little is padded
    rows = [_rows(batch, encoder) for batch in _told(notes, progress, "encoding training notes")]
    trained = xgboost.DMatrix(np.concatenate(rows))  # (notes, dims + 7)
    boosters: dict[IcdCode, xgboost.Booster] = {}
    for code in frequent_codes(notes):
        labels = np.array([code in labelled.codes for labelled in notes], np.float32)
        trained.set_label(labels)
        boosters[code] = xgboost.train(PARAMETERS | {"seed": seed}, trained, ROUNDS)
        progress("fitting the baseline", len(boosters), CODES)
    return Baseline(encoder=encoder, boosters=boosters)


def frequent_codes(notes: Sequence[LabelledNote]) -> list[IcdCode]:
    """The CODES codes that stand in most notes, the most frequent first, then by code."""
    counted = Counter(code for labelled in notes for code in set(labelled.codes))
    return sorted(counted, key=lambda code: (-counted[code], code))[:CODES]


def coded_by_baseline(
    notes: Sequence[LabelledNote], baseline: Baseline, progress: Progress
) -> Iterator[CodedNote]:
    """Each note with the codes that reach BAR; all its codes are candidates of every note."""
    for batch in _told(notes, progress, "coding notes with the baseline"):
        matrix = _rows(batch, baseline.encoder)
        scores = {code: b.inplace_predict(matrix) for code, b in baseline.boosters.items()}
        for row, labelled in enumerate(batch):
            ranked = sorted((-float(of_code[row]), code) for code, of_code in scores.items())
            candidates = {code: -score for score, code in ranked}
            yield CodedNote(
                labelled=labelled,
                reported={code: score for code, score in candidates.items() if score >= BAR},
                candidates=candidates,
            )


def counts_of(note: Note) -> tuple[float, ...]:
    """The seven: age (NaN where unknown), words, symptoms, body parts, severity, medical, sex.

    Words of the four kinds are counted as often as they stand; sex is 1 for female, 0 for male.
    """
    words = _WORD.findall(note.text.lower())
    kinds = (SYMPTOMS, BODY_PARTS, SEVERITY, MEDICAL)
    return (
        float("nan") if note.age_years is None else float(note.age_years),
        float(len(words)),
        *(float(sum(word in kind for word in words)) for kind in kinds),
        _SEXES.get(note.sex, float("nan")),
    )


def _rows(batch: Sequence[LabelledNote], encoder: NoteEncoder) -> Features:
    vectors = encoder.encode_first_token([labelled.note.text for labelled in batch])
    counts = np.array([counts_of(labelled.note) for labelled in batch], np.float32)
    rows: NDArray[np.float32] = np.hstack([vectors, counts])
    return rows


def _told(
    notes: Sequence[LabelledNote], progress: Progress, what: str
) -> Iterator[list[LabelledNote]]:
    done = 0
    for batch in batches(notes):
        yield batch
        done += len(batch)
        progress(what, done, len(notes))
