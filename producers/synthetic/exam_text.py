"""The sections of what was asked, seen and measured."""

from producers.synthetic.findings import (
    BESIDE,
    NORMAL,
    ROUTINE,
    Finding,
    finding_for,
    normal_systems,
)
from producers.synthetic.history_text import denial
from producers.synthetic.pen import Pen
from producers.synthetic.writing import listed, upper_first

FEBRILE = ("R50", "A", "J1", "N10", "K35", "L03")
HYPOXIC = ("J96", "R09.02", "J12", "J15", "J18", "J44.1", "J44.0", "J69", "I26", "J21")
SEEN_BESIDE = 0.3  # share of other conditions that show
FAST = ("R00.0", "I47", "E05", "E10.10", "A41", "J96.0", "I26", "T78.2")
CHILD, SCHOOL_CHILD = 5, 12  # below these ages
Span = tuple[int, int]  # lowest and highest
UNTESTED = ("mood", "nerves")  # in the very young
# What a study shows, and so names, before the assessment does.
SHOWN = ("C", "D2", "D3", "G93", "I2", "I5", "I6", "I7", "I8", "J1", "J9", "K35", "K5", "K8", "M1", "M47", "M48",
         "M51", "M7", "M8", "N1", "N2", "N40", "N83", "S")  # fmt: skip
STUDIES = ("Imaging shows {}.", "Study reviewed: {}.", "Imaging is consistent with {}.", "Report reads {}.",
           "Study demonstrates {}.")  # fmt: skip
HIGH_PRESSURE = ("I10", "I11", "I12", "O13", "O14")


def review_of_systems(pen: Pen) -> str:
    """What the patient says when asked for everything."""
    main, _ = pen.story.main
    positive = f"Positive for {pen.name(main)}. " if main.kind == "symptom" else ""
    if pen.story.reported:
        beside = listed([pen.name(c) for c in pen.story.reported], "and")
        positive = pen.one_of("Reports {}. ", "Positive for {}. ", "Endorses {}. ").format(beside)
    if not pen.story.denied:
        return pen.section("ros", "All systems reviewed and negative except as above.")
    rest = pen.one_of("", "", " All other systems reviewed and negative.", " Otherwise negative.")
    said = positive if pen.story.reported or pen.chance(0.5) else ""
    told = f"{said}{denial(pen, 6)}{rest}"
    return pen.section("ros", pen.prose(told))


def examination(pen: Pen) -> str:
    """Vital signs and findings that fit the story, normal ones beside them."""
    found = _found(pen)
    abnormal = [
        upper_first(pen.one_of(*finding.exam)) + "."
        for place, finding in enumerate(found)
        if place == 0 or pen.chance(SEEN_BESIDE)
    ]
    grown = pen.story.age >= CHILD
    systems = pen.some([s for s in normal_systems(found) if grown or s not in UNTESTED], 2, 5)
    normal = [pen.one_of(*NORMAL[system]) for system in systems]
    told = [*abnormal, *normal]
    pen.random.shuffle(told)
    joined = "\n" if pen.chance(0.2) else " "
    return pen.section("exam", joined.join([*([vitals(pen)] if pen.chance(0.85) else []), *told]))


def results(pen: Pen) -> str:
    """What came back."""
    told = [upper_first(pen.one_of(*f.results)) + "." for f in _found(pen)[:1]]
    told += pen.some(BESIDE if told else ROUTINE, 0 if told else 1, 1)
    main, _ = pen.story.main
    if main.is_of(SHOWN) and not pen.story.uncertain and pen.chance(0.5):
        told.append(pen.one_of(*STUDIES).format(pen.name(main)))
    return pen.section("results", " ".join(dict.fromkeys(told)))


def vitals(pen: Pen) -> str:
    """One line of vital signs, within what the story and the age allow."""
    draw, (pulse, breaths, pressure) = pen.random.randint, _usual(pen.story.age)
    hot, short, high = (_has(pen, codes) for codes in (FEBRILE, HYPOXIC, HIGH_PRESSURE))
    quick = hot or _has(pen, FAST)
    numbers = {
        "bp": f"{draw(138, 164)}/{draw(82, 98)}" if high else f"{draw(*pressure)}/{draw(56, 80)}",
        "hr": draw(*pulse) + (25 if quick else 0),
        "rr": draw(*breaths) + (8 if short else 0),
        "t": f"{draw(1004, 1029) / 10 if hot else draw(972, 988) / 10:.1f}",
        "o2": draw(86, 92) if short else draw(95, 100),
    }
    form = pen.one_of(
        "BP {bp}, HR {hr}, RR {rr}, T {t} F, SpO2 {o2}% RA.",
        "Vitals: T {t}, BP {bp}, P {hr}, R {rr}, O2 sat {o2}% on room air.",
        "BP {bp} | Pulse {hr} | Temp {t} °F | Resp {rr} | SpO2 {o2}%.",
        "VS: {bp}, {hr}, {rr}, {t}F, {o2}%.",
        "T {t}, HR {hr}, BP {bp}, RR {rr}, sat {o2}%.",
    )
    if pen.story.age < CHILD:  # nobody measures a toddler's pressure
        form = pen.one_of("T {t} F, HR {hr}, RR {rr}, SpO2 {o2}%.", "Temp {t}, P {hr}, R {rr}.")
    return form.format_map(numbers)


def _usual(age: int) -> tuple[Span, Span, Span]:
    """Pulse and breaths a minute, and systolic pressure, at rest."""
    if not age:
        return (112, 148), (32, 50), (70, 90)
    if age < CHILD:
        return (92, 128), (22, 32), (84, 102)
    if age < SCHOOL_CHILD:
        return (72, 108), (16, 23), (94, 112)
    return (58, 92), (12, 18), (104, 134)


def _has(pen: Pen, beginnings: tuple[str, ...]) -> bool:
    return any(condition.is_of(beginnings) for condition in pen.story.conditions)


def _found(pen: Pen) -> tuple[Finding, ...]:
    found = (finding_for(condition.codes[0]) for condition in pen.story.conditions)
    return tuple(dict.fromkeys(finding for finding in found if finding))
