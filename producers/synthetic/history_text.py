"""The sections that tell how it came: complaint, present illness, past, family, habits, medicines."""

import re
from collections.abc import Iterator

from producers.synthetic.conditions import Condition
from producers.synthetic.pen import Pen
from producers.synthetic.writing import listed, upper_first

GROWN_UP = 18
RELATIVES = (("mother", "mom"), ("father", "dad"), ("brother",), ("sister",),
             ("maternal grandmother", "MGM"), ("paternal uncle",))  # fmt: skip
KIN_HAS = ("{who} with {name}", "{who} had {name}", "{name} in {who}", "{who}: {name}")
RESOLVED = ("chickenpox as a child", "pneumonia in 2014, resolved", "whooping cough in childhood",
            "broken wrist at age 12, healed", "mono in college", "shingles years ago, resolved",
            "concussion playing soccer in school, recovered", "strep throat as a kid",
            "kidney infection in her twenties", "UTI last year, treated", "scarlet fever as a child")  # fmt: skip
SURGERIES = ("tonsillectomy in childhood", "wisdom teeth removed", "knee arthroscopy years ago",
             "none", "ear tubes as a toddler", "ganglion cyst removed", "no prior surgeries")  # fmt: skip
HABITS = (
    ("lives with family", "lives alone, independent", "lives with partner", "two grown children"),
    ("works in an office", "retired teacher", "drives a truck", "works night shifts", "cooks in a diner"),
    ("drinks a glass of wine on weekends", "no alcohol", "rare beer", "does not drink"),
    ("walks the dog daily", "no recreational drugs", "moved here last year", "gardens"),
)  # fmt: skip
CHILD_HABITS = (
    "lives with both parents",
    "attends school or daycare",
    "two siblings",
    "no smokers at home",
)
ONSETS = ("for 2 days", "for the past week", "since yesterday", "for about 3 days", "since last night",
          "over the last few days", "on and off for two weeks", "since this morning", "for 10 days")  # fmt: skip
COURSES = ("gradually worse", "about the same since", "comes and goes", "worse with activity",
           "no clear trigger", "somewhat better today", "nothing seems to help", "worse at night")  # fmt: skip
FILLERS = ("Sleeping okay.", "No recent travel.", "No recent medication changes.", "Appetite is fair.",
           "Otherwise at baseline.")  # fmt: skip
ILL_FILLERS = (*FILLERS, "No sick contacts.", "Has not tried anything for it.", "Came alone.",
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
              "This {who} reports {said} {onset}."),
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
    return pen.section("chief_complaint", upper_first(pen.random.choice(told)))


def present_illness(pen: Pen) -> str:
    """How it began and what goes with it."""
    return pen.section("hpi", pen.prose(" ".join(introduction(pen))))


def introduction(pen: Pen) -> Iterator[str]:
    """The sentences of the present illness."""
    story, (main, _) = pen.story, pen.story.main
    who = pen.author.person(story.age, story.sex)
    said = pen.one_of(*main.says) if main.says else "no new concerns"
    words = {
        "who": who + _known(pen),
        "said": said,
        "Said": upper_first(said),
        "name": pen.name(main),
        "onset": pen.one_of(*ONSETS) if not _is_timed(said) else "",
        "caused": _caused(pen),
    }
    kind = "acute" if main.kind == "chronic" and story.setting != "AMB" else main.kind
    frame = pen.one_of(*BEGINNINGS[kind])
    yield upper_first(_tidy(frame.format_map(words)))
    if main.kind in ("acute", "symptom") and pen.chance(0.6):
        yield upper_first(pen.one_of(*COURSES)) + "."
    if story.denied and pen.chance(0.6):
        yield denial(pen, 3)
    grown_up = ILL_FILLERS if main.kind in ("acute", "symptom") else FILLERS
    yield from pen.some(CHILD_FILLERS if story.age < GROWN_UP else grown_up, 0, 2)


def denial(pen: Pen, most: int) -> str:
    """A sentence of what the patient does not have."""
    denied = pen.story.denied[:most]
    names = [pen.name(condition) for condition in denied]
    return pen.one_of(
        f"Denies {listed(names, 'or')}.",
        f"No {listed(names, 'or')}.",
        f"Negative for {', '.join(names)}.",
        f"Patient denies any {listed(names, 'or')}.",
        " ".join(f"No {name}." for name in names[:3]),
    )


