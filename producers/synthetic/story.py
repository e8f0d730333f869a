"""What happened in one encounter, before anybody writes it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from clinical_coding.note import IcdCode, Sex
from producers.synthetic.companions import (
    CAUSES,
    FAMILIAL,
    SUSPECTED,
    UNCERTAIN,
    beginnings_for,
    long_term_codes,
    share_of,
)
from producers.synthetic.conditions import Condition, Kind, conditions

SETTINGS = {"A": "AMB", "E": "EMER", "I": "IMP"}
MAIN: frozenset[Kind] = frozenset(
    {"acute", "chronic", "symptom", "injury", "neoplasm", "pregnancy", "newborn", "wellness"}
)
ALONE: frozenset[Kind] = frozenset({"pregnancy", "newborn"})  # told without other conditions
ALONE_CODES = ("Z00.12", "Z23", "Z76", "Z71", "Z12", "Z13", "Z11", "Z30", "Z01", "Z51")
COMMON = ("I10", "E11.9", "E78.5", "K21.9", "E03.9", "I25.10", "I48.91", "J44.9", "J45.909", "F32.A",
          "F41.9", "M19.90", "N18.9", "E66.9", "G47.33", "F17.210", "N40.0", "M81.0")  # fmt: skip
COMPLICATIONS = ("N17.9", "E87.1", "E87.6", "D62", "J96.01", "N39.0", "E86.0", "G93.41", "K59.00",
                 "E83.42", "K56.7", "D69.6")  # fmt: skip
ASKED = ("R50.9", "R07.9", "R06.02", "R11.2", "R10.9", "R51.9", "R42", "R05.9", "R19.7", "R30.0",
         "R00.2", "R21", "R63.4", "R60.0", "R55", "R61", "R53.83", "R13.10", "R31.9", "R20.2",
         "R04.0", "M54.50", "R45.851")  # fmt: skip
# Chronic diseases of the whole patient: a coder reports them wherever they are documented. Others
# that stand in an outpatient's history alone, and are neither treated nor assessed, are not (IV.J).
SYSTEMIC = (
    "B20",
    "C",
    "E10",
    "E11",
    "G20",
    "G35",
    "I10",
    "I11",
    "I12",
    "I13",
    "I50",
    "J44",
    "N18",
    "D57",
)
RELATIVE_AGE = 60
OLDEST_ASKED = 75  # the very old are asked the same
SHORT_NAME = 3  # words
MOST_STATUSES = 3
STEM = 4  # letters that tell two words apart
SPAN_DAYS = 180  # before the last day: the code set in force came on 1 April
Patient = tuple[int, Sex]  # age in years, sex
Problem = tuple[Condition, str]  # what it is, what is done; "" for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One encounter: ``main`` is the reason for it, ``others`` are managed too.

    What ``denied``, ``reported``, ``family``, ``warned``, ``bygone`` and ``doubtful`` name is told in
    the note and not coded: ``reported`` when asked for everything, ``bygone`` in the history alone.
    ``cause`` is that of an injury. ``uncertain``: the main diagnosis is only probable at discharge
    from an inpatient stay, which is coded as if established (guidelines II.H).
    """

    setting: str
    age: int
    sex: Sex
    first_day: date
    days: int
    main: Problem
    others: tuple[Problem, ...]
    statuses: tuple[Condition, ...]
    cause: Condition | None
    denied: tuple[Condition, ...]
    reported: tuple[Condition, ...]
    bygone: tuple[Condition, ...]
    warned: tuple[Condition, ...]
    family: tuple[Condition, ...]
    doubtful: Condition | None
    uncertain: bool

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What the patient has, the main reason first."""
        return (self.main[0], *(condition for condition, _ in self.others))

    @property
    def gold(self) -> tuple[IcdCode, ...]:
        """The codes to report, in claim order: the main reason first, the external cause last."""
        told = (*self.conditions, *self.statuses)
        codes = [code for condition in told for code in condition.codes]
        drugs = long_term_codes(codes, (done for _, done in (self.main, *self.others)))
        causes = self.cause.codes if self.cause else ()
        return tuple(dict.fromkeys((*codes, *drugs, *causes)))


def story(random: Random, last_day: date) -> Story:
    """A consistent encounter that ends in the half year up to ``last_day``."""
    main = random.choice(_of_kinds(MAIN))
    setting = random.choice(main.settings)
    age = random.randint(*main.ages)
    sex = main.sex or random.choice((Sex.FEMALE, Sex.MALE))
    patient = (age, sex)
    others = _others(random, main, patient, setting)
    held = (main, *others)
    statuses = _statuses(random, held, patient)
    days = random.randint(2, 5) if setting == "I" else 1
    bygone = _bygone(random, (*held, *statuses), patient, setting)
    told = (*held, *bygone)
    denied, reported, warned = _asked(random, told, patient)
    return Story(
        setting=SETTINGS[setting],
        age=age,
        sex=sex,
        first_day=last_day - timedelta(days=random.randint(days - 1, SPAN_DAYS)),
        days=days,
        main=(main, _treatment(random, main)),
        others=tuple((condition, _treatment(random, condition)) for condition in others),
        statuses=statuses,
        cause=_cause(random, main, age),
        denied=denied,
        reported=reported,
        bygone=bygone,
        warned=warned,
        family=_relatives(random, (*held, *statuses, *bygone), patient),
        doubtful=_doubtful(random, told, patient, setting),
        uncertain=setting == "I" and main.is_of(UNCERTAIN) and random.random() < 0.3,  # noqa: PLR2004 - a share
    )


@cache
def _of_kinds(kinds: frozenset[Kind]) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions() if condition.kind in kinds)


@cache
def _named(codes: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions() if condition.codes[0] in codes)


def _treatment(random: Random, condition: Condition) -> str:
    return random.choice(condition.plans) if condition.plans else ""


def _others(
    random: Random, main: Condition, patient: Patient, setting: str
) -> tuple[Condition, ...]:
    if main.kind in ALONE or main.is_of(ALONE_CODES):
        return ()
    grown = patient[0] > 30  # noqa: PLR2004 - the older, the more conditions
    wanted = random.choice((0, 1, 1, 2, 2, 3, 4) if grown else (0, 0, 0, 1))
    complicated = setting == "I" and grown and random.random() < 0.5  # noqa: PLR2004 - a share
    chronic = _of_kinds(frozenset({"chronic"}))
    pools = [_named(COMPLICATIONS)] if complicated else []
    pools += [_named(COMMON) if random.random() < 0.7 else chronic for _ in range(wanted)]  # noqa: PLR2004 - a share
    taken: tuple[Condition, ...] = ()
    for pool in pools:
        taken = (*taken, *_strangers(random, (main, *taken), patient, pool, 1))
    return taken


def _statuses(
    random: Random, held: tuple[Condition, ...], patient: Patient
) -> tuple[Condition, ...]:
    if held[0].kind in ALONE or held[0].is_of(ALONE_CODES):
        return ()
    fitting = tuple(
        condition
        for condition in _of_kinds(frozenset({"status", "history"}))
        if not condition.needs() or any(h.is_of(condition.needs()) for h in held)
        if random.random() < share_of(condition.codes[0])
    )
    taken = _strangers(random, held, patient, fitting, MOST_STATUSES)
    kept = [c for n, c in enumerate(taken) if not any(c.conflicts(other) for other in taken[:n])]
    return tuple(kept)


def _asked(
    random: Random, told: tuple[Condition, ...], patient: Patient
) -> tuple[tuple[Condition, ...], ...]:
    """What the patient denies, what he has beside the reason for the visit, what he is warned of."""
    age, sex = patient
    like = (min(age, OLDEST_ASKED), sex)
    asked = _strangers(random, told, like, _named(ASKED), random.randint(3, 7))
    beside = told[0].kind != "symptom" and random.random() < 0.3  # noqa: PLR2004 - a share
    reported, asked = (asked[-1:], asked[:-1]) if beside else ((), asked)
    split = random.randint(2, max(2, len(asked) - 1))
    return asked[:split], reported, asked[split:]


def _bygone(
    random: Random, held: tuple[Condition, ...], patient: Patient, setting: str
) -> tuple[Condition, ...]:
    """What an outpatient's history names, and nobody treats or assesses today (IV.J)."""
    if setting == "I" or held[0].kind in ALONE or held[0].is_of(ALONE_CODES):
        return ()
    pool = _named(COMMON) if random.random() < 0.6 else _of_kinds(frozenset({"chronic"}))  # noqa: PLR2004 - a share
    pool = tuple(c for c in pool if not c.is_of(SYSTEMIC))
    return _strangers(random, held, patient, pool, random.choice((0, 0, 1, 1, 2, 3)))


