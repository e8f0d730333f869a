"""The code set as a value, and the release that is shipped."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_set import CodeSet, code_set_for
from clinical_coding.errors import ModelBundleError
from clinical_coding.note import IcdCode
from runtime.code_set_files import load_code_set, load_code_sets, save_code_set


def _two_codes(first: date, last: date) -> CodeSet:
    return CodeSet(
        version=f"from {first}",
        valid_from=first,
        valid_until=last,
        codes=(IcdCode("A00"), IcdCode("A00.0")),
        titles=("Cholera", "Classical cholera"),
        chapters=bytes([1, 1]),
        billable_flags=bytes([0, 1]),
    )


def test_the_date_of_service_alone_picks_the_release() -> None:
    """Both days of an interval belong to it; of two the later; outside of all there is none."""
    old = _two_codes(date(2025, 10, 1), date(2026, 3, 31))
    new = _two_codes(date(2026, 4, 1), date(2026, 9, 30))

    assert code_set_for(date(2026, 3, 31), (old, new)) is old
    assert code_set_for(date(2026, 4, 1), (old, new)) is new
    assert code_set_for(date(2026, 10, 1), (old, new)) is None
    year = _two_codes(date(2025, 10, 1), date(2026, 9, 30))
    assert code_set_for(date(2026, 4, 1), (new, year)) is new
    assert code_set_for(date(2026, 3, 31), (new, year)) is year


def test_the_shipped_release_holds_every_billable_code_once(code_set: CodeSet) -> None:
    """Categories that are codes themselves are there, headers are not billable."""
    assert sum(code_set.billable_flags) == 74_719
    assert len(set(code_set.codes)) == len(code_set)
    assert all(code_set.is_billable(code) for code in ("B20", "F99", "P84", "R99", "Z66", "M54.50"))
    assert not any(
        code_set.is_billable(code) for code in ("C7A", "G20", "M54.5", "E11", "nonsense")
    )


@pytest.mark.parametrize(
    ("code", "parent", "chapter"),
    [("E11.9", "E11", 4), ("W00.0XXA", "W00.0", 20), ("S52.501A", "S52.501", 19), ("B20", None, 1)],
)
def test_a_code_knows_its_parent_over_placeholders_and_its_chapter(
    code_set: CodeSet, code: str, parent: str | None, chapter: int
) -> None:
    assert code_set.entry(code).parent == parent
    assert code_set.entry(code).chapter == chapter


@given(st.sampled_from(load_code_set().codes))
def test_every_code_below_a_code_can_be_submitted(code_set: CodeSet, code: str) -> None:
    """Whatever header is asked for; and there is always one."""
    below = code_set.billable_under(code)

    assert below
    assert all(code_set.is_billable(leaf) and leaf.startswith(code) for leaf in below)


def test_what_is_below_a_code_begins_with_it(code_set: CodeSet) -> None:
    leaves = code_set.billable_under("M25.56")

    assert leaves == ("M25.561", "M25.562", "M25.569")
    assert code_set.billable_under("E11.9") == ("E11.9",)
    assert code_set.billable_under("no such") == ()


def test_a_code_set_that_is_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    """Notes, edits and payment categories included; saved again, it is the same file."""
    saved, path = load_code_set(), tmp_path / "set.tsv.gz"
    save_code_set(saved, {"source": "test"}, path)
    loaded = load_code_set(path)

    for field in ("version", "codes", "titles", "chapters", "billable_flags", "edits_of", "hcc_of"):
        assert getattr(loaded, field) == getattr(saved, field)
    for field in ("groups", "above", "named", "included"):
        assert getattr(loaded.notes, field) == getattr(saved.notes, field)
    again = tmp_path / "again.tsv.gz"
    save_code_set(loaded, {"source": "test"}, again)
    assert again.read_bytes() == path.read_bytes()


def test_a_folder_of_code_sets_is_loaded_in_the_order_of_their_days(tmp_path: Path) -> None:
    old = _two_codes(date(2025, 10, 1), date(2026, 9, 30))
    new = _two_codes(date(2026, 4, 1), date(2026, 9, 30))
    save_code_set(new, {}, tmp_path / "a.tsv.gz")
    save_code_set(old, {}, tmp_path / "b.tsv.gz")
    (tmp_path / "notes.txt").write_text("not a code set")

    assert [found.version for found in load_code_sets(tmp_path)] == [old.version, new.version]


def test_a_folder_without_code_sets_is_refused(tmp_path: Path) -> None:
    """So is one that is not there: the user named it."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(
            ModelBundleError, match=r"code sets \(\*.tsv.gz\) in .*; got none; make"
        ):
            load_code_sets(folder)


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00cut"])
def test_a_damaged_code_set_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.tsv.gz"
    path.write_bytes(content)

    with pytest.raises(ModelBundleError, match="code set of layout"):
        load_code_set(path)


def test_a_missing_code_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelBundleError, match="FileNotFoundError"):
        load_code_set(tmp_path / "none")
