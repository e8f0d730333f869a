"""How an injury came about: codes V00-Y99 beside the injury, never alone or first (I.C.20)."""

from collections.abc import Iterator
from dataclasses import replace

from clinical_coding.note import IcdCode
from clinical_coding.rules.draft import Add, Change, Draft, Drop, Guideline

NO_INJURY = Guideline(section="I.C.20.a.1", says="external cause without a condition it caused")
KIND_OF_FALL = Guideline(section="I.B.2", says="the kind of fall is documented")
LATER_CARE = Guideline(section="I.C.20.b", says="place, activity and status of a first visit only")
ONE_PLACE = Guideline(section="I.C.20.b", says="one place, one activity and one status a visit")
SAME_ENCOUNTER = Guideline(section="I.C.20.a.2", says="the encounter of the injury it caused")

EXTERNAL_CAUSES = tuple("VWXY")
CIRCUMSTANCES = ("Y92", "Y93", "Y99")  # place, activity, status of who was hurt
_INJURIES = ("S", "T")
_BESIDE_THE_EVENT = ("social_history", "family_history", "ros", "pmh", "psh")
# What an external cause may lie behind (I.C.20.a.1), as far as injuries of everyday show it.
_MAY_BE_CAUSED = (*_INJURIES, "M", "R", "G44.3", "F07.81", "H", "L", "O9A.2")
_LENGTH_WITH_ENCOUNTER = 8  # S52.501A
_INITIAL, _LATER = "ABC", "DEFGHJKMNPQRS"


def external_cause_only_with_what_it_caused(draft: Draft) -> Iterator[Drop]:
    """An external cause is coded beside a condition that may be due to it (I.C.20.a.1).

    Place, activity and status are those of an injury, or of what another external cause tells
    (I.C.20.b, c): a sport that hurts, or that the social history tells of, is none.
    """
    causes = draft.starting_with(*EXTERNAL_CAUSES)
    hurt = draft.has(*_INJURIES) or any(not one.code.startswith(CIRCUMSTANCES) for one in causes)
    for one in causes:
        circumstance = one.code.startswith(CIRCUMSTANCES)
        beside = all(span.section in _BESIDE_THE_EVENT for span in one.evidence)
        if not draft.has(*_MAY_BE_CAUSED) or (circumstance and (beside or not hurt)):
            yield Drop(code=one.code, why=NO_INJURY)


def fall_of_a_kind(draft: Draft) -> Iterator[Drop]:
    """A fall of unspecified kind is not coded beside the kind of fall (I.B.2)."""
    if any(one.code < "W19" for one in draft.starting_with("W0", "W1")):
        for one in draft.starting_with("W19"):
            yield Drop(code=one.code, why=KIND_OF_FALL)


def external_cause_of_the_same_encounter(draft: Draft) -> Iterator[Change]:
    """An external cause has the seventh character of the care its injury gets (I.C.20.a.2)."""
    characters = {_encounter(one.code) for one in draft.starting_with(*_INJURIES)} - {""}
    if len(characters) != 1:
        return
    (character,) = characters
    for one in draft.starting_with(*EXTERNAL_CAUSES):
        same = IcdCode(one.code[:-1] + character)
        if _encounter(one.code) not in ("", character) and draft.conventions.is_billable(same):
            yield Drop(code=one.code, why=SAME_ENCOUNTER)
            yield Add(standing=replace(one, code=same).because(SAME_ENCOUNTER))


def circumstances_of_a_first_visit(draft: Draft) -> Iterator[Drop]:
    """Place, activity and status are told once, when the injury is first treated (I.C.20.b, c, k).

    One of each: of several the likeliest stays.
    """
    later = {_encounter(one.code) for one in draft.starting_with(*_INJURIES)} - {"", "A"}
    for kind in CIRCUMSTANCES:
        for place, one in enumerate(draft.starting_with(kind)):
            if later or place:
                yield Drop(code=one.code, why=LATER_CARE if later else ONE_PLACE)


def _encounter(code: str) -> str:
    """The seventh character, fracture care folded into A (active), D (later) and S (sequela)."""
    if len(code) < _LENGTH_WITH_ENCOUNTER:
        return ""
    seventh = code[-1]
    if seventh in _INITIAL:
        return "A"
    return "S" if seventh == "S" else "D"
