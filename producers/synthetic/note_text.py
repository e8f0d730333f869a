"""From a story to the text of its notes."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from producers.synthetic.conditions import Condition, Wordings
from producers.synthetic.story import RESOLVED, Story
from producers.synthetic.writing import Author, person, upper_first

VITALS = "BP {bp}, HR {hr}, RR {rr}, T {t} F, SpO2 {o2}% on room air."
EXAMS = ("Alert, no acute distress.", "Lungs clear to auscultation bilaterally.", "Regular rhythm.",
         "Abdomen soft.", "No rashes noted.", "Neurologically intact.")  # fmt: skip
RESULTS = ("CBC within normal limits.", "BMP unremarkable.", "Results reviewed with the patient.",
           "WBC 7.2, Hgb 13.1, platelets 240.", "Creatinine 0.9.")  # fmt: skip
SOCIAL = ("Lives with family.", "Works in an office.", "Drinks socially.",
          "Never smoked.", "Exercises twice a week.")  # fmt: skip
SOCIAL_AGE = 16
GRANDPARENTS = ("mother", "father", "brother", "sister", "maternal grandmother")


@dataclass(slots=True)
class NoteWriter:
    """Writes the notes of one encounter in one hand; a later note may copy from an earlier one."""

    random: Random
    story: Story
    author: Author
    wordings: Wordings

    def office(self) -> str:
        """An outpatient visit."""
        return self._joined(self._opening, self._background, self._ros, self._exam, self._judgement)

    def emergency(self) -> str:
        """An emergency department note."""
        parts = (self._opening, self._background, self._ros, self._exam, self._results)
        return self._joined(*parts, self._judgement)

    def brief(self) -> str:
        """A few lines without headers, as they come from a phone or a triage desk."""
        story = self.story
        names = [self._name(story.main), *map(self._name, self._managed())]
        told = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"  # noqa: PLR2004 - two need no comma
        lasting = self._one_of("", f" for {self.random.randint(2, 9)} days", " since yesterday")
        who = self._one_of("", f"{upper_first(person(story.age, story.sex))} with ")
        first = f"{who}{told if who else upper_first(told)}{lasting}."
        return self._prose(
            self._one_of(f"{first} {self._denies()}", f"{self._denies()} {first}", first)
        )

    def progress(self, day: int, copied: str) -> str:
        """A hospital day's note; ``copied`` is carried forward from an earlier one."""
        head = f"Hospital day {day}. {self._one_of('No events overnight.', 'Slept well.')}"
        parts = [
            self.author.section("interval", self._prose(head)),
            self._exam(),
            self._judgement(),
        ]
        return "\n\n".join([*parts[:1], *([copied] if copied else []), *parts[1:]])

    def discharge(self, copied: str) -> str:
        """A discharge summary; the diagnoses head it."""
        told = [self._discharge_name(self.story.main), *map(self._name, self._managed())]
        course = f"{self._introduction()} {self._plan_of(self.story.main)}"
        return "\n\n".join(
            part
            for part in (
                self.author.section("discharge", self.author.items(list(map(upper_first, told)))),
                self.author.section("course", self._prose(course)),
                copied,
                self._background(),
                self.author.section("instructions", "Return if worse. Follow up in one week."),
            )
            if part
        )

    def history(self) -> str:
        """What later notes copy forward: how it began."""
        return self.author.section("hpi", self._prose(self._introduction()))

    def _opening(self) -> str:
        main = self.story.main
        reason = self._one_of(*main.says) if main.says and main.kind != "symptom" else None
        reason = reason or self._one_of(self._name(main), f"{self._name(main)} follow-up")
        complaint = self.author.section("chief_complaint", upper_first(reason))
        return f"{complaint}\n\n{self.history()}"

    def _introduction(self) -> str:
        story = self.story
        who = upper_first(person(story.age, story.sex))
        said = self._one_of(*story.main.says) if story.main.says else ""
        begins = {
            "symptom": f"{who} who complains of {self._name(story.main)}.",
            "wellness": f"{who} here for {self._name(story.main)}.",
            "chronic": f"{who} seen in follow up of {self._name(story.main)}.",
        }.get(story.main.kind, f"{who} presents today.")
        cause = f" Patient {self._cause(story.external)}." if story.external else ""
        reports = f" Patient reports: {said}." if said else ""
        denies = f" {self._denies()}" if story.denied and self.random.random() < 0.6 else ""  # noqa: PLR2004 - a share
        return f"{begins}{cause}{reports}{denies}"

    def _background(self) -> str:
        story, sections = self.story, []
        lines = [upper_first(self._name(c)) for c in (*story.others, *story.statuses)]
        if lines and self.random.random() < 0.7:  # noqa: PLR2004 - a share
            sections.append(self.author.section("pmh", self.author.items(lines)))
        if story.age > SOCIAL_AGE and self.random.random() < 0.4:  # noqa: PLR2004 - a share
            sections.append(self.author.section("psh", upper_first(self._one_of(*RESOLVED)) + "."))
        if story.family and self.random.random() < 0.7:  # noqa: PLR2004 - a share
            relative = self._one_of(*GRANDPARENTS)
            told = f"{upper_first(relative)} with {self._name(story.family[0])}."
            sections.append(self.author.section("family", told))
        if story.age > SOCIAL_AGE:
            social = [s for s in SOCIAL if not (self._smoked() and "smoked" in s)]
            sections.append(self.author.section("social", self._one_of(*social)))
        sections.append(self.author.section("allergies", self._allergies()))
        return "\n\n".join(sections)

    def _ros(self) -> str:
        return self.author.section("ros", self._prose(self._denies()))

    def _denies(self) -> str:
        names = [condition.names[0] for condition in self.story.denied]
        listed = ", ".join(names[:-1]) + (f" or {names[-1]}" if len(names) > 1 else "".join(names))
        return self._one_of(
            f"Denies {listed}.", f"No {listed}.", f"Negative for {', '.join(names)}."
        )

    def _exam(self) -> str:
        vitals = VITALS.format(
            bp=f"{self.random.randint(108, 138)}/{self.random.randint(62, 86)}",
            hr=self.random.randint(60, 96),
            rr=self.random.randint(12, 18),
            t=round(97.2 + self.random.random() * 1.6, 1),
            o2=self.random.randint(95, 100),
        )
        found = self.random.sample(EXAMS, self.random.randint(2, 4))
        return self.author.section("exam", " ".join([vitals, *found]))

    def _results(self) -> str:
        return self.author.section("results", " ".join(self.random.sample(RESULTS, 2)))

    def _judgement(self) -> str:
        main = self._discharge_name(self.story.main) if self.story.uncertain else None
        first = main or self._name(self.story.main)
        doubt = self._doubt()
        if self.random.random() < 0.5:  # noqa: PLR2004 - half of the authors join the two
            lines = [self._judged(first + doubt, self.story.main)]
            lines += [self._judged(self._name(c), c) for c in self._managed()]
            return self.author.section("both", self.author.items(lines))
        names = [upper_first(first) + doubt, *(upper_first(self._name(c)) for c in self._managed())]
        plans = [upper_first(c.plan) + "." for c in (self.story.main, *self.story.others) if c.plan]
        assessment = self.author.section("assessment", self.author.items(names))
        return f"{assessment}\n\n{self.author.section('plan', ' '.join(plans) or 'Follow up as needed.')}"

    def _judged(self, name: str, condition: Condition) -> str:
        joint = self._one_of(" - ", ": ", ". ")
        plan = upper_first(condition.plan) if joint == ". " else condition.plan
        return f"{upper_first(name)}{joint}{plan}." if plan else f"{upper_first(name)}."

    def _doubt(self) -> str:
        if self.story.doubtful is None:
            return ""
        name = self._name(self.story.doubtful)
        return self._one_of(f", possible {name}", f", rule out {name}", f"; concern for {name}")

    def _managed(self) -> tuple[Condition, ...]:
        cause = (self.story.external,) if self.story.external else ()
        return (*self.story.others, *self.story.statuses, *cause)

    def _discharge_name(self, condition: Condition) -> str:
        name = self._name(condition)
        return (
            f"{self._one_of('probable', 'likely', 'suspected')} {name}"
            if self.story.uncertain
            else name
        )

    def _plan_of(self, condition: Condition) -> str:
        return f"{upper_first(condition.plan)}." if condition.plan else "Improved."

    def _cause(self, condition: Condition) -> str:
        name = condition.names_for(self.wordings)[0]
        verbs = ("slipped", "tripped", "fell", "struck", "walked", "cut", "bitten")
        if not name.startswith(verbs):
            return f"came in after this: {name}"
        return f"was {name}" if name.startswith(("struck", "cut", "bitten")) else name

    def _allergies(self) -> str:
        if any(c.codes[0] == "Z88.0" for c in self.story.statuses):
            return "Penicillin allergy (hives)."
        return self._one_of("NKDA", "No known drug allergies.")

    def _smoked(self) -> bool:
        told = (self.story.main, *self.story.others, *self.story.statuses)
        return any(c.is_of(("F17", "Z87.891", "F12")) for c in told)

    def _name(self, condition: Condition) -> str:
        return self.random.choice(condition.names_for(self.wordings))

    def _prose(self, text: str) -> str:
        return self.author.prose(self.random, text)

    def _one_of(self, *choices: str) -> str:
        return self.random.choice(choices)

    def _joined(self, *parts: Callable[[], str]) -> str:
        return "\n\n".join(part() for part in parts)


def text_of(text: str, author: Author) -> str:
    """The text with the line ends that this author's system writes."""
    return text.replace("\n", author.newline) + author.newline
