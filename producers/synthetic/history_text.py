"""The sections that tell how it came: complaint and present illness."""

import re
from collections.abc import Iterator

from producers.synthetic.clauses import is_clause
from producers.synthetic.conditions import Condition
from producers.synthetic.pen import Pen
from producers.synthetic.writing import listed, upper_first

GROWN_UP = 18
OWN_WORDS = 8  # the age from which a child tells it itself
_PLACE = re.compile(
    r"(?:right|left) (?:shoulder|elbow|wrist|hand|hip|knee|ankle|foot)|low(?:er)? back|neck"
)
HABITUAL = ("F10", "F11", "F12", "F17")  # nobody has "a history of cigarette smoker"
# How the name of a cause goes on from "the patient": "was struck", "slipped", "was hurt lifting".
SUFFERED = (
    "struck",
    "cut",
    "knocked",
    "scalded",
    "bitten",
    "involved",
    "hit by",
    "shut",
    "caught",
    "hurt",
)
DID = ("slipped", "tripped", "fell", "walked", "spilled", "strained", "stepped", "missed", "stumbled", "lost",
       "landed", "crashed", "collided", "ran into", "hit it", "bumped", "dropped", "had", "took")  # fmt: skip
MEANWHILE = ("during", "after", "at ", "on ")
NAMING = {"with", "known", "Known"}  # a frame that names the condition needs no others beside it
ONSETS = ("for 2 days", "for the past week", "since yesterday", "for about 3 days", "since last night",
          "over the last few days", "on and off for two weeks", "since this morning", "for 10 days")  # fmt: skip
URGENT_ONSETS = ("for 2 days", "since yesterday", "since last night", "since this morning", "for a few hours",
                 "for about 3 days", "since the day before yesterday")  # fmt: skip
COURSES = ("gradually worse", "about the same since", "comes and goes", "worse with activity",
           "no clear trigger", "somewhat better today", "nothing seems to help", "worse at night")  # fmt: skip
FILLERS = ("Sleeping okay.", "No recent travel.", "No recent medication changes.", "Appetite is fair.",
           "Otherwise at baseline.")  # fmt: skip
ILL_FILLERS = (*FILLERS, "No sick contacts.", "Did not seek care before today.", "Came alone.",
               "Took something over the counter without much relief.")  # fmt: skip
CHILD_FILLERS = (
    "Brought in by mother.",
    "Drinking well.",
    "Immunizations up to date.",
    "No sick contacts.",
)
BEGINNINGS = {
    "acute": ("{who} with {said}, {onset}.", "{who} presents with {said} {onset}.",
              "{who} comes in because of {said} {onset}.", "{who}. {Said} {onset}.",
              "This {who} reports {said} {onset}.", "Seen for {said} {onset}: {who}."),
    "clause": ("{who}: {said}.", "{who}. {Said}.", "{who}. {teller} says: {said}.", "{who} comes in. {Said}.",
               "{teller} tells how it began: {said}. {who}.", "{who}, seen because: {said}."),
    "stay": ("{who} with {name}. {Said}.", "{who}, known {name}. {Said}.", "Known {name} in this {who}. {Said}."),
    "symptom": ("{who} presents with {name} {onset}.", "{who} complains of {name}. {Said}.",
                "{who} c/o {name} {onset}.", "{who} here for {name}. States: {said}.",
                "{name} {onset} in this {who}. {Said}."),
    "chronic": ("{who} seen in follow up of {name}.", "{who} here for routine follow up. {Said}.",
                "Known {name}. {Said}.", "{who} returns for a check of {name}. Tells us: {said}.",
                "{who} with {name}. {Said}."),
    "neoplasm": ("{who} with {name} seen today. {Said}.", "{who} followed for {name}. {Said}.",
                 "{who}, known {name}, here for a visit."),
    "injury": ("{who} {caused} {Said}.", "{who} {caused} {Said}. Arrived by car.",
               "This {who} {caused} Main complaint: {said}."),
    "wellness": ("{who} here for {name}. {Said}.", "{who} presents for {name}. {Said}."),
    "pregnancy": ("{who} seen for {name}. {Said}.", "{who}, {name}. {Said}."),
    "newborn": ("{who}, {name}. {Said}.", "{name}. {Said}."),
}  # fmt: skip


def complaint(pen: Pen) -> str:
    """Why the patient came, in few words."""
    main, _ = pen.story.main
    said = [pen.random.choice(main.says)] if main.says else []
    returns = main.kind == "chronic" and pen.story.setting == "AMB"
    named = f"{pen.name(main)} follow up" if returns else pen.name(main)
    told = said if main.kind in ("acute", "injury") and said else [*said, named]
    if (ache := _ache(main)) and pen.chance(0.4):
        told = [ache]
    return pen.section("chief_complaint", upper_first(pen.random.choice(told)))


