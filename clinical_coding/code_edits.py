"""What a payer refuses a code for, whatever the note says: the edits of the Medicare Code Editor."""

from dataclasses import dataclass

from clinical_coding.note import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """The edits of one code; those of a code without any all say nothing.

    ``ages`` is the youngest and the oldest patient, in whole years, both included. ``manifestation``
    marks a code that describes a disease by what it does elsewhere in the body and is never first
    (I.A.13), ``never_principal`` one that is no reason for an admission (a circumstance, an agent).
    """

    sex: Sex | None = None
    ages: tuple[int, int] | None = None
    manifestation: bool = False
    never_principal: bool = False

    @property
    def may_be_first(self) -> bool:
        """Whether the code may be the principal diagnosis."""
        return not (self.manifestation or self.never_principal)

    def suits_age(self, years: int | None) -> bool:
        """Whether a patient of that age can have the code; an unknown age always can."""
        return years is None or self.ages is None or self.ages[0] <= years <= self.ages[1]

    def suits_sex(self, sex: Sex) -> bool:
        """Whether a patient of that sex can have the code; only male and female exclude each other."""
        return self.sex is None or sex not in {Sex.FEMALE, Sex.MALE} or sex is self.sex


NO_EDITS = Edits()
