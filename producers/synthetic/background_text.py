"""The sections of the past: conditions, operations, family, habits, medicines, allergies."""

import re
from collections.abc import Iterator

from clinical_coding.note import Sex
from producers.synthetic.conditions import Condition
from producers.synthetic.pen import Pen
from producers.synthetic.writing import upper_first

GROWN_UP = 18
RETIRED = 67  # an age
PARENT, SIBLING = 45, 35  # the ages of one with grown children, with siblings who fell ill
SIBLINGS = (("brother",), ("sister",))
RELATIVES = (("mother", "mom"), ("father", "dad"), ("maternal grandmother", "MGM"), ("paternal uncle",),
             ("maternal grandfather", "MGF"), *SIBLINGS)  # fmt: skip
KIN_HAS = ("{who} with {name}", "{who} had {name}", "{name} in {who}", "{who}: {name}")
RESOLVED = ("chickenpox as a child", "pneumonia in 2014, resolved", "whooping cough in childhood",
            "broken wrist at age 12, healed", "mono in college", "shingles years ago, resolved",
            "concussion playing soccer in school, recovered", "strep throat as a kid",
            "kidney infection years ago, cleared", "UTI last year, treated", "scarlet fever as a child")  # fmt: skip
SURGERIES = ("tonsillectomy in childhood", "wisdom teeth removed", "knee arthroscopy years ago", "appendectomy",
             "ear tubes as a toddler", "ganglion cyst removed", "septoplasty", "cholecystectomy",
             "gallbladder removed in 2009", "appendix out as a teenager", "C-section", "hernia repair")  # fmt: skip
OF_WOMEN = ("C-section",)
NO_SURGERIES = ("none", "no prior surgeries", "denies", "noncontributory")
NO_MEDICINES = ("CPAP", "hemodialysis MWF")
OPERATED = ("Z90", "Z94", "Z95", "Z96")  # a status that an operation left
JOBS = ("works in an office", "drives a truck", "works night shifts", "cooks in a diner", "warehouse worker",
        "between jobs", "runs a small shop", "studies part time")  # fmt: skip
RETIREES = ("retired teacher", "retired", "retired machinist", "used to drive a bus",
            "volunteers at the library")  # fmt: skip
HOMES = ("lives with family", "lives alone, independent", "lives with partner",
         "lives with a roommate")  # fmt: skip
HABITS = (
    ("drinks a glass of wine on weekends", "no alcohol", "rare beer", "does not drink"),
    ("walks the dog daily", "no recreational drugs", "moved here last year", "gardens"),
)  # fmt: skip
SUBSTANCES = (
    "F10",
    "F11",
    "F12",
    "K70",
    "O",
    "Z34",
)  # with them nobody writes what is drunk in passing
CHILD_HABITS = (
    "lives with both parents",
    "attends school or daycare",
    "two siblings",
    "no smokers at home",
)


def background(pen: Pen) -> Iterator[str]:
    """The past, the family, the habits, the medicines, the allergies: as much as this author asks."""
    operated = pen.story.age >= GROWN_UP and pen.chance(0.6)
    past = list(past_lines(pen, operations=not operated))
    if past:
        joined = pen.author.items(past) if pen.chance(0.6) else ", ".join(past) + "."
        yield pen.section("pmh", pen.author.shorten(joined))
    if operated:
        yield pen.section("psh", _surgeries(pen))
    if pen.story.family and pen.story.age and pen.chance(0.7):
        yield pen.section("family", _family(pen))
    if pen.chance(0.7):
        yield pen.section("social", pen.prose(_habits(pen)))
    medicines = list(medicines_of(pen))
    if medicines:
        yield pen.section("medications", pen.author.items(medicines))
    if pen.chance(0.8):
        yield pen.section("allergies", _allergies(pen))


def past_lines(pen: Pen, *, operations: bool) -> Iterator[str]:
    """Known conditions, what ``operations`` left too, and at times one that is over and not coded."""
    story = pen.story
    known = [c for c in (*(c for c, _ in story.others), *story.statuses) if c.kind != "acute"]
    known = [c for c in known if operations or not c.is_of(OPERATED)]
    named = [*known, *story.bygone]
    pen.random.shuffle(named)
    for condition in named:
        yield upper_first(pen.name(condition))
    if not (known or pen.chance(0.5)) or story.age < GROWN_UP or not pen.chance(0.4):
        return
    held = " ".join(c.names[0] for c in story.conditions)
    over = [r for r in RESOLVED if r.split()[0] not in held]
    yield upper_first(pen.one_of(*over))


def _surgeries(pen: Pen) -> str:
    left = [pen.name(c) for c in pen.story.statuses if c.is_of(OPERATED)]
    others = [
        done
        for done in pen.some(SURGERIES, 0, 1)
        if done not in OF_WOMEN or pen.story.sex is Sex.FEMALE
    ]
    if not left and not others:
        return upper_first(pen.one_of(*NO_SURGERIES)) + "."
    return upper_first(", ".join([*left, *others])) + "."


def _family(pen: Pen) -> str:
    elders = RELATIVES if pen.story.age >= SIBLING else [r for r in RELATIVES if r not in SIBLINGS]
    kin = [pen.one_of(*words) for words in pen.random.sample(elders, len(pen.story.family))]
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
    silent = any(c.is_of(SUBSTANCES) for c in story.conditions)
    homes = (*HOMES, "two grown children") if story.age >= PARENT else HOMES
    kinds = [homes, RETIREES if story.age >= RETIRED else JOBS, *(() if silent else HABITS)]
    told = [pen.one_of(*kind) for kind in pen.some(kinds, 1, 3)]
    if not _smoked(pen) and pen.chance(0.6):
        told.append(pen.one_of("never smoker", "does not smoke", "never smoked", "no tobacco"))
    return upper_first(", ".join(told)) + "."


def medicines_of(pen: Pen) -> Iterator[str]:
    """What is taken at home: what the plan continues, since that may be coded (I.C.21.c.3)."""
    for _, done in (pen.story.main, *pen.story.others):
        if (found := re.match(r"continue ([^,]+)", done)) and found.group(1) not in NO_MEDICINES:
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
