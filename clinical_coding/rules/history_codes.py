"""Which history code stands for a condition that a relative has, or that the patient had.

Each line: the history code, then the beginnings of the codes that it stands for. The longest
beginning wins, so that a rest ("D0" after "D05") may follow.
"""

from collections.abc import Iterable

from clinical_coding.claim import Evidence
from clinical_coding.note import IcdCode
from clinical_coding.rules.draft import Draft, Guideline, Refused, Standing

_FAMILY = """
Z80.0 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26
Z80.1 C33 C34
Z80.2 C30 C31 C32 C37 C38 C39
Z80.3 C50 D05
Z80.41 C56
Z80.42 C61
Z80.43 C62
Z80.44 C57.0
Z80.49 C51 C52 C53 C54 C55 C57 C58 C60 C63
Z80.51 C64 C65
Z80.52 C67
Z80.59 C66 C68
Z80.6 C91 C92 C93 C94 C95
Z80.7 C81 C82 C83 C84 C85 C86 C88 C90 C96
Z80.8 C0 C40 C41 C43 C44 C45 C46 C47 C48 C49 C69 C70 C71 C72 C73 C74 C75 C76 C7A
Z80.9 C80
Z81.0 F7
Z81.1 F10
Z81.2 F17
Z81.3 F11 F12 F13 F14 F15 F16 F18 F19
Z81.8 F2 F3 F4 F5 F6 F8 F9
Z82.0 G0 G1 G2 G3 G4 G5 G6 G7 G8 G9
Z82.1 H54
Z82.2 H90 H91
Z82.3 I60 I61 I62 I63 I64 G45
Z82.41 I46
Z82.49 I0 I1 I2 I3 I4 I5 I7 I8 I9
Z82.5 J40 J41 J42 J43 J44 J45 J47
Z82.61 M05 M06 M08 M10 M13 M15 M16 M17 M18 M19
Z82.62 M80 M81
Z82.69 M32 M34 M35 M4
Z82.71 Q61
Z82.79 Q
Z83.0 B20
Z83.2 D5 D6 D7 D8
Z83.3 E08 E09 E10 E11 E13
Z83.42 E78.01
Z83.438 E78
Z83.49 E0 E2 E66
Z83.511 H40
Z83.719 K63.5 D12
Z83.79 K2 K5 K7 K8 K9
Z84.0 L
Z84.19 N0 N1 N2
"""
_PERSONAL = """
I25.2 I21 I22
Z85.01 C15
Z85.028 C16
Z85.038 C18
Z85.048 C19 C20 C21
Z85.05 C22
Z85.068 C17
Z85.07 C25
Z85.09 C23 C24 C26
Z85.118 C34
Z85.12 C33
Z85.21 C32
Z85.22 C30 C31
Z85.238 C37
Z85.29 C38 C39
Z85.3 C50
Z85.41 C53
Z85.42 C54 C55
Z85.43 C56
Z85.44 C51 C52 C57 C58
Z85.4A C57.0
Z85.46 C61
Z85.47 C62
Z85.49 C60 C63
Z85.51 C67
Z85.528 C64
Z85.53 C65
Z85.54 C66
Z85.59 C68
Z85.6 C91 C92 C93 C94 C95
Z85.71 C81
Z85.72 C82 C83 C84 C85
Z85.79 C86 C88 C90 C96
Z85.810 C01 C02
Z85.818 C0 C10 C11 C12 C13 C14
Z85.820 C43
Z85.821 C4A
Z85.828 C44
Z85.830 C40 C41
Z85.831 C46 C47 C48 C49
Z85.840 C69
Z85.841 C71
Z85.848 C70 C72
Z85.850 C73
Z85.858 C74 C75
Z85.89 C45 C76
Z85.9 C80
Z86.000 D05
Z86.001 D06
Z86.11 A15
Z86.16 U07.1
Z86.32 O24.4
Z86.711 I26
Z86.718 I82
Z86.73 I63 G45
Z86.74 I46
Z87.01 J12 J13 J14 J15 J16 J17 J18
Z87.11 K25 K26 K27
Z87.440 N30 N39.0
Z87.442 N20 N21
"""
# History that bears on what is done for the patient today, wherever the note tells it (IV.J).
ALWAYS_TELLING = ("I25.2", "Z80", "Z85", "Z86.71", "Z86.73")
_TODAY = frozenset({"assessment", "discharge_diagnosis", "plan", "chief_complaint"})


def _by_beginning(lines: str) -> dict[str, IcdCode]:
    rows = (line.split() for line in lines.strip().splitlines())
    return {beginning: IcdCode(code) for code, *beginnings in rows for beginning in beginnings}


FAMILY_HISTORY = _by_beginning(_FAMILY)
PERSONAL_HISTORY = _by_beginning(_PERSONAL)


def history_code(table: dict[str, IcdCode], code: str) -> IcdCode | None:
    """The history code of a condition; None where it has none of its own."""
    beginnings: Iterable[str] = (code[:end] for end in range(len(code), 0, -1))
    return next((table[beginning] for beginning in beginnings if beginning in table), None)


def bears_on_the_visit(code: str, spans: Iterable[Evidence]) -> bool:
    """Whether a history influences today's care, as history codes must (IV.J).

    Some always do (a cancer, a stroke), unless they are only in the list of what relatives have;
    any does that the clinician takes up today.
    """
    sections = {span.section for span in spans}
    always = code.startswith(ALWAYS_TELLING) and sections != {"family_history"}
    return always or not sections.isdisjoint(_TODAY)


def history(
    code: IcdCode,
    of: Standing | Refused,
    spans: tuple[Evidence, ...],
    why: Guideline,
    draft: Draft,
) -> Standing:
    """The history code on the condition's words.

    The ranker was asked about the condition, not about its history: where it finds neither likely,
    the code stands at the bar of review, for a coder to see.
    """
    likely = (one.probability for one in draft.unlikely if one.code == code)
    return Standing(
        code=code,
        probability=max(of.probability, draft.review, *likely),
        evidence=spans,
        named=True,
    ).because(why)
