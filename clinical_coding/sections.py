"""Sections of a note, told by what their headers say and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Section names as they appear in Evidence.section, each with the headers that open it.
_HEADERS = {
    "chief_complaint": (
        "chief complaint|chief complaints|chief concern|cc|presenting complaint|complaint|"
        "complaints|reason for visit|reason for consultation|reason for consult|"
        "reason for admission|reason for referral|reason for encounter|reason for exam|"
        "presenting problem|indication|indications|admission complaint"
    ),
    "hpi": (
        "history of present illness|history of the present illness|history of presenting illness|"
        "hpi|present illness|history of present problem|history|brief history|clinical history|"
        "interval history|interval events|interim history|subjective|overnight events|narrative|"
        "history and physical|s|24 hour events|interval update"
    ),
    "pmh": (
        "past medical history|medical history|pmh|pmhx|past history|past medical hx|medical hx|"
        "significant past medical history|past medical and surgical history|pmh/psh|"
        "past medical/surgical history|active problems|problem list|active problem list|"
        "comorbidities|chronic conditions|chronic problems|medical problems|background|"
        "past psychiatric history|psychiatric history|past ocular history|obstetric history|"
        "gynecologic history|gynecological history|ob/gyn history|past obstetric history|"
        "birth history|hx|past medical conditions"
    ),
    "psh": (
        "past surgical history|surgical history|psh|pshx|past surgeries|prior surgeries|"
        "previous surgeries|previous operations|past surgical hx|surgeries"
    ),
    "family_history": (
        "family history|family medical history|family hx|fh|fhx|famhx|fam hx|"
        "family history of illness|family and social history|family psychiatric history"
    ),
    "social_history": (
        "social history|social hx|sh|shx|sochx|personal and social history|habits|"
        "substance use|substance use history|personal history|occupational history|lifestyle"
    ),
    "medications": (
        "medications|medication|meds|current medications|current meds|home medications|"
        "home meds|outpatient medications|inpatient medications|medication list|"
        "medications on admission|admission medications|discharge medications|"
        "medications at discharge|discharge meds|medications prescribed|scheduled meds|"
        "present medications|prescriptions"
    ),
    "allergies": (
        "allergies|allergy|drug allergies|medication allergies|allergies to medications|nkda|"
        "known allergies|allergies and reactions|allergies/intolerances|adverse reactions"
    ),
    "immunizations": "immunizations|immunization|immunization history|vaccinations|vaccines",
    "ros": "review of systems|ros|review of symptoms|systems review|systemic review",
    "exam": (
        "physical exam|physical examination|exam|examination|pe|objective|o|vital signs|vitals|"
        "vitals reviewed|vs|focused exam|physical findings|exam on discharge|discharge exam|"
        "physical exam on admission|physical exam on discharge|on examination|"
        "general examination|mental status exam|mental status examination|neurologic exam|"
        "clinical examination|physical"
    ),
    "results": (
        "results|labs|lab results|laboratory|laboratory data|laboratory results|"
        "laboratory studies|lab data|data|data reviewed|diagnostics|diagnostic studies|"
        "diagnostic data|diagnostic results|studies|imaging|imaging studies|radiology|ekg|ecg|"
        "x-ray|x-rays|chest x-ray|cxr|ct|mri|ultrasound|pathology|microbiology|tests|findings|"
        "pertinent results|labs and imaging|labs/imaging|investigations|radiographs|"
        "medical imaging|echocardiogram|gross findings|intraoperative findings|"
        "operative findings"
    ),
    "assessment": (
        "assessment|assessments|impression|impressions|clinical impression|diagnosis|diagnoses|"
        "assessment and plan|assessment & plan|assessment/plan|assessment plan|a/p|a&p|a and p|"
        "ap|a|impression and plan|impression & plan|impression/plan|impression/recommendations|"
        "final diagnosis|final diagnoses|final impression|ed diagnosis|ed diagnoses|"
        "working diagnosis|clinical diagnosis|visit diagnosis|visit diagnoses|"
        "encounter diagnosis|encounter diagnoses|primary diagnosis|principal diagnosis|"
        "secondary diagnosis|secondary diagnoses|other diagnoses|admitting diagnosis|"
        "admitting diagnoses|admission diagnosis|admission diagnoses|preoperative diagnosis|"
        "preoperative diagnoses|pre-operative diagnosis|preop diagnosis|postoperative diagnosis|"
        "postoperative diagnoses|post-operative diagnosis|postop diagnosis|postop diagnoses|"
        "conclusion|conclusions|summary|medical decision making|mdm|"
        "assessment and recommendations|evaluation/treatment plan|problems addressed|"
        "problem-based assessment|assessment and plan by problem"
    ),
    "discharge_diagnosis": (
        "discharge diagnosis|discharge diagnoses|final discharge diagnosis|"
        "final discharge diagnoses|principal discharge diagnosis|primary discharge diagnosis|"
        "secondary discharge diagnoses|diagnoses at discharge|diagnosis at discharge"
    ),
    "plan": (
        "plan|plans|treatment plan|plan of care|recommendations|recommendation|treatment|p|"
        "postoperative plan|treatment recommendations|plan and recommendations|"
        "therapeutic plan|management|management plan"
    ),
    "procedures": (
        "procedure|procedures|procedure performed|procedures performed|operation|operations|"
        "operation performed|operations performed|operative procedure|operative procedures|"
        "title of operation|title of procedure|procedure in detail|description of procedure|"
        "description of the procedure|description of operation|procedure note|operative note|"
        "operative technique|technique|procedure details|anesthesia"
    ),
    "hospital_course": (
        "hospital course|brief hospital course|course|ed course|emergency department course|"
        "clinical course|hospital course by problem|course in hospital|hospital summary|"
        "emergency course|ed course and medical decision making"
    ),
    "instructions": (
        "instructions|discharge instructions|patient instructions|follow-up instructions|"
        "follow up instructions|patient education|counseling|education|discharge plan|"
        "discharge planning|follow-up|follow up|followup|disposition|activity|diet|"
        "discharge disposition"
    ),
    "return_precautions": (
        "return precautions|return instructions|warning signs|when to return|"
        "when to call|reasons to return"
    ),
}
_SECTION_OF = {header: name for name, headers in _HEADERS.items() for header in headers.split("|")}
_LONGEST_HEADER = max(map(len, _SECTION_OF))
_ONE_LETTER = 2  # with its blank; S: O: A: P: open a section only where a line begins

_MARKUP = " \t*#_>=~|\u2022\u00b7\u25cf-\u2013\u2014"
_NUMBERING = re.compile(r"^\(?\d{1,2}[.)]\s*")
_CAPITALS_AT_END = re.compile(r"(?:\b[A-Z][A-Z/&'-]*[ ]?)+$")
_BEFORE_HEADER = re.compile(r"[.;!?\u2022]")
_DASH_AFTER_CAPITALS = re.compile(r"[ \t]*([A-Z][A-Z/& ]+?)[ \t]+[-\u2013\u2014][ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One stretch [start, end) of the note, its header left out; "" where none was recognised."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Header:
    start: int
    end: int
    name: str


def split_sections(text: str) -> tuple[Section, ...]:
    """The sections of a note in order; together with their headers they cover all of it."""
    headers = tuple(_headers(text))
    first = Section(name="", start=0, end=headers[0].start if headers else len(text))
    ends = [header.start for header in headers[1:]] + [len(text)]
    rest = (
        Section(name=header.name, start=header.end, end=end)
        for header, end in zip(headers, ends, strict=False)
    )
    return tuple(section for section in (first, *rest) if section.start < section.end)


def lines(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each line, its line break left out, whatever kind of break that is."""
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line.splitlines()[0])
        start += len(line)


