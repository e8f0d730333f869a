"""A note of each kind, put together from its sections."""

from collections.abc import Iterator

from producers.synthetic.background_text import background
from producers.synthetic.exam_text import examination, results, review_of_systems
from producers.synthetic.history_text import complaint, introduction, present_illness
from producers.synthetic.judgement_text import advice, course, diagnoses, jotted, judgement
from producers.synthetic.pen import Pen

OVERNIGHT = ("No events overnight.", "Slept well.", "Feels better today.", "Pain controlled.",
             "Eating breakfast.", "Wants to go home.", "Still tired.", "Up to the chair.")  # fmt: skip
BABY = ("Fed well overnight.", "Weight stable.", "Voiding and stooling.", "Parents at bedside.")


def office_note(pen: Pen) -> str:
    """An outpatient visit."""
    sections = [complaint(pen), present_illness(pen), *background(pen)]
    sections += [review_of_systems(pen)] if pen.chance(0.7) else []
    sections += [examination(pen)] if pen.chance(0.9) else []
    sections += [results(pen)] if pen.chance(0.4) else []
    return _joined(pen, [*sections, judgement(pen, history_told=True)])


def emergency_note(pen: Pen) -> str:
    """An emergency department note."""
    sections = [complaint(pen), present_illness(pen), *background(pen)]
    sections += [review_of_systems(pen)] if pen.chance(0.6) else []
    sections += [examination(pen), results(pen), judgement(pen, history_told=True)]
    return _joined(pen, sections)


def brief_note(pen: Pen) -> str:
    """A few lines without a header, as people jot them down."""
    return "\n".join(pen.prose(line) for line in jotted(pen))


def admission_story(pen: Pen) -> str:
    """What later notes of a stay copy forward: how it began, and the past."""
    return _joined(pen, [present_illness(pen), *background(pen)])


def progress_note(pen: Pen, day: int, copied: str) -> str:
    """A hospital day; ``copied`` is carried forward from an earlier note, "" for nothing."""
    lines = BABY if pen.story.main[0].kind == "newborn" else OVERNIGHT
    head = f"{pen.one_of('Hospital day', 'HD', 'Day')} {day}. {' '.join(pen.some(lines, 1, 2))}"
    sections = [pen.section("interval", pen.prose(head)), *([copied] if copied else [])]
    sections += [
        examination(pen),
        *([results(pen)] if pen.chance(0.6) else []),
        judgement(pen, history_told=bool(copied)),
    ]
    return _joined(pen, sections)


def discharge_summary(pen: Pen, copied: str) -> str:
    """The stay in one note; the diagnoses stand at its head or behind the course."""
    told = course(pen) if pen.chance(0.6) else pen.section("course", _retold(pen))
    head = [diagnoses(pen), told] if pen.chance(0.7) else [told, diagnoses(pen)]
    end = pen.section("instructions", pen.prose(advice(pen)))
    return _joined(pen, [*head, *([copied] if copied else []), end])


def text_of(text: str, pen: Pen) -> str:
    """The text with the line ends that this author's system writes."""
    return text.replace("\n", pen.author.newline) + pen.author.newline


def _retold(pen: Pen) -> str:
    done = pen.story.main[1]
    ending = f"Treated with {done}." if done and not done.startswith("continue") else "Improved."
    return pen.prose(" ".join([*introduction(pen), ending]))


def _joined(pen: Pen, sections: list[str] | Iterator[str]) -> str:
    return pen.author.between.join(sections)