def background(pen: Pen) -> Iterator[str]:
    """The past, the family, the habits, the medicines, the allergies: as much as this author asks."""
    past = list(past_lines(pen))
    if past:
        joined = pen.author.items(past) if pen.chance(0.6) else ", ".join(past) + "."
        yield pen.section("pmh", pen.author.shorten(joined))
    if pen.story.age >= GROWN_UP and pen.chance(0.5):
        yield pen.section("psh", upper_first(pen.one_of(*SURGERIES)) + ".")
    if pen.story.family and pen.chance(0.7):
        yield pen.section("family", _family(pen))
    if pen.chance(0.7):
        yield pen.section("social", pen.prose(_habits(pen)))
    medicines = list(medicines_of(pen))
    if medicines:
        yield pen.section("medications", pen.author.items(medicines))
    if pen.chance(0.8):
        yield pen.section("allergies", _allergies(pen))


def past_lines(pen: Pen) -> Iterator[str]:
    """Known conditions and, at times, one that is over and not coded."""
    story = pen.story
    known = [c for c in (*(c for c, _ in story.others), *story.statuses) if c.kind != "acute"]
    for condition in known:
        yield upper_first(pen.name(condition))
    if not (known or pen.chance(0.5)) or story.age < GROWN_UP or not pen.chance(0.4):
        return
    held = " ".join(c.names[0] for c in story.conditions)
    over = [
        r
        for r in RESOLVED
        if r.split()[0] not in held and not ("her" in r.split() and story.sex != "female")
    ]
    yield upper_first(pen.one_of(*over))


def _known(pen: Pen) -> str:
    known = [c for c, _ in pen.story.others if c.kind == "chronic"]
    if not known or not pen.chance(0.35):
        return ""
    names = listed([pen.name(c) for c in known], "and")
    return pen.one_of(f" with a history of {names}", f" with {names}", f" with PMH of {names}")


def _caused(pen: Pen) -> str:
    cause = pen.story.cause
    if cause is None:
        return pen.one_of("was hurt earlier today.", "has an injury since this morning.")
    name = pen.name(cause)
    if name.startswith(("struck", "cut", "knocked")):
        return f"was {name}."
    if name.startswith(("slipped", "tripped", "fell", "walked")):
        return f"{name}."
    return pen.one_of(
        f"seen after this event: {name}.", f"was hurt earlier today, mechanism: {name}."
    )


def _family(pen: Pen) -> str:
    kin = [pen.one_of(*words) for words in pen.random.sample(RELATIVES, len(pen.story.family))]
    told = (
        pen.one_of(*KIN_HAS).format(who=who, name=pen.name(condition))
        for who, condition in zip(kin, pen.story.family, strict=True)
    )
    return "; ".join(upper_first(line) for line in told) + "."


def _habits(pen: Pen) -> str:
    story = pen.story
    if not story.age:
        return (
            upper_first(pen.one_of("home with both parents", "first child", "two older sisters"))
            + "."
        )
    if story.age < GROWN_UP:
        return upper_first(", ".join(pen.some(CHILD_HABITS, 1, 2))) + "."
    silent = any(c.is_of(("F10", "K70", "O", "Z34")) for c in story.conditions)
    kinds = [kind for kind in HABITS if not (silent and "no alcohol" in kind)]
    told = [pen.one_of(*kind) for kind in pen.some(kinds, 1, 3)]
    if not _smoked(pen) and pen.chance(0.6):
        told.append(pen.one_of("never smoker", "does not smoke", "never smoked", "no tobacco"))
    return upper_first(", ".join(told)) + "."


def medicines_of(pen: Pen) -> Iterator[str]:
    """What is taken at home: what the plan continues, since that may be coded (I.C.21.c.3)."""
    for _, done in (pen.story.main, *pen.story.others):
        if found := re.match(r"continue ([^,]+)", done):
            yield pen.author.shorten(found.group(1))
    if pen.story.age >= GROWN_UP and pen.chance(0.4):
        yield pen.author.shorten(pen.one_of("multivitamin", "acetaminophen as needed", "vitamin C"))


def _allergies(pen: Pen) -> str:
    if any(c.codes[0] == "Z88.0" for c in pen.story.statuses):
        return pen.one_of("Penicillin allergy (hives).", "Penicillin - rash.", "PCN allergy.")
    return pen.one_of("NKDA", "No known drug allergies.", "None known.", "NKA")


def _smoked(pen: Pen) -> bool:
    told: tuple[Condition, ...] = (*pen.story.conditions, *pen.story.statuses)
    return any(c.is_of(("F17", "Z87.891", "F12")) for c in told)


def _is_timed(said: str) -> bool:
    return bool(
        re.search(
            r"\b(for|since|days?|weeks?|months?|morning|night|yesterday|years|ago|[Ss]udden|after|every)\b",
            said,
        )
    )


def _tidy(text: str) -> str:
    return re.sub(r" +([.,])", r"\1", re.sub(r" {2,}", " ", text)).replace("..", ".")
