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

    def keep(self, note: NoteSigned) -> None:
        """Keep this note version's text; one that alone is over the limit is not kept."""
        key = note.note_id, note.note_version
        self.held_bytes -= _size(self._texts.pop(key, None))
        self._texts[key] = note.text
        self.held_bytes += _size(note.text)
        while self.held_bytes > self.limit_bytes:
            _, oldest = self._texts.popitem(last=False)
            self.held_bytes -= _size(oldest)

    def get(self, note_id: str, version: int) -> str | None:
        """The text of a note version, where it is still kept."""
        return self._texts.get((note_id, version))


def _size(text: str | None) -> int:
    return 0 if text is None else sys.getsizeof(text) + ENTRY_BYTES
