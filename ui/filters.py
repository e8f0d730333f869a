"""Which claims of the feed a visitor wants to see."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_coding.claim import Band, Diagnosis
from schemas.claim_coded import ClaimCoded
from ui.theme import encounter


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """All that is asked must hold; what is empty asks nothing.

    ``words`` are searched in one code of the claim: each begins the code, dot or not, or is in its
    description. With bands, that code is in one of them. ``encounters`` are the classes' words.
    """

    words: str = ""
    bands: Sequence[Band] = ()
    encounters: Sequence[str] = ()
    note_types: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether every claim is wanted."""
        return not (self.words.strip() or self.bands or self.encounters or self.note_types)

    def wants(self, claim: ClaimCoded, note_type: str) -> bool:
        """Whether the claim, of a note of this type ("" where that is not known), is wanted."""
        if self.encounters and encounter(claim.encounter_class) not in self.encounters:
            return False
        if self.note_types and note_type not in self.note_types:
            return False
        words = self.words.casefold().split()
        asks_codes = bool(words or self.bands)
        return not asks_codes or any(self._has(d, words) for d in claim.diagnoses)

    def _has(self, diagnosis: Diagnosis, words: Sequence[str]) -> bool:
        if self.bands and diagnosis.band not in self.bands:
            return False
        code, said = diagnosis.code.casefold(), diagnosis.description.casefold()
        plain = code.replace(".", "")
        return all(
            code.startswith(word) or plain.startswith(word) or word in said for word in words
        )
