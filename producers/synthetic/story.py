"""What happened in one encounter, before anybody writes it down."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clinical_coding.note import IcdCode, Sex
from producers.synthetic.conditions import Condition, Kind, conditions

SETTINGS = {"A": "AMB", "E": "EMER", "I": "IMP"}
MAIN: frozenset[Kind] = frozenset(
    {"acute", "chronic", "symptom", "injury", "neoplasm", "pregnancy", "newborn", "wellness"}
)
ALONE: frozenset[Kind] = frozenset({"pregnancy", "newborn"})  # told without other conditions
NEVER_WITH = ("Z00.12", "Z23", "Z76", "Z71", "Z12", "Z13", "Z11", "Z30", "Z01")
DENIED_WITH = 4
Patient = tuple[int, Sex]  # age in years, sex
RESOLVED = ("appendectomy as a teenager", "tonsillectomy in childhood", "knee scope years ago")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One encounter: ``main`` is the reason for it, ``others`` are managed too.

    What ``denied``, ``family`` and ``doubtful`` name is told in the note and not coded.
    ``external`` is the cause of an injury. Inpatient ``uncertain`` means that the main diagnosis is
    only probable at discharge, which is coded as if established (guidelines II.H).
    """

    setting: str
    age: int
    sex: Sex
    first_day: date
    days: int
    main: Condition
    others: tuple[Condition, ...]
    statuses: tuple[Condition, ...]
    external: Condition | None
    denied: tuple[Condition, ...]
    family: tuple[Condition, ...]
    doubtful: Condition | None
    uncertain: bool

    @property
    def gold(self) -> tuple[IcdCode, ...]:
        """The codes to report, in claim order: the main reason first, external cause last."""
        told = (
            self.main,
            *self.others,
            *self.statuses,
            *((self.external,) if self.external else ()),
        )
        return tuple(dict.fromkeys(code for condition in told for code in condition.codes))


def story(random: Random, last_day: date) -> Story:
    """A consistent encounter that ends within the year up to ``last_day``."""
    main = random.choice([c for c in conditions() if c.kind in MAIN])
    setting = random.choice(main.settings)
    age = random.randint(*main.ages)
    sex = main.sex or random.choice((Sex.FEMALE, Sex.MALE))
    others = _others(random, main, age, sex)
    held = (main, *others)
    days = random.randint(2, 5) if setting == "I" else 1
    return Story(
        setting=SETTINGS[setting],
        age=age,
        sex=sex,
        first_day=last_day - timedelta(days=random.randint(days - 1, 360)),
        days=days,
        main=main,
        others=others,
        statuses=_statuses(random, held, age, sex),
        external=_external(random, main, age),
        denied=_strangers(random, held, (age, sex), "symptom", random.randint(2, DENIED_WITH)),
        family=_strangers(random, held, (60, sex), random.choice(("chronic", "neoplasm")), 1),
        doubtful=_doubtful(random, held, (age, sex), setting),
        uncertain=setting == "I" and main.kind == "acute" and random.random() < 0.15,  # noqa: PLR2004 - a share
    )


def _others(random: Random, main: Condition, age: int, sex: Sex) -> tuple[Condition, ...]:
    if main.kind in ALONE or main.is_of(NEVER_WITH):
        return ()
    taken: list[Condition] = []
    wanted = random.choice((0, 0, 1, 1, 2, 3)) if age > 30 else random.choice((0, 0, 0, 1))  # noqa: PLR2004 - grown-ups have more
    chronic = (
        [c for c in conditions() if c.kind == "chronic" and c.fits(age, sex)] if wanted else []
    )
    for condition in random.sample(chronic, len(chronic)):
        if len(taken) == wanted:
            break
        if _joins(condition, (main, *taken), age, sex):
            taken.append(condition)
    return tuple(taken)


def _statuses(
    random: Random, held: tuple[Condition, ...], age: int, sex: Sex
) -> tuple[Condition, ...]:
    if held[0].kind in ALONE or random.random() < 0.5:  # noqa: PLR2004 - half the notes tell none
        return ()
    fitting = [
        c
        for c in conditions()
        if c.kind in ("status", "history")
        and _joins(c, held, age, sex)
        and (not c.needs() or any(h.is_of(c.needs()) for h in held))
    ]
    return tuple(random.sample(fitting, min(1, len(fitting))))


def _external(random: Random, main: Condition, age: int) -> Condition | None:
    if main.kind != "injury" or main.codes[0].startswith("T"):
        return None
    causes = [c for c in conditions() if c.kind == "cause" and c.ages[0] <= age <= c.ages[1]]
    return random.choice(causes) if random.random() < 0.8 else None  # noqa: PLR2004 - some notes do not say


def _strangers(
    random: Random, held: tuple[Condition, ...], patient: Patient, kind: Kind, count: int
) -> tuple[Condition, ...]:
    fitting = [
        c
        for c in conditions()
        if c.kind == kind and len(c.names[0].split()) <= 3 and _joins(c, held, *patient)  # noqa: PLR2004 - short names read well in a list
    ]
    return tuple(random.sample(fitting, min(count, len(fitting))))


def _doubtful(
    random: Random, held: tuple[Condition, ...], patient: Patient, setting: str
) -> Condition | None:
    """An outpatient suspicion beside a symptom: told, not coded (guidelines IV.H)."""
    if setting == "I" or held[0].kind != "symptom" or random.random() < 0.4:  # noqa: PLR2004 - not each symptom
        return None
    found = _strangers(random, held, patient, "acute", 1)
    return found[0] if found else None


def _joins(condition: Condition, held: tuple[Condition, ...], age: int, sex: Sex) -> bool:
    return condition.fits(age, sex) and not any(condition.conflicts(other) for other in held)
