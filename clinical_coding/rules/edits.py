"""What a payer's editor would send back (Medicare Code Editor): sex, age, a manifestation alone."""

from collections.abc import Iterator

from clinical_coding.rules.draft import Draft, Drop, Guideline

INCOMPLETE = Guideline(section="I.B.2", says="not a complete code of the release in force")
OTHER_SEX = Guideline(section="MCE", says="a code for the other sex")
OTHER_AGE = Guideline(section="MCE", says="a code for another age")
NO_ETIOLOGY = Guideline(section="I.A.13", says="manifestation without its underlying condition")


def complete_codes_only(draft: Draft) -> Iterator[Drop]:
    """Only codes with all their characters are valid (I.B.2)."""
    for one in draft.standing:
        if not draft.conventions.is_billable(one.code):
            yield Drop(code=one.code, why=INCOMPLETE)


def codes_for_the_patients_sex(draft: Draft) -> Iterator[Drop]:
    """A condition of the other sex's organs cannot be the patient's (MCE, sex conflict).

    Nothing is held against a patient whose sex is not recorded as female or male.
    """
    for one in draft.standing:
        if not draft.conventions.edits(one.code).suits_sex(draft.note.sex):
            yield Drop(code=one.code, why=OTHER_SEX)


def codes_for_the_patients_age(draft: Draft) -> Iterator[Drop]:
    """A condition of newborns, children, pregnancy or adults only (MCE, age conflict)."""
    for one in draft.standing:
        if not draft.conventions.edits(one.code).suits_age(draft.note.age_years):
            yield Drop(code=one.code, why=OTHER_AGE)


def manifestation_with_its_cause(draft: Draft) -> Iterator[Drop]:
    """A manifestation is coded after its underlying condition, never without one (I.A.13)."""
    manifestations = {
        one.code for one in draft.standing if draft.conventions.edits(one.code).manifestation
    }
    if len(manifestations) == len(draft.standing):
        for one in draft.standing:
            yield Drop(code=one.code, why=NO_ETIOLOGY)
