"""What a model bundle is on disk, and whether it is whole.

A folder with ``bundle.json`` (what it was made from and for, and the SHA-256 of each file),
``code_set.tsv.gz``, ``terms.npz``, the ranker of each profile and, where notes of every documented
condition were learnt from, ``learnt.npz``.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from clinical_coding.claim import Profile
from clinical_coding.engine import Thresholds
from clinical_coding.errors import ModelBundleError
from clinical_coding.features import FEATURES_VERSION
from runtime.ranker import Calibration

SHIPPED_BUNDLE = Path(__file__).parent / "bundles" / "default"
DESCRIPTION, CODE_SET, TERMS, LEARNT = "bundle.json", "code_set.tsv.gz", "terms.npz", "learnt.npz"
RANKERS = {Profile.CLAIM: "claim.ubj", Profile.MENTIONS: "mentions.ubj"}
LAYOUT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingDescription:
    """The bars of one profile's bands, and how its ranker's scores become probabilities."""

    thresholds: Thresholds
    calibration: Calibration = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleDescription:
    """``bundle.json``.

    A profile without a ranking of its own has that of claims. ``data`` and ``metrics`` tell what the
    rankers were fitted on and how good they were on notes held out; nothing reads them but people.
    """

    layout: int = LAYOUT
    version: str
    features_version: int = FEATURES_VERSION
    encoder: str
    encoder_sha256: str
    code_set: str
    rankings: Mapping[Profile, RankingDescription]
    files: Mapping[str, str]  # name: SHA-256
    data: Mapping[str, str | int]
    metrics: Mapping[str, float]


_DESCRIPTION = TypeAdapter(BundleDescription)


def describe(folder: Path) -> tuple[BundleDescription, str]:
    """What ``bundle.json`` says, and its own SHA-256, which stands for the whole bundle.

    Raises ModelBundleError when it is missing, damaged or of another version of this project.
    """
    try:
        text = (folder / DESCRIPTION).read_bytes()
        description = _DESCRIPTION.validate_json(text)
    except (OSError, ValidationError) as error:
        raise ModelBundleError(
            f"expected a model bundle in {folder}; got {type(error).__name__} for {DESCRIPTION}; "
            "check CMC_MODEL_BUNDLE_DIR or train one with `codemychart train`"
        ) from None
    if (description.layout, description.features_version) != (LAYOUT, FEATURES_VERSION):
        raise ModelBundleError(
            f"expected a bundle of layout {LAYOUT} and features {FEATURES_VERSION}; got "
            f"{description.layout} and {description.features_version} in {folder}; it belongs to "
            "another version of codemychart: train one with this version"
        )
    return description, hashlib.sha256(text).hexdigest()


def find_bundle(wanted: str, folders: Iterable[Path]) -> Path:
    """The folder of a bundle that is named by its folder or by the model version of its claims.

    A version is looked for in ``folders``, then in their sub-folders and in the shipped bundle.
    Raises ModelBundleError when there is none.
    """
    if (Path(wanted) / DESCRIPTION).exists():
        return Path(wanted)
    places = [SHIPPED_BUNDLE]
    for folder in folders:
        places += [folder, *sorted(path.parent for path in folder.glob(f"*/{DESCRIPTION}"))]
    found = {version: place for place in places for version in _versions_in(place)}
    if wanted not in found:
        raise ModelBundleError(
            f"expected a bundle's folder or one of the versions {', '.join(sorted(found))}; got "
            f"{wanted}; name the folder, or set CMC_MODEL_BUNDLE_DIR to it or to one beside it"
        )
    return found[wanted]


def model_version(description: BundleDescription, digest: str) -> str:
    """What a claim says of the bundle that made it: its version and the first of its digest."""
    return f"{description.version}-{digest[:8]}"


def _versions_in(folder: Path) -> tuple[str, ...]:
    """The model version of the bundle there; none where there is no bundle of this project's version."""
    try:
        return (model_version(*describe(folder)),)
    except ModelBundleError:
        return ()


def write_description(description: BundleDescription, folder: Path) -> None:
    """Write ``bundle.json``, last of a bundle's files: with it the bundle is complete."""
    text = _DESCRIPTION.dump_json(description, indent=1)
    (folder / DESCRIPTION).write_bytes(text + b"\n")


def note_changed_file(folder: Path, name: str) -> None:
    """Describe one of a bundle's files as it is now, all else as it was: one that was compiled anew.

    Raises ModelBundleError as `describe` does.
    """
    description, _ = describe(folder)
    files = {**description.files, name: digest_of(folder / name)}
    write_description(replace(description, files=files), folder)


def check_files(folder: Path, description: BundleDescription) -> None:
    """Raises ModelBundleError when a file is missing or not the one that was described."""
    for name, expected in description.files.items():
        found = digest_of(folder / name)
        if found != expected:
            raise ModelBundleError(
                f"expected {name} with SHA-256 {expected[:12]} in {folder}; got {found[:12]}; "
                "take the bundle whole from where it came or train it again"
            )


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; "missing" when there is none."""
    if not path.exists():
        return "missing"
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