def _cause(random: Random, main: Condition, age: int) -> Condition | None:
    beginnings = beginnings_for(main.codes[0], CAUSES)
    healing = main.codes[0].endswith("D")  # its cause was told at the first visit
    if main.kind != "injury" or healing or not beginnings or random.random() < 0.15:  # noqa: PLR2004 - some notes do not say
        return None
    fitting = [c for c in _of_kinds(frozenset({"cause"})) if c.is_of(beginnings)]
    fitting = [c for c in fitting if c.ages[0] <= age <= c.ages[1]]
    return random.choice(fitting) if fitting else None


def _relatives(
    random: Random, held: tuple[Condition, ...], patient: Patient
) -> tuple[Condition, ...]:
    pool = _of_kinds(frozenset({"chronic" if random.random() < 0.6 else "neoplasm"}))  # noqa: PLR2004 - a share
    short = tuple(
        c
        for c in pool
        if len(c.names[0].split()) <= SHORT_NAME and c.sex is None and c.is_of(FAMILIAL)
    )
    return _strangers(random, held, (RELATIVE_AGE, patient[1]), short, random.randint(1, 2))


def _doubtful(
    random: Random, held: tuple[Condition, ...], patient: Patient, setting: str
) -> Condition | None:
    """An outpatient suspicion beside a symptom: told, not coded (guidelines IV.H)."""
    beginnings = beginnings_for(held[0].codes[0], SUSPECTED)
    if setting == "I" or held[0].kind != "symptom" or random.random() < 0.3:  # noqa: PLR2004 - not each symptom
        return None
    fitting = [
        c for c in _of_kinds(frozenset({"acute", "chronic"})) if c.is_of(beginnings or ("-",))
    ]
    fitting = [c for c in fitting if c.fits(*patient) and not c.is_of([h.codes[0] for h in held])]
    return random.choice(fitting) if fitting else None


