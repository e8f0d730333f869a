"""Java is found or told of in one line."""

from pathlib import Path

import pytest

from clinical_coding.errors import EmbeddedServiceError
from runtime.java import choose_java, find_java


def _java(folder: Path, release: str) -> Path:
    """An executable that answers as a Java of this release does."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{release}\"' >&2\n")
    program.chmod(0o755)
    return folder


def test_the_machines_own_java_is_new_enough() -> None:
    assert find_java().release >= 17


def test_java_home_comes_before_the_path(tmp_path: Path) -> None:
    home, other = _java(tmp_path / "home", "21.0.1"), _java(tmp_path / "path", "17.0.2")
    variables = {"JAVA_HOME": str(home), "PATH": f"{other}/bin:/bin:/usr/bin"}

    assert choose_java(variables).release == 21


def test_one_that_is_too_old_is_named_with_the_way_to_a_newer(tmp_path: Path) -> None:
    old = _java(tmp_path / "old", "1.8.0_402")

    with pytest.raises(EmbeddedServiceError, match=r"Java 8.*apt install") as told:
        choose_java({"JAVA_HOME": str(old), "PATH": ""})
    assert "\n" not in str(told.value)


def test_no_java_at_all_is_told_in_one_line() -> None:
    with pytest.raises(EmbeddedServiceError, match="got no Java"):
        choose_java({"PATH": ""})
