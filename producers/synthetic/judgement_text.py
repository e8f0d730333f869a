"""The sections of what the clinician makes of it: assessment, plan, diagnoses, instructions."""

from collections.abc import Iterator

from producers.synthetic.conditions import Condition
from producers.synthetic.pen import Pen
from producers.synthetic.story import Problem
from producers.synthetic.writing import listed, upper_first

NOT_CERTAIN = ("probable", "likely", "suspected", "possible")
SUSPECTING = (", possible {}", ", rule out {}", "; concern for {}", ", ?{}", ". Differential includes {}",
              ", cannot exclude {}")  # fmt: skip
STANDING = ("stable", "at goal", "well controlled", "unchanged", "doing well", "")
ADVICE = ("Return if worse.", "Follow up in one week.", "See primary care within 2 weeks.",
          "Call with questions.", "Return precautions reviewed.", "Questions answered, agrees with the plan.")  # fmt: skip
BABY_ADVICE = ("Feed every 2 to 3 hours.", "See the pediatrician in 2 days.", "Parents taught.",
               "Call with questions.")  # fmt: skip
WARNING = ("Return for {}.", "Go to the ED for {}.", "Come back at once if there is any {}.",
           "Call if {} develops.", "ED precautions given: {}.")  # fmt: skip
ALARMING = ("R50", "R07", "R06", "R11", "R10", "R19", "R21", "R55", "R51", "R00", "R04", "R05")
UNTOLD = 0.3  # share of other conditions that stand in the history alone
REASONS = ("Exam and history fit {}.", "Findings today point to {}.", "Symptoms are explained by {}.",
           "The work-up supports {}.", "We talked about {} and what to expect.", "Consistent with {}.")  # fmt: skip
STEADY = ("Doing well on the current regimen.", "Stable since the last visit.", "No new complaints from this.",
          "At goal.", "Numbers reviewed with the patient.", "Tolerates the treatment.")  # fmt: skip
THOUGHTS = ("Medical Reasoning", "Reasoning", "Assessment", "Rationale", "Discussion")
DEEDS = ("Medical Treatment", "Treatment", "Plan", "Intervention", "Recommendation")
BULLETS = ("- ", "\u2022 ", "  - ", "")


def judgement(pen: Pen, *, history_told: bool) -> str:
    """Assessment and plan, together or apart.

    What the history tells already (``history_told``) is at times not told again.
    """
    problems = [p for p in pen.story.others if not history_told or _told_again(pen, p)]
    apart = list(_apart(pen, history_told=history_told))
    main = _main_name(pen) + _suspicion(pen)
    if pen.chance(0.25):
        return pen.section("both", _reasoned(pen, main, problems, apart))
    if pen.chance(0.5):
        lines = [_line(pen, main, pen.story.main[1])]
        lines += [_line(pen, pen.name(c), done or pen.one_of(*STANDING)) for c, done in problems]
        lines += [_line(pen, pen.name(c), "") for c in apart]
        body = pen.author.items(lines)
        return f"{pen.section('both', body)}{pen.author.between if pen.chance(0.5) else chr(10)}{advice(pen)}"
    names = [main, *(pen.name(c) for c, _ in problems), *(pen.name(c) for c in apart)]
    listing = pen.author.items([upper_first(name) for name in names])
    sentence = upper_first(listed(names, "and")) + "."
    assessment = pen.section("assessment", listing if pen.chance(0.7) else sentence)
    done = [upper_first(done) + "." for _, done in (pen.story.main, *problems) if done]
    plan = pen.section("plan", pen.prose(" ".join([*done, advice(pen)])))
    return f"{assessment}{pen.author.between}{plan}"


def _reasoned(pen: Pen, main: str, problems: list[Problem], apart: list[Condition]) -> str:
    """A paragraph a problem: its name, what is thought of it, what is done."""
    thought, deed, bullet = pen.one_of(*THOUGHTS), pen.one_of(*DEEDS), pen.one_of(*BULLETS)
    named = [(main, pen.one_of(*REASONS).format(pen.name(pen.story.main[0])), pen.story.main[1])]
    named += [(pen.name(c), pen.one_of(*STEADY), done) for c, done in problems]
    paragraphs = []
    for name, why, done in named:
        lines = [
            f"{bullet}{thought}: {why}",
            *([f"{bullet}{deed}: {upper_first(done)}."] if done else []),
        ]
        paragraphs.append("\n".join([f"{upper_first(name)}.", *lines]))
    paragraphs += [f"{upper_first(pen.name(condition))}." for condition in apart]
    numbered = pen.chance(0.5)
    told = [f"{n}. {text}" if numbered else text for n, text in enumerate(paragraphs, start=1)]
    return pen.author.between.join([*told, advice(pen)])


