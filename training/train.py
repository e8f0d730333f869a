"""From labelled notes to a model bundle."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, Thresholds
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
from runtime.ranker import CalibratedRanker
from training.data_sets import DataSet
from training.evaluate import evaluate, rounded
from training.fitting import calibrate, fit, thresholds
from training.pairs import joined, pairs_of

VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes a bundle: the same recipe makes the same bundle, to the byte.

    All sets are fitted on and calibrated with; the bands' bars are set on the first, which should
    hold claims. ``test`` notes are neither: they give the figures that the bundle states of itself.
    """

    sets: Sequence[DataSet]
    test: Sequence[LabelledNote] = field(repr=False)
    seed: int
    attribution: str = ""  # whom the licence of the data asks to name


def train_bundle(
    recipe: Recipe, sources: CandidateSources, out: Path, progress: Progress
) -> BundleDescription:
    """Fit, calibrate, test, and write a bundle into ``out``."""
    ranker, bars = _fitted(recipe, sources, progress)
    parts = EngineParts(
        code_set=sources.code_set,
        terms=sources.terms,
        encoder=sources.encoder,
        titles=sources.titles,
        ranker=ranker,
        thresholds=bars,
    )
    _write_files(ranker, out)
    description = BundleDescription(
        version=VERSION,
        encoder=encoder.MODEL_NAME,
        encoder_sha256=encoder.weights_digest(encoder.model_folder()),
        code_set=sources.code_set.version,
        thresholds=bars,
        calibration=ranker.calibration,
        files={name: digest_of(out / name) for name in (RANKER, CODE_SET, TERMS)},
        data=_origin(recipe) | {"rounds": ranker.booster.num_boosted_rounds()},
        metrics=rounded(evaluate(recipe.test, parts, Profile.CLAIM, progress)),
    )
    write_description(description, out)
    return description


def _fitted(
    recipe: Recipe, sources: CandidateSources, progress: Progress
) -> tuple[CalibratedRanker, Thresholds]:
    train = joined([pairs_of(s.train, sources, progress, s.name) for s in recipe.sets])
    held_out = [pairs_of(s.held_out, sources, progress, f"{s.name} held out") for s in recipe.sets]
    booster = fit(train, joined(held_out), recipe.seed, progress)
    calibration = calibrate(booster.inplace_predict(joined(held_out).matrix), joined(held_out))
    ranker = CalibratedRanker(booster=booster, calibration=calibration)
    return ranker, thresholds(ranker.score(held_out[0].matrix), held_out[0])


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


def _origin(recipe: Recipe) -> dict[str, str | int]:
    origin: dict[str, str | int] = {"seed": recipe.seed, "attribution": recipe.attribution}
    for data_set in recipe.sets:
        origin[f"{data_set.name}: notes fitted on"] = len(data_set.train)
        origin[f"{data_set.name}: notes held out"] = len(data_set.held_out)
    return origin
