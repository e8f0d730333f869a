"""A bundle is whole and fits this version, or it is refused with what to do."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clinical_coding.claim import Profile
from clinical_coding.engine import Thresholds
from clinical_coding.errors import ModelBundleError
from runtime.bundle_files import (
    DESCRIPTION,
    SHIPPED_BUNDLE,
    BundleDescription,
    RankingDescription,
    check_files,
    describe,
    digest_of,
    find_bundle,
    model_version,
    note_changed_file,
    write_description,
)
from runtime.ranker import Calibration


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "ranker.ubj").write_bytes(b"trees")
    write_description(
        BundleDescription(
            version="7",
            encoder="all-MiniLM-L6-v2",
            encoder_sha256="53aa51",
            code_set="FY2026-April",
            rankings={
                Profile.CLAIM: RankingDescription(
                    thresholds=Thresholds(submit=0.9, review=0.4),
                    calibration=Calibration(scores=(0.0, 1.0), probabilities=(0.1, 0.9)),
                )
            },
            files={"ranker.ubj": digest_of(tmp_path / "ranker.ubj")},
            data={"seed": 1},
            metrics={"f1": 0.8},
        ),
        tmp_path,
    )
    return tmp_path


def test_a_description_comes_back_as_it_was_written(bundle: Path) -> None:
    description, digest = describe(bundle)

    ranking = description.rankings[Profile.CLAIM]
    assert ranking.thresholds == Thresholds(submit=0.9, review=0.4)
    assert ranking.calibration.probabilities == (0.1, 0.9)
    assert digest == digest_of(bundle / DESCRIPTION)


def test_a_file_that_was_made_anew_is_described_anew_and_nothing_else(bundle: Path) -> None:
    before, _ = describe(bundle)
    (bundle / "ranker.ubj").write_bytes(b"other trees")

    note_changed_file(bundle, "ranker.ubj")

    after, _ = describe(bundle)
    check_files(bundle, after)
    assert replace(after, files=before.files) == before


def change(bundle: Path, **values: object) -> None:
    described = json.loads((bundle / DESCRIPTION).read_text()) | values
    (bundle / DESCRIPTION).write_text(json.dumps(described))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda b: (b / DESCRIPTION).unlink(), "got FileNotFoundError for bundle.json; check CMC_"),
        (lambda b: (b / DESCRIPTION).write_text("{"), "got ValidationError for bundle.json"),
        (lambda b: change(b, rankings=None), "got ValidationError for bundle.json"),
        (lambda b: change(b, layout=99), "got 99 and .* it belongs to another version"),
        (lambda b: change(b, features_version=0), "and 0 in .* train one with this version"),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused(
    bundle: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(bundle)

    with pytest.raises(ModelBundleError, match=message):
        describe(bundle)


@pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(b"other trees")])
def test_a_missing_or_changed_file_is_named(bundle: Path, spoil: Callable[[Path], None]) -> None:
    description, _ = describe(bundle)
    check_files(bundle, description)
    spoil(bundle / "ranker.ubj")

    with pytest.raises(ModelBundleError, match=r"expected ranker.ubj with SHA-256 .* whole from"):
        check_files(bundle, description)


def test_the_shipped_bundle_is_whole() -> None:
    description, _ = describe(SHIPPED_BUNDLE)

    check_files(SHIPPED_BUNDLE, description)
    assert sum(path.stat().st_size for path in SHIPPED_BUNDLE.iterdir()) < 30_000_000


def test_a_bundle_is_found_by_its_folder_and_by_the_version_that_its_claims_name(
    bundle: Path,
) -> None:
    """Beside a folder that is named, in it, or the shipped one; a broken neighbour is passed over."""
    place, broken = bundle / "models" / "new", bundle / "models" / "broken"
    place.mkdir(parents=True)
    broken.mkdir()
    (broken / DESCRIPTION).write_text("{")
    (bundle / DESCRIPTION).rename(place / DESCRIPTION)
    version = model_version(*describe(place))

    assert find_bundle(str(place), []) == place
    assert find_bundle(version, [place.parent]) == place
    assert find_bundle(version, [place]) == place
    assert find_bundle(model_version(*describe(SHIPPED_BUNDLE)), []) == SHIPPED_BUNDLE
    with pytest.raises(ModelBundleError, match="got 9-deadbeef"):
        find_bundle("9-deadbeef", [place.parent])