def _ache(main: Condition) -> str:
    """What hurts, where the name of an injury or a joint's disease tells it; integral to it (I.B.5)."""
    if not main.is_of(("S", "M")) or main.kind == "symptom":
        return ""
    place = next((found for name in main.names if (found := _PLACE.search(name))), None)
    return f"{place.group(0)} pain" if place else ""


def present_illness(pen: Pen) -> str:
    """How it began and what goes with it."""
    return pen.section("hpi", pen.prose(" ".join(introduction(pen))))


def introduction(pen: Pen) -> Iterator[str]:
    """The sentences of the present illness."""
    story, (main, _) = pen.story, pen.story.main
    who = pen.author.person(story.age, story.sex)
    said = pen.one_of(*main.says) if main.says else "no new concerns"
    frame = pen.one_of(*BEGINNINGS[_manner(main, story.setting, said)])
    words = {
        "who": who if NAMING.intersection(frame.split()) else who + _known(pen),
        "said": said,
        "Said": upper_first(said),
        "name": pen.name(main),
        "onset": _onset(pen, said),
        "caused": _caused(pen),
        "teller": "Patient" if story.age >= OWN_WORDS else pen.one_of("Mother", "Father", "Parent"),
    }
    yield upper_first(_tidy(frame.format_map(words)))
    if (ache := _ache(main)) and pen.chance(0.3):
        yield pen.one_of("Here for evaluation of {}.", "Main trouble is {}.", "Reports {}.").format(
            ache
        )
    if main.kind in ("acute", "neoplasm") and pen.chance(0.1):
        yield pen.one_of("Outside clinic was concerned for {}.", "Sent in for possible {}.").format(
            pen.name(main)
        )
    ill = main.kind in ("acute", "symptom") and not main.is_of(("T",))
    if ill and pen.chance(0.6):
        yield upper_first(pen.one_of(*COURSES)) + "."
    if story.denied and pen.chance(0.6):
        yield denial(pen, 3)
    yield from pen.some(
        CHILD_FILLERS if story.age < GROWN_UP else ILL_FILLERS if ill else FILLERS, 0, 2
    )


def _manner(main: Condition, setting: str, said: str) -> str:
    if main.kind == "chronic" and setting != "AMB":
        return "stay"
    return "clause" if main.kind == "acute" and is_clause(said) else main.kind


def _onset(pen: Pen, said: str) -> str:
    if _is_timed(said):
        return ""
    return pen.one_of(*(ONSETS if pen.story.setting == "AMB" else URGENT_ONSETS))


def denial(pen: Pen, most: int) -> str:
    """A sentence of what the patient does not have."""
    denied = pen.story.denied[:most]
    names = [pen.name(condition) for condition in denied]
    who = (
        "Patient denies"
        if pen.story.age >= OWN_WORDS
        else pen.one_of("Mother denies", "Parents deny")
    )
    return pen.one_of(
        f"Denies {listed(names, 'or')}.",
        f"No {listed(names, 'or')}.",
        f"Negative for {', '.join(names)}.",
        f"{who} any {listed(names, 'or')}.",
        " ".join(f"No {name}." for name in names[:3]),
    )


def _known(pen: Pen) -> str:
    told = (*(c for c, _ in pen.story.others), *pen.story.bygone)
    known = [c for c in told if c.kind == "chronic" and not c.is_of(HABITUAL)]
    if not known or not pen.chance(0.35):
        return ""
    names = listed([pen.name(c) for c in known], "and")
    return pen.one_of(f" with a history of {names}", f" with {names}", f" with PMH of {names}")


def _caused(pen: Pen) -> str:
    cause = pen.story.cause
    if cause is None:
        return pen.one_of("was hurt earlier today.", "has an injury since this morning.")
    name = pen.name(cause)
    if name.startswith(SUFFERED):
        return f"was {name}."
    if name.startswith(DID):
        return f"{name}."
    if name.startswith(MEANWHILE) or name.split()[0].endswith("ing"):
        return pen.one_of(f"was hurt {name}.", f"got hurt {name}.")
    return pen.one_of(
        f"seen after this event: {name}.", f"was hurt earlier today, mechanism: {name}."
    )


def _is_timed(said: str) -> bool:
    return bool(
        re.search(
            r"\b(for|since|days?|weeks?|months?|morning|night|yesterday|years|ago|[Ss]udden|after|every)\b",
            said,
        )
    )


def _tidy(text: str) -> str:
    return re.sub(r" +([.,])", r"\1", re.sub(r" {2,}", " ", text)).replace("..", ".")
