"""Note texts for the evidence view, bounded by the memory that they take."""

import sys
from collections import OrderedDict
from dataclasses import dataclass, field

from schemas.note_signed import NoteSigned

ENTRY_BYTES = 512  # a text's key and its place in the dictionary, about


@dataclass(slots=True, kw_only=True)
class NoteTexts:
    """The texts that came last; the oldest leave when all would take more than ``limit_bytes``."""

    limit_bytes: int
    held_bytes: int = 0
    _texts: OrderedDict[tuple[str, int], str] = field(default_factory=OrderedDict, repr=False)
    _types: dict[tuple[str, int], str] = field(default_factory=dict)

    def keep(self, note: NoteSigned) -> None:
        """Keep this note version's text; one that alone is over the limit is not kept."""
        key = note.note_id, note.note_version
        self.held_bytes -= _size(self._texts.pop(key, None))
        self._texts[key], self._types[key] = note.text, sys.intern(note.note_type_name)
        self.held_bytes += _size(note.text)
        while self.held_bytes > self.limit_bytes:
            oldest, text = self._texts.popitem(last=False)
            del self._types[oldest]
            self.held_bytes -= _size(text)

    def get(self, note_id: str, version: int) -> str | None:
        """The text of a note version, where it is still kept."""
        return self._texts.get((note_id, version))

    def note_type(self, note_id: str, version: int) -> str:
        """The name of its document type, "" where it is not kept."""
        return self._types.get((note_id, version), "")

    def note_types(self) -> set[str]:
        """Those of the kept texts."""
        return set(self._types.values())


def _size(text: str | None) -> int:
    return 0 if text is None else sys.getsizeof(text) + ENTRY_BYTES
