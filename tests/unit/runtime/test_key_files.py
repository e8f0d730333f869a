"""Keys in files: the newest is in use, a wrong one is told, none is ever quoted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.errors import SealedTextError, SettingsError
from runtime.key_files import SECRET_BYTES, Key, LocalKeys, add_key, read_keys

SETTING = "CMC_SOME_KEYS"
OLD, NEW, OTHER = (
    Key(identity=name, secret=secret * SECRET_BYTES)
    for name, secret in (("a", b"1"), ("b", b"2"), ("b", b"3"))
)
LINE = f"a {'A' * 43}=\n"


def test_an_added_key_is_the_last_and_those_before_it_stay(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "keys"
    first, second = add_key(file, "2026a"), add_key(file, "2026b")

    assert read_keys(file, SETTING) == second
    assert second[0] == first[0]
    assert [key.identity for key in second] == ["2026a", "2026b"]
    assert second[0].secret != second[1].secret
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("identity", ["2026a", "", "two words", "ä", "x" * 33])
def test_an_odd_id_or_one_that_is_there_adds_nothing(identity: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    before = add_key(file, "2026a")

    with pytest.raises(SettingsError):
        add_key(file, identity)

    assert read_keys(file, SETTING) == before


@pytest.mark.parametrize(
    "lines",
    ["", "nokey\n", "a !!!!\n", "a c2hvcnQ=\n", LINE * 2, "ä ö\n"],
    ids=["empty", "without secret", "not base64", "short", "twice", "not ASCII"],
)
def test_a_file_that_holds_no_proper_keys_is_refused_and_not_quoted(
    lines: str, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    file.write_text(lines, encoding="utf-8")

    with pytest.raises(SettingsError, match=SETTING) as told:
        read_keys(file, SETTING)

    words = [word for word in lines.split() if len(word) > 1]
    assert not [word for word in words if word in str(told.value)]


@given(st.binary(min_size=32, max_size=32))
def test_a_wrapped_data_key_comes_back_by_the_key_that_wrapped_it(data_key: bytes) -> None:
    key_id, wrapped = LocalKeys([OLD]).wrap(data_key)

    assert key_id == "a"
    assert LocalKeys([OLD, NEW]).unwrap(key_id, wrapped) == data_key


def test_the_newest_key_wraps() -> None:
    assert LocalKeys([OLD, NEW]).wrap(bytes(32))[0] == "b"


@pytest.mark.parametrize("held", [[OLD], [OTHER]], ids=["no such key", "another of that name"])
def test_a_data_key_under_another_key_is_refused(held: list[Key]) -> None:
    key_id, wrapped = LocalKeys([NEW]).wrap(bytes(32))

    with pytest.raises(SealedTextError, match="CMC_ENCRYPTION_KEYS"):
        LocalKeys(held).unwrap(key_id, wrapped)


def test_odd_bytes_in_place_of_a_wrapped_key_are_refused() -> None:
    for wrapped in (b"", b"short", bytes(40)):
        with pytest.raises(SealedTextError):
            LocalKeys([NEW]).unwrap("b", wrapped)