def _strangers(
    random: Random,
    held: Sequence[Condition],
    patient: Patient,
    pool: tuple[Condition, ...],
    count: int,
) -> tuple[Condition, ...]:
    """Up to ``count`` conditions of the pool that the patient could have beside what is held."""
    taken: list[Condition] = []
    for condition in random.sample(pool, len(pool)):
        if len(taken) == count:
            break
        if condition.fits(*patient) and not any(_clash(condition, other) for other in held):
            taken.append(condition)
    return tuple(taken)


def _clash(one: Condition, other: Condition) -> bool:
    return one.conflicts(other) or bool(_stems(one) & _stems(other))


@cache
def _stems(condition: Condition) -> frozenset[str]:
    """The beginnings of the words that name the condition or that its patient says."""
    words = " ".join((*condition.names, *condition.says)).lower().replace(",", " ").split()
    return frozenset(word[:5] for word in words if len(word) > STEM) - FILLERS


FILLERS = frozenset(
    {"acute", "chron", "right", "left", "disea", "witho", "unspe", "since", "about", "after", "other",
     "years", "perso", "histo", "morni", "night", "weeks", "month", "with", "disor", "syndr", "prese",
     "statu", "posts", "both", "every", "times", "upper", "lower", "long-", "durin", "going"}
)  # fmt: skip