def jotted(pen: Pen) -> Iterator[str]:
    """All that is coded, in a few sentences; at times a denial and a relative, which are not."""
    story = pen.story
    main = upper_first(_main_name(pen) + _suspicion(pen))
    cause = pen.name(story.cause) if story.cause else ""
    if cause:
        meanwhile = cause.split()[0].endswith("ing")
        joint = (
            pen.one_of(" while ", ", ") if meanwhile else pen.one_of(", ", ": ", " - ", " after: ")
        )
        main = f"{main}{joint}{cause}"
    who = pen.author.person(story.age, story.sex)
    yield pen.one_of(f"{main}.", f"{upper_first(who)}. {main}.", f"{main}. {upper_first(who)}.")
    for condition, done in story.others:
        yield _line(pen, pen.name(condition), done)
    if story.statuses:
        yield f"{upper_first(', '.join(pen.name(c) for c in story.statuses))}."
    if story.denied and pen.chance(0.4):
        yield f"Denies {listed([pen.name(c) for c in story.denied[:2]], 'or')}."
    if story.family and story.age and pen.chance(0.3):
        yield f"{pen.one_of('Mother', 'Father')} had {pen.name(story.family[0])}."
    if done := story.main[1]:
        yield f"{upper_first(done)}."


def diagnoses(pen: Pen) -> str:
    """What the stay is known by: every diagnosis, the principal first."""
    names = [_main_name(pen), *(pen.name(c) for c, _ in pen.story.others)]
    names += [pen.name(condition) for condition in (*pen.story.statuses, *_causes(pen))]
    return pen.section("discharge", pen.author.items([upper_first(name) for name in names]))


def course(pen: Pen) -> str:
    """What was done from admission to discharge."""
    (main, done), others = pen.story.main, pen.story.others
    told = [
        pen.one_of("Admitted for {}.", "Admitted with {}.", "Was admitted because of {}.").format(
            _main_name(pen)
        )
    ]
    told += [f"Treatment: {done}."] if done else []
    told += [
        f"{upper_first(pen.name(c))}: {does or 'stable'}." for c, does in others if pen.chance(0.6)
    ]
    better = "Feeding well." if main.kind == "newborn" else "Walking in the hall, eating."
    told.append(
        pen.one_of(better, "Did well.", "Improved day by day.", "Discharged in stable condition.")
    )
    return pen.section("course", pen.prose(" ".join(told)))


def advice(pen: Pen) -> str:
    """What the patient is told; what could come is named and not coded."""
    told = pen.some(ADVICE if pen.story.age else BABY_ADVICE, 0, 2)
    warned = [condition for condition in pen.story.warned if condition.is_of(ALARMING)]
    if warned and pen.chance(0.7):
        names = [pen.name(condition) for condition in warned]
        told.append(pen.one_of(*WARNING).format(listed(names, "or")))
    return " ".join(told or ["Follow up as needed."])


def _told_again(pen: Pen, problem: Problem) -> bool:
    """What is not treated is told again: else nothing would say why an outpatient's claim has it (IV.J)."""
    condition, done = problem
    stays = pen.story.setting == "IMP" or done.startswith("continue")
    return condition.kind != "chronic" or not (stays and pen.chance(UNTOLD))


def _apart(pen: Pen, *, history_told: bool) -> Iterator[Condition]:
    for condition in pen.story.statuses:
        if not history_told or pen.chance(0.5):
            yield condition
    if not history_told or pen.chance(0.3):
        yield from _causes(pen)


def _causes(pen: Pen) -> tuple[Condition, ...]:
    return (pen.story.cause,) if pen.story.cause else ()


def _main_name(pen: Pen) -> str:
    name = pen.name(pen.story.main[0])
    return f"{pen.one_of(*NOT_CERTAIN)} {name}" if pen.story.uncertain else name


def _suspicion(pen: Pen) -> str:
    if pen.story.doubtful is None:
        return ""
    return pen.one_of(*SUSPECTING).format(pen.name(pen.story.doubtful))


def _line(pen: Pen, name: str, done: str) -> str:
    if not done:
        return f"{upper_first(name)}."
    joint = pen.one_of(" - ", ": ", ". ", ", ")
    return f"{upper_first(name)}{joint}{upper_first(done) if joint == '. ' else done}."
