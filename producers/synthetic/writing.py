"""How an author writes: headers, lists, abbreviations, slips of the keyboard."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from clinical_coding.note import Sex
from producers.synthetic.conditions import Wordings

HEADERS = {
    "chief_complaint": ("Chief Complaint", "CC", "Reason for Visit", "Presenting Complaint"),
    "hpi": ("History of Present Illness", "HPI", "Subjective", "Present Illness"),
    "pmh": ("Past Medical History", "PMH", "Medical History", "PMHx"),
    "psh": ("Past Surgical History", "PSH", "Surgical History", "PSHx"),
    "family": ("Family History", "FH", "Family Hx", "FHx"),
    "social": ("Social History", "SH", "Social Hx", "Habits"),
    "medications": ("Medications", "Meds", "Current Medications", "Home Meds"),
    "allergies": ("Allergies", "Allergies", "Drug Allergies", "Allergies"),
    "ros": ("Review of Systems", "ROS", "Review of Systems", "ROS"),
    "exam": ("Physical Exam", "PE", "Objective", "Examination"),
    "results": ("Results", "Labs", "Data", "Labs and Imaging"),
    "assessment": ("Assessment", "Impression", "Diagnoses", "Clinical Impression"),
    "plan": ("Plan", "Plan", "Recommendations", "Treatment Plan"),
    "both": ("Assessment and Plan", "A/P", "Impression and Plan", "Assessment/Plan"),
    "interval": ("Interval History", "Subjective", "Overnight Events", "Interim History"),
    "course": ("Hospital Course", "Brief Hospital Course", "Course", "Hospital Summary"),
    "discharge": ("Discharge Diagnoses", "Final Diagnoses", "Discharge Diagnosis", "Diagnoses at Discharge"),
    "instructions": ("Discharge Instructions", "Instructions", "Follow-up", "Disposition"),
}  # fmt: skip
# Words and their short forms. The last of several is held out with wordings="train".
SHORT = {
    "hypertension": ("HTN", "htn"), "type 2 diabetes": ("T2DM", "DM2", "type II DM"),
    "chronic kidney disease": ("CKD",), "coronary artery disease": ("CAD",),
    "shortness of breath": ("SOB", "dyspnea"), "fracture": ("fx", "frx"), "laceration": ("lac",),
    "bilateral": ("b/l", "bilat"), "without": ("w/o",), "with": ("w/",), "right": ("R", "rt"),
    "left": ("L", "lt"), "history of": ("h/o", "hx of"), "status post": ("s/p",),
    "osteoarthritis": ("OA",), "abdominal": ("abd",), "secondary to": ("2/2",),
    "patient": ("pt",), "complains of": ("c/o",),
    "presents": ("p/w",), "follow up": ("f/u", "F/U"), "every day": ("qd",), "twice daily": ("BID",),
    "as needed": ("prn", "PRN"), "daily": ("qd", "QD"), "times": ("x",), "lower extremity": ("LE",),
    "within normal limits": ("WNL",), "nausea and vomiting": ("N/V",), "exacerbation": ("exac",),
    "weeks": ("wks",), "days": ("d",), "medications": ("meds",), "negative": ("neg",),
}  # fmt: skip
SLIPS = {"patient": "pateint", "history": "histroy", "follow": "folow", "symptoms": "symtoms",
         "without": "wihtout", "medication": "medicaiton", "continue": "contineu", "chronic": "chornic",
         "disease": "diease", "acute": "accute", "infection": "infecton", "pressure": "presure",
         "abdominal": "abdominl", "diabetes": "diabets", "hypertension": "hypertenson",
         "pneumonia": "pnuemonia", "breath": "breth", "swelling": "sweling", "started": "strated",
         "reports": "reprots", "denies": "deneis", "morning": "mornign", "fracture": "fractrue",
         "review": "reveiw", "tender": "tendr", "which": "whcih", "with": "wiht", "and": "adn"}  # fmt: skip
LIST_MARKS = ("- ", "* ", "{n}. ", "{n}) ", "# ", "#{n} ", "", "")
AGE_FORMS = ("{age}-year-old {noun}", "{age} year old {noun}", "{age} yo {noun}", "{age}yo{letter}",
             "{age} y/o {noun}", "{age}-year-old {noun}")  # fmt: skip
GROWN_UP = 18
BLANK_LINES = ("\n\n", "\n\n", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One clinician's habits; the same for all notes of an encounter."""

    headers: int  # which of HEADERS' columns
    age_form: str
    letters: str  # title, upper, lower
    inline: bool
    short: tuple[tuple[str, str], ...]
    slips: float  # share of the words that are prone to one
    mark: str
    between: str  # sections
    newline: str

    def section(self, name: str, body: str) -> str:
        """A section under its header."""
        header = HEADERS[name][self.headers]
        if self.letters == "upper":
            header = header.upper()
        elif self.letters == "lower" and header[1:2].islower():
            header = header.capitalize()
        joint = " " if self.inline and "\n" not in body else "\n"
        return f"{header}:{joint}{body}"

    def person(self, age: int, sex: Sex) -> str:
        """The patient in a word: "58-year-old woman", "3 yo boy", "infant girl"."""
        child, woman = age < GROWN_UP, sex is Sex.FEMALE
        noun = ("girl" if woman else "boy") if child else ("woman" if woman else "man")
        letter = "F" if woman else "M"
        return self.age_form.format(age=age, noun=noun, letter=letter) if age else f"infant {noun}"

    def items(self, lines: Sequence[str]) -> str:
        """Lines as this author's list."""
        return "\n".join(self.mark.format(n=n) + line for n, line in enumerate(lines, start=1))

    def shorten(self, text: str) -> str:
        """The text in this author's short forms."""
        for long, short in self.short:
            text = _whole(long).sub(short, text)
        return text

    def prose(self, random: Random, text: str) -> str:
        """Free text in short forms and, rarely, with a slip."""
        return " ".join(
            SLIPS[word] if word in SLIPS and random.random() < self.slips else word
            for word in self.shorten(text).split(" ")
        )


def author(random: Random, wordings: Wordings) -> Author:
    """A clinician at random; half of them write out nearly everything."""
    share = random.choice((0.05, 0.05, 0.4, 0.7))
    short = [(long, random.choice(_forms(forms, wordings))) for long, forms in SHORT.items()]
    return Author(
        headers=random.randrange(4),
        age_form=random.choice(AGE_FORMS),
        letters=random.choice(("title", "upper", "lower")),
        inline=random.random() < 0.5,  # noqa: PLR2004 - habits in shares, here and below
        short=tuple(pair for pair in short if random.random() < share),
        slips=random.choice((0.0, 0.02, 0.08)),
        mark=random.choice(LIST_MARKS),
        between=random.choice(BLANK_LINES),
        newline="\r\n" if random.random() < 0.1 else "\n",  # noqa: PLR2004
    )


def upper_first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The text with a small first letter, unless its first word is an abbreviation or a name."""
    second = text[1:2]
    return text if second.isupper() or not second.isalpha() else text[:1].lower() + text[1:]


def listed(names: Sequence[str], last: str) -> str:
    """Names as a sentence has them: "a, b or c"."""
    if len(names) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def _forms(forms: tuple[str, ...], wordings: Wordings) -> tuple[str, ...]:
    if wordings == "all" or len(forms) == 1:
        return forms
    return forms[:-1] if wordings == "train" else forms[-1:]


@cache
def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){words}(?![\w-])")
