"""Symptoms that come with a diagnosis and are not coded beside it (I.B.4, I.B.5).

Only pairs that a coder would not ask about; a symptom that is not routinely part of the disease
stays (I.B.6).
"""

from collections.abc import Iterator

from clinical_coding.rules.draft import Draft, Drop, Guideline

INTEGRAL = Guideline(section="I.B.5", says="symptom that is part of a coded diagnosis")

# The beginning of a symptom's code, then those of the diagnoses that it is part of.
_PART_OF = """
R05 J00 J02 J04 J06 J09 J1 J20 J21 J40 J41 J42 J44 J45 U07.1
R06.0 I50 J44 J45 J1 J81 J80 I26 I11.0 I13.0 J96 J9
R06.2 J44 J45 J20 J21
R07 I20 I21 I25.11 I30 I26 J93 M94.0
R07.0 J02 J03 J06 J36
R09.02 J96 J80
R09.8 J00 J06 J30 J31 J01 J32
R10 K35 K36 K37 K50 K51 K57 K80 K81 K85 A08 A09 N20 K56 K52 K29
R11 A08 A09 K52 K35 K56 K85 G43 O21
R12 K21
R13 K22 K20
R19.7 A04 A08 A09 K50 K51 K52 K58
R30 N30 N34 N39.0 N10
R31 N20 N30 N39.0 C67 C64
R35 N30 N39.0 N40.1 E10 E11
R39.1 N39.0 N40.1
R42 H81 I95.1
R50 A B J0 J1 J2 K35 L03 N10 N39.0 U07.1 H66
R51 G43 G44 S06
R53.8 D50 D64 E03 J1 U07.1 B27
R55 I95.1
R56 G40
R60 I50 L03 N04 I11.0 I13.0
R68.83 A B J1 N10 U07.1
R73 E08 E09 E10 E11 E13
R03.0 I10 I11 I12 I13 I15 I16
M25.5 M05 M06 M10 M15 M32
M25.51 M75 M19.01 M12.51 S40 S42 S43 S46 S49
M25.52 M77.0 M77.1 M70.2 S50 S52.0 S52.1 S53 S59
M25.53 M65.4 S52.5 S52.6 S60.2 S62.0 S62.1 S63.5 S69
M25.55 M16 M70.6 S70 S72 S73 S76.0
M25.56 M17 M22 M23 M70.4 M71.2 M76.5 S80.0 S82.0 S82.1 S83 S89
M25.57 M19.07 M76.6 S82.3 S82.5 S82.6 S82.8 S86.0 S90.0 S93.0 S93.4 S99.91
M25.4 M05 M06 M10 M17 M19 S83 S93
M54.5 M51 M47.81 M48.06 M54.1 M54.3 M54.4 S32 S33 S39
M54.6 S22 S23 S29
M54.9 M45 M47 M48 M50 M51 M54.1 M54.3 M54.4 S22 S23 S29 S32 S33 S39
M54.2 M47.81 M50 M54.12 S13 S16
M79.6 L03 I82 I80
M79.60 S42 S52 S72 S82 S76 S86
M79.62 S46 S42
M79.63 S52 S56
M79.64 G56.0 M18 M65.3 S60 S62 S63 S66
M79.65 S72 S76
M79.66 S82 S86
M79.67 M20 M21.6 M72.2 M77.3 S90 S92 S93 S96 S99
H92.0 H60 H66
"""
_WHOLES = {symptom: tuple(of) for symptom, *of in map(str.split, _PART_OF.strip().splitlines())}


def symptoms_integral_to_a_diagnosis(draft: Draft) -> Iterator[Drop]:
    """Signs and symptoms that are routinely part of a coded diagnosis are not coded too (I.B.5)."""
    for one in draft.standing:
        wholes = wholes_of(one.code)
        if any(other.code.startswith(wholes) for other in draft.standing if other != one):
            yield Drop(code=one.code, why=INTEGRAL)


def wholes_of(symptom: str) -> tuple[str, ...]:
    """The beginnings of the diagnoses that a symptom's code is part of."""
    return tuple(whole for part, of in _WHOLES.items() if symptom.startswith(part) for whole in of)