def _headers(text: str) -> Iterator[_Header]:
    for start, end in lines(text):
        line = text[start:end]
        alone = _section_named(line)
        if alone is not None and line.lstrip(_MARKUP)[:1].isupper():
            yield _Header(start, end, alone)
            continue
        yield from _headers_with_dash(line, start)
        yield from _headers_with_colon(line, start)


def _headers_with_dash(line: str, offset: int) -> Iterator[_Header]:
    match = _DASH_AFTER_CAPITALS.match(line)
    name = _section_named(match.group(1)) if match else None
    if match and name is not None:
        yield _Header(offset, offset + match.end(), name)


def _headers_with_colon(line: str, offset: int) -> Iterator[_Header]:
    floor = 0
    for colon in re.finditer(":", line):
        end = colon.start()
        for start in _possible_starts(line, floor, end):
            name = _section_named(line[start:end])
            if name is not None and (start == 0 or end - start > _ONE_LETTER):
                yield _Header(offset + start, offset + colon.end(), name)
                break
        floor = colon.end()


def _possible_starts(line: str, floor: int, end: int) -> tuple[int, ...]:
    """Where a header before a colon may begin: after a colon, a sentence, or in its capitals."""
    begin = max(floor, end - _LONGEST_HEADER - len(_MARKUP))
    stops = [match.end() for match in _BEFORE_HEADER.finditer(line, begin, end)]
    return begin, stops[-1] if stops else begin, _start_of_capitals(line, begin, end)


def _start_of_capitals(line: str, begin: int, end: int) -> int:
    match = _CAPITALS_AT_END.search(line, begin, end)
    return match.start() if match else begin


def _section_named(candidate: str) -> str | None:
    """The section that a header opens; None where the words are no header."""
    if len(candidate) > _LONGEST_HEADER + len(_MARKUP):
        return None
    words = _NUMBERING.sub("", candidate.strip(_MARKUP).rstrip(": \t*_"))
    return _SECTION_OF.get(" ".join(words.lower().split()))
