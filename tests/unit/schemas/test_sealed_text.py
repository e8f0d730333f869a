"""A sealed text opens with its key and for its note, and otherwise not at all."""

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from clinical_coding.errors import BrokenContractError, SealedTextError
from clinical_coding.note import NoteId, NoteStatus
from schemas.note_signed import NoteSigned, SealedText
from schemas.sealed_text import TEXTS_A_KEY, Opener, Sealer, opening, sealing
from schemas.topics import schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.fakes.schemas import FakeWriterSchemas
from tests.notes import note_event

NOTE = schema_text("note_signed.avsc")
TEXT = "Chest pain for 2 days 🙂\r\n"


@dataclass(slots=True)
class FakeKeys:
    """Wraps by turning round; counts what it is asked."""

    asked: Counter[str] = field(default_factory=Counter)

    def wrap(self, data_key: bytes) -> tuple[str, bytes]:
        """Meets KeyService."""
        self.asked["wrap"] += 1
        return "k1", data_key[::-1]

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Meets KeyService."""
        self.asked["unwrap"] += 1
        if key_id != "k1":
            raise SealedTextError("another key")
        return wrapped[::-1]


def _sealed(event: NoteSigned) -> tuple[NoteSigned, SealedText]:
    found = Sealer(FakeKeys())(event)
    assert found.sealed_text is not None
    return found, found.sealed_text


@given(st.text())
def test_any_text_comes_back_as_it_went_over_the_wire_and_is_not_to_be_seen_on_it(
    text: str,
) -> None:
    event = note_event(f"quorvexilant {text}", note_id="n")
    sealed, _ = _sealed(event)
    value = RecordWriter(NoteSigned, NOTE, 1).encode(sealed)
    reader = RecordReader(NoteSigned, NOTE, FakeWriterSchemas({1: NOTE}), opening(FakeKeys()))

    assert sealed.text == ""
    assert b"quorvexilant" not in value
    assert reader.decode(value) == event


def test_the_same_text_is_never_sealed_twice_to_the_same_bytes() -> None:
    seal, event = Sealer(FakeKeys()), note_event(TEXT, note_id="n")
    all_sealed = [seal(event).sealed_text for _ in range(100)]

    assert len({s.nonce for s in all_sealed if s}) == 100
    assert len({s.ciphertext for s in all_sealed if s}) == 100


@pytest.mark.parametrize("part", ["wrapped_key", "nonce", "ciphertext"])
@given(place=st.integers(0, 11), bit=st.integers(0, 7))
def test_one_bit_that_was_changed_is_enough_to_be_refused(part: str, place: int, bit: int) -> None:
    sealed, envelope = _sealed(note_event(TEXT))
    content = bytearray(getattr(envelope, part))
    content[place] ^= 1 << bit
    changed = replace(
        sealed, sealed_text=TypeAdapter(SealedText).validate_python(
            {f: getattr(envelope, f) for f in SealedText.__slots__} | {part: bytes(content)}
        )
    )  # fmt: skip

    with pytest.raises(SealedTextError):
        Opener(FakeKeys())(changed)


@pytest.mark.parametrize(
    "change", [{"note_id": NoteId("another")}, {"note_version": 2}], ids=["note", "version"]
)
def test_a_text_that_was_moved_to_another_note_or_version_does_not_open(
    change: dict[str, object],
) -> None:
    sealed, _ = _sealed(note_event(TEXT, note_id="n"))
    moved = TypeAdapter(NoteSigned).validate_python(
        TypeAdapter(NoteSigned).dump_python(sealed) | change
    )

    with pytest.raises(SealedTextError, match="sealed for another note"):
        Opener(FakeKeys())(moved)


def test_a_reader_without_keys_refuses_a_sealed_text_and_takes_a_plain_one() -> None:
    sealed, _ = _sealed(note_event(TEXT))
    plain = note_event(TEXT)

    assert opening(None)(plain) is plain
    with pytest.raises(SealedTextError, match="CMC_ENCRYPTION_KEYS"):
        opening(None)(sealed)


@pytest.mark.parametrize("keys", [None, FakeKeys()])
def test_a_retraction_needs_no_text_and_so_no_key(keys: FakeKeys | None) -> None:
    sealed, envelope = _sealed(note_event(TEXT, status=NoteStatus.RETRACTED))
    lost = replace(sealed, sealed_text=replace(envelope, key_id="lost"))

    assert opening(keys)(lost) is lost


def test_a_producer_without_keys_seals_nothing() -> None:
    event = note_event(TEXT)

    assert sealing(None)(event) is event


def test_a_data_key_serves_a_thousand_texts_and_is_asked_for_once_by_who_opens_them() -> None:
    mine, theirs = FakeKeys(), FakeKeys()
    seal, opened = Sealer(mine), Opener(theirs)
    for number in range(TEXTS_A_KEY + 1):
        event = note_event(TEXT, note_id=f"n{number}")
        assert opened(seal(event)) == event

    assert (mine.asked["wrap"], theirs.asked["unwrap"]) == (2, 2)


def test_half_characters_are_refused_and_not_quoted() -> None:
    with pytest.raises(BrokenContractError) as refused:
        Sealer(FakeKeys())(note_event("secret \ud800"))

    assert "secret" not in str(refused.value)
