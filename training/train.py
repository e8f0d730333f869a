"""From labelled notes to a model bundle."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.features import CandidateSources
from clinical_coding.note import LabelledNote
from runtime import encoder
from runtime.bundle_files import (
    CODE_SET,
    RANKER,
    SHIPPED_BUNDLE,
    TERMS,
    BundleDescription,
    digest_of,
    write_description,
)
from runtime.progress import Progress
from training.fitting import calibrate, fit, thresholds
from training.pairs import Pairs, pairs_of

VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Notes to fit on, and notes of other encounters to stop, calibrate and set the bars with.

    ``description`` says where they come from; it goes into the bundle.
    """

    train: Sequence[LabelledNote]
    held_out: Sequence[LabelledNote]
    description: dict[str, str | int]


def train_bundle(
    data: TrainingData, sources: CandidateSources, seed: int, out: Path, progress: Progress
) -> BundleDescription:
    """Fit, calibrate and write a bundle into ``out``; the same data and seed give the same bundle."""
    fitted_on = pairs_of(data.train, sources, progress, len(data.train))
    held_out = pairs_of(data.held_out, sources, progress, len(data.held_out))
    booster = fit(fitted_on, held_out, seed, progress)
    raw = booster.inplace_predict(held_out.matrix)
    calibration = calibrate(raw, held_out)
    out.mkdir(parents=True, exist_ok=True)
    for name in (CODE_SET, TERMS):
        if out.resolve() != SHIPPED_BUNDLE.resolve():
            shutil.copyfile(SHIPPED_BUNDLE / name, out / name)
    booster.save_model(out / RANKER)
    description = BundleDescription(
        version=VERSION,
        encoder=encoder.MODEL_NAME,
        encoder_sha256=encoder.weights_digest(encoder.model_folder()),
        code_set=sources.code_set.version,
        thresholds=thresholds(calibration(raw), held_out),
        calibration=calibration,
        files={name: digest_of(out / name) for name in (RANKER, CODE_SET, TERMS)},
        data=data.description | _sizes(fitted_on, held_out),
        metrics={
            "candidate_recall_train": round(fitted_on.recall, 4),
            "candidate_recall_held_out": round(held_out.recall, 4),
            "rounds": booster.num_boosted_rounds(),
        },
    )
    write_description(description, out)
    return description


def git_revision() -> str:
    """The revision that is checked out, "unknown" outside a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return asked.stdout.strip() or "unknown"


def _sizes(fitted_on: Pairs, held_out: Pairs) -> dict[str, str | int]:
    return {
        "train_notes": fitted_on.notes,
        "train_pairs": len(fitted_on.is_gold),
        "held_out_notes": held_out.notes,
        "held_out_pairs": len(held_out.is_gold),
    }
