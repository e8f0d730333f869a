"""From labelled notes to a model bundle."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from clinical_coding.engine import EngineParts
from clinical_coding.features import CandidateSources
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
from runtime.ranker import CalibratedRanker
from training.data_sets import DataSet
from training.fitting import calibrate, fit, thresholds
from training.pairs import joined, pairs_of

VERSION = "1"


def train_bundle(
    sets: Sequence[DataSet], sources: CandidateSources, seed: int, out: Path, progress: Progress
) -> tuple[BundleDescription, EngineParts]:
    """Fit, calibrate and write a bundle into ``out``; the same data and seed give the same bundle.

    All sets are fitted on and calibrated with; the bands' bars are set on the first, which should
    hold claims. Returns what was written and the parts that it makes.
    """
    train = joined([pairs_of(s.train, sources, progress, s.name) for s in sets])
    held_out = [pairs_of(s.held_out, sources, progress, f"{s.name}, held out") for s in sets]
    booster = fit(train, joined(held_out), seed, progress)
    calibration = calibrate(booster.inplace_predict(joined(held_out).matrix), joined(held_out))
    ranker = CalibratedRanker(booster=booster, calibration=calibration)
    bars = thresholds(ranker.score(held_out[0].matrix), held_out[0])
    _write_files(ranker, out)
    description = BundleDescription(
        version=VERSION,
        encoder=encoder.MODEL_NAME,
        encoder_sha256=encoder.weights_digest(encoder.model_folder()),
        code_set=sources.code_set.version,
        thresholds=bars,
        calibration=calibration,
        files={name: digest_of(out / name) for name in (RANKER, CODE_SET, TERMS)},
        data=_origin(sets, seed) | {"pairs": len(train.is_gold)},
        metrics={"rounds": booster.num_boosted_rounds()},
    )
    write_description(description, out)
    parts = EngineParts(
        code_set=sources.code_set,
        terms=sources.terms,
        encoder=sources.encoder,
        titles=sources.titles,
        ranker=ranker,
        thresholds=bars,
    )
    return description, parts


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


def _write_files(ranker: CalibratedRanker, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if out.resolve() != SHIPPED_BUNDLE.resolve():
        for name in (CODE_SET, TERMS):
            shutil.copyfile(SHIPPED_BUNDLE / name, out / name)
    ranker.booster.save_model(out / RANKER)


def _origin(sets: Sequence[DataSet], seed: int) -> Mapping[str, str | int]:
    sizes = {
        f"{s.name}_{part}": len(notes)
        for s in sets
        for part, notes in (("train", s.train), ("held_out", s.held_out))
    }
    return {"sources": "; ".join(s.description for s in sets), "seed": seed} | sizes
