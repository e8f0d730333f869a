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
from producers.synthetic.writing import upper_first

FEBRILE = ("R50", "A", "J1", "N10", "K35", "L03")
HYPOXIC = ("J96", "R09.02", "J12", "J15", "J18", "J44.1", "J44.0", "J69", "I26", "J21")
SEEN_BESIDE = 0.3  # share of other conditions that show
HIGH_PRESSURE = ("I10", "I11", "I12", "O13", "O14")


def review_of_systems(pen: Pen) -> str:
    """What the patient says when asked for everything."""
    main, _ = pen.story.main
    positive = f"Positive for {pen.name(main)}. " if main.kind == "symptom" else ""
    rest = pen.one_of("", "", " All other systems reviewed and negative.", " Otherwise negative.")
    return pen.section(
        "ros", pen.prose(f"{positive if pen.chance(0.5) else ''}{denial(pen, 6)}{rest}")
    )


def examination(pen: Pen) -> str:
    """Vital signs and findings that fit the story, normal ones beside them."""
    found = _found(pen)
    abnormal = [
        upper_first(pen.one_of(*finding.exam)) + "."
        for place, finding in enumerate(found)
        if place == 0 or pen.chance(SEEN_BESIDE)
    ]
    systems = pen.some(normal_systems(found), 2, 5)
    normal = [pen.one_of(*NORMAL[system]) for system in systems]
    told = [*abnormal, *normal]
    pen.random.shuffle(told)
    joined = "\n" if pen.chance(0.2) else " "
    return pen.section("exam", joined.join([*([vitals(pen)] if pen.chance(0.85) else []), *told]))


def results(pen: Pen) -> str:
    """What came back."""
    told = [upper_first(pen.one_of(*f.results)) + "." for f in _found(pen)[:1]]
    told += pen.some(BESIDE if told else ROUTINE, 0 if told else 1, 1)
    return pen.section("results", " ".join(dict.fromkeys(told)))


def vitals(pen: Pen) -> str:
    """One line of vital signs, within what the story allows."""
    draw, codes = pen.random.randint, tuple(c for held in pen.story.conditions for c in held.codes)
    hot = any(code.startswith(FEBRILE) for code in codes)
    short = any(code.startswith(HYPOXIC) for code in codes)
    high = any(code.startswith(HIGH_PRESSURE) for code in codes)
    systolic = draw(138, 164) if high else draw(104, 134)
    numbers = {
        "bp": f"{systolic}/{draw(82, 98) if high else draw(60, 82)}",
        "hr": draw(92, 118) if hot else draw(60, 92),
        "rr": draw(20, 26) if short else draw(12, 18) if pen.story.age else draw(32, 54),
        "t": f"{draw(1004, 1029) / 10 if hot else draw(972, 988) / 10:.1f}",
        "o2": draw(86, 92) if short else draw(95, 100),
    }
    form = pen.one_of(
        "BP {bp}, HR {hr}, RR {rr}, T {t} F, SpO2 {o2}% RA.",
        "Vitals: T {t}, BP {bp}, P {hr}, R {rr}, O2 sat {o2}% on room air.",
        "BP {bp} | Pulse {hr} | Temp {t} °F | Resp {rr} | SpO2 {o2}%",
        "VS: {bp}, {hr}, {rr}, {t}F, {o2}%.",
    )
    if pen.story.age < 5:  # noqa: PLR2004 - nobody measures a toddler's pressure
        form = "T {t} F, RR {rr}, SpO2 {o2}%."
    return form.format_map(numbers)


def _found(pen: Pen) -> tuple[Finding, ...]:
    found = (finding_for(condition.codes[0]) for condition in pen.story.conditions)
    return tuple(dict.fromkeys(finding for finding in found if finding))
