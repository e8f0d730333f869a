"""From labelled notes to a model bundle."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import xgboost

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, Ranking, Thresholds
from clinical_coding.note import LabelledNote
from clinical_coding.proposing import CandidateSources, taught
from clinical_coding.term_table import TermTable
from runtime import encoder
from runtime.bundle_files import (
    CODE_SET,
    LEARNT,
    RANKERS,
    SHIPPED_BUNDLE,
    TERMS,
    BundleDescription,
    RankingDescription,
    digest_of,
    write_description,
)
from runtime.learnt_files import load_learnt, save_learnt
from runtime.progress import Progress
from runtime.ranker import CalibratedRanker, Calibration
from training.cross_fitting import cross_fit, cross_validated, learn_all
from training.data_sets import DataSet
from training.evaluate import evaluate
from training.figures import rounded
from training.fitting import calibrate, f1_at, fit, fit_rounds, thresholds
from training.learning import Lesson, read_lessons
from training.pairs import Pairs, joined, pairs_of

VERSION = "2"
HIDDEN_SHARE = 0.4  # of the phrases, where notes are read once more without them
# Of codes that are sent untouched, on held-out pairs; on real prose a bar holds less (model card).
SUBMIT_PRECISION = {Profile.CLAIM: 0.97, Profile.MENTIONS: 0.95}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes a bundle: the same recipe makes the same bundle, to the byte.

    ``claims`` are sets of notes with the codes of their claims; the bands' bars are set on the first.
    ``mentions`` are notes with every documented condition coded; without any, that profile is judged
    as claims are. ``test`` notes are in neither: they give the figures that the bundle states.
    """

    claims: Sequence[DataSet]
    mentions: Sequence[LabelledNote] = field(default=(), repr=False)
    test: Sequence[LabelledNote] = field(repr=False)
    seed: int
    attribution: str = ""  # whom the licence of the data asks to name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """A ranking, and the model behind it."""

    booster: xgboost.Booster = field(repr=False)
    calibration: Calibration
    thresholds: Thresholds
    figures: Mapping[str, float] = field(default_factory=dict)  # of its own fitting

    def ranking(self) -> Ranking:
        """As the engine takes it."""
        ranker = CalibratedRanker(booster=self.booster, calibration=self.calibration)
        return Ranking(ranker=ranker, thresholds=self.thresholds)


def train_bundle(
    recipe: Recipe, sources: CandidateSources, out: Path, progress: Progress
) -> BundleDescription:
    """Learn, fit, calibrate, test, and write a bundle into ``out``.

    ``sources`` have nothing learnt yet.
    """
    out.mkdir(parents=True, exist_ok=True)
    fitted: dict[Profile, _Fitted] = {}
    knowing = sources
    if recipe.mentions:
        lessons = read_lessons(recipe.mentions, sources, progress)
        fitted[Profile.MENTIONS] = _fit_mentions(recipe, lessons, sources, progress)
        learnt = learn_all(lessons, sources, recipe.seed)
        save_learnt(*learnt, recipe.attribution, out / LEARNT)
        knowing = taught(sources, *load_learnt(out / LEARNT))  # as it will be loaded
    fitted[Profile.CLAIM] = _fit_claims(recipe, knowing, progress)
    names = [CODE_SET, TERMS, *[LEARNT] * bool(recipe.mentions), *_write_files(fitted, out)]
    rankings = {profile: one.ranking() for profile, one in fitted.items()}
    parts = EngineParts(sources=knowing, rankings=rankings)
    description = BundleDescription(
        version=VERSION,
        encoder=encoder.MODEL_NAME,
        encoder_sha256=encoder.weights_digest(encoder.model_folder()),
        code_set=sources.code_set.version,
        rankings={
            profile: RankingDescription(thresholds=one.thresholds, calibration=one.calibration)
            for profile, one in fitted.items()
        },
        files={name: digest_of(out / name) for name in names},
        data=_origin(recipe),
        metrics=rounded(evaluate(recipe.test, parts, Profile.CLAIM, progress).figures)
        | {name: round(value, 4) for one in fitted.values() for name, value in one.figures.items()},
    )
    write_description(description, out)
    return description


def _fit_claims(recipe: Recipe, sources: CandidateSources, progress: Progress) -> _Fitted:
    """On the notes read with every phrase, and once more with phrases hidden.

    People name conditions in more ways than any table has; a ranker that never met that would trust
    nothing but phrases.
    """

    def pairs(notes: Sequence[LabelledNote], what: str) -> Pairs:
        read = (sources, replace(sources, terms=_with_phrases_hidden(sources.terms, recipe.seed)))
        return joined([pairs_of(notes, Profile.CLAIM, one, progress, what) for one in read])

    train = joined([pairs(s.train, s.name) for s in recipe.claims])
    held_out = [pairs(s.held_out, f"{s.name} held out") for s in recipe.claims]
    booster = fit(train, joined(held_out), recipe.seed, progress)
    scores = [booster.inplace_predict(part.matrix) for part in held_out]
    calibration = calibrate(np.concatenate(scores), joined(held_out))
    bars = thresholds(calibration(scores[0]), held_out[0], SUBMIT_PRECISION[Profile.CLAIM])
    return _Fitted(booster=booster, calibration=calibration, thresholds=bars)


def _with_phrases_hidden(terms: TermTable, seed: int) -> TermTable:
    return terms.only(np.random.default_rng(seed).random(len(terms)) >= HIDDEN_SHARE)


def _fit_mentions(
    recipe: Recipe, lessons: Sequence[Lesson], sources: CandidateSources, progress: Progress
) -> _Fitted:
    known = cross_fit(recipe.mentions, lessons, sources, recipe.seed, progress)
    scores = cross_validated(known, recipe.seed)
    calibration = calibrate(scores, known.pairs)
    bars = thresholds(calibration(scores), known.pairs, SUBMIT_PRECISION[Profile.MENTIONS])
    return _Fitted(
        booster=fit_rounds(known.pairs, recipe.seed),
        calibration=calibration,
        thresholds=bars,
        figures={
            "mentions_f1_cross_validated": f1_at(bars.review, calibration(scores), known.pairs)
        },
    )


def _write_files(fitted: Mapping[Profile, _Fitted], out: Path) -> list[str]:
    """Write the rankers, and code set and terms where the bundle is not the shipped one."""
    if out.resolve() != SHIPPED_BUNDLE.resolve():
        for name in (CODE_SET, TERMS):
            shutil.copyfile(SHIPPED_BUNDLE / name, out / name)
    for profile, one in fitted.items():
        one.booster.save_model(out / RANKERS[profile])
    return [RANKERS[profile] for profile in fitted]


def _origin(recipe: Recipe) -> dict[str, str | int]:
    origin: dict[str, str | int] = {"seed": recipe.seed, "attribution": recipe.attribution}
    for data_set in recipe.claims:
        origin[f"{data_set.name}: notes fitted on"] = len(data_set.train)
        origin[f"{data_set.name}: notes held out"] = len(data_set.held_out)
    if recipe.mentions:
        origin["mentions: notes learnt from"] = len(recipe.mentions)
    return origin
