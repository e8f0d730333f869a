"""Which conditions may stand in one encounter, and what else must be coded when they do.

Codes are given by their beginnings. The sections are those of the ICD-10-CM guidelines.
"""

from collections.abc import Collection, Iterable
from functools import cache

from clinical_coding.note import IcdCode

# At most one of each group in an encounter: they exclude one another, are another code together
# (hypertension with kidney disease or heart failure: I.C.9.a; diabetes "with": I.A.15), or the one
# is integral to the other (I.B.5).
GROUPS: tuple[tuple[str, ...], ...] = (
    ("I10", "I11", "I12", "I95", "N17", "N18", "E11.22", "R60", "R33"),
    ("I11", "I27", "I42", "J", "U07", "R05", "R06", "R09"),
    ("E10", "E11", "E16", "R73", "N18", "E66.01", "I70", "I73", "G62", "L97", "H26", "L30"),
    ("E03", "E04", "E05", "E06", "C73", "R22", "R61"),
    ("E78",),
    ("E66",),
    ("I20", "I21", "I25", "R07", "I26", "J90", "J93"),
    ("I44", "I47", "I48", "I49", "R00", "R55", "F41.0"),
    ("I63", "G45", "Z86.73", "R47", "R53.1"),
    ("I26", "I80", "I82", "Z86.718", "R60"),
    ("I70", "I73", "E11.51", "L97"),
    ("J96", "R09.02", "Z99.81"),
    ("K21", "K20", "K22", "K25", "K26", "K29", "K30", "K44", "R12", "R13", "R10.1"),
    ("K70", "K74", "K76", "K80", "K81", "K85", "K86", "R17", "R18", "R10", "C25", "C78.7", "F10"),
    ("K35", "K50", "K51", "K52", "K56", "K57", "K58", "K59", "K90", "A04", "A08", "A09", "R10",
     "R11", "R14", "R19", "O21", "O20", "O00", "N80", "N20"),
    ("K92", "K25.4", "D50", "D51", "D57", "D62", "D64", "E53", "E61", "R53"),
    ("K64", "K60", "K92", "C18", "C20", "Z85.038", "D12", "Z12.11"),
    ("F31", "F32", "F33", "F43", "F41", "F40", "F42", "F60", "G47.0", "R45", "R53"),
    ("F02", "F03", "G30", "G93", "R41", "R26"),
    ("F17", "Z87.891"),
    ("Z94.0", "N18", "I12", "E11.22", "N17"),
    ("G20", "G25", "R25", "R26"),
    ("G40", "R56"),
    ("G43", "G44", "R51", "S06", "S09"),
    ("G47.33", "R06.83"),
    ("G56", "G57", "G62", "E11.4", "M54.12", "M54.16", "R20", "E53"),
    ("H81", "R42", "I95"),
    ("H25", "H26", "H35", "H40", "H52", "H53", "E11.31"),
    ("H10", "H57", "H00", "H01", "H04"),
    ("H60", "H61", "H65", "H66", "H90", "H91", "H92"),
    ("M15", "M16", "M17", "M19", "M25", "M70", "M75", "M79", "M06", "M10", "M32", "M35", "Z96.6"),
    ("M80", "M81", "M85"),
    ("M54", "M51", "M45", "M47", "M48", "M62", "S39", "S32"),
    ("C50", "Z85.3", "N60", "N63", "Z12.31", "Z51"),
    ("C61", "N40", "N41", "Z85.46", "R35", "R33", "R30", "R31"),
    ("N10", "N20", "N30", "N32", "N39", "C67", "C64", "R30", "R31", "R32", "R35", "R33"),
    ("N76", "N80", "N83", "N91", "N92", "N94", "N95", "N97", "D25", "C53", "C54", "C56", "E28",
     "B37.3", "R10.2", "Z90.71", "A54", "A56", "N73"),
    ("A41", "A49", "A69", "B27", "B34", "J", "U07", "R50", "R53", "R59", "R61", "N10", "D57.0", "L03"),
    ("L02", "L03", "L20", "L23", "L25", "L27", "L29", "L30", "L40", "L50", "B86", "B35", "B02", "R21"),
    ("L57", "L70", "L71", "L72", "L82", "D22", "C43", "C44", "D17"),
    ("E86", "E87", "E83"),
    ("E43", "E44", "E46", "R63", "E66"),
    ("C", "R63", "R59", "R22"),
    ("T78", "L50", "L71", "R21"),
    ("I63", "I65", "G45"),
    ("E87.2", "E10", "E11"),
    ("A41", "N17", "J96.0", "G93.4", "D69.6", "E87.2"),  # an organ that fails with it: R65.2-
    ("M80", "M81", "S22", "S32", "S42", "S52", "S62", "S72", "S82", "S92"),  # then M80: I.C.13.d.2
)  # fmt: skip
NEEDS: dict[str, tuple[str, ...]] = {  # a status is told only beside what it belongs to
    "Z79.4": ("E11",),
    "Z79.84": ("E11",),
    "Z79.01": ("I48", "I82", "I26"),
    "Z79.52": ("M35", "D86"),
    "Z79.82": ("I25", "I73"),
    "Z79.899": ("M06", "F20"),
    "Z68.41": ("E66.01",),
    "Z99.81": ("J44.9", "J84"),
}
# Long-term drug therapy is coded when the note tells that it goes on (I.C.4.a.3, I.C.21.c.3).
LONG_TERM: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("metformin", ("E11",), "Z79.84"),
    ("empagliflozin", ("E11",), "Z79.84"),
    ("apixaban", ("I48",), "Z79.01"),
    ("warfarin", ("I48",), "Z79.01"),
    ("aspirin", ("I25", "Z95", "I73"), "Z79.82"),
    ("clopidogrel", ("Z95", "I73"), "Z79.02"),
)
# How many of the patients who could have it do; 1 in 10 where nothing is said.
SHARES = {
    "Z87.891": 0.25, "Z88.0": 0.07, "Z94.0": 0.01, "Z95.0": 0.05, "Z85.3": 0.05, "Z85.46": 0.06,
    "Z85.038": 0.04, "Z86.718": 0.05, "I25.2": 0.06, "Z79.4": 0.3, "Z79.84": 0.2, "Z79.01": 0.3,
    "Z79.52": 0.3, "Z79.82": 0.3, "Z79.899": 0.4, "Z68.41": 0.6, "Z99.81": 0.3, "Z95.5": 0.08,
}  # fmt: skip
# What caused an injury, by the injury.
CAUSES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("T23",), ("X10", "X12")),
    (("S61.45", "S51.85"), ("W54.0", "W55.0")),
    (("S80.86", "S80.26"), ("W57",)),
    (("S61", "S91"), ("W26", "W25")),
    (("S39", "S46", "S76"), ("X50",)),
    (("S86",), ("X50.9",)),
    (("S13", "S16"), ("V43", "V89", "X50.0")),
    (("S20", "S22"), ("V43", "V89", "W10", "W01", "W51")),
    (("S72", "S32"), ("W01", "W18.30", "W06", "W07", "W10")),
    (("S00", "S01"), ("W22", "W10", "W01", "Y04", "W21", "V18", "W09", "W50")),
    (("S60", "S62.6"), ("W22", "W23", "W21", "W20")),
    (("S80", "S81"), ("W22", "W10", "W01", "V18", "W20")),
    (("S93", "S83"), ("W01", "W00", "W10", "W18.4", "W19", "X50.9", "V00.3", "W51", "W09")),
    (
        ("S0", "S4", "S5", "S6", "S8", "S9"),
        (
            "W01",
            "W00",
            "W07",
            "W10",
            "W11",
            "W18",
            "W19",
            "W54.1",
            "V18",
            "V00",
            "W14",
            "W09",
            "W51",
        ),
    ),
)
# What a discharge may leave uncertain and is coded all the same (II.H). Not here: what is coded only when
# it is confirmed, HIV, COVID-19 and identified influenza among it (I.C.1.a, I.C.1.g, I.C.10.c).
UNCERTAIN = ("A04.72", "A41.9", "G45.9", "G93.41", "I20.0", "I26", "I63.9", "J12.9", "J15.9", "J18.9", "J69",
             "K35.80", "K57.32", "K81", "K85", "L03", "N10", "N39.0", "J44.1", "T81.4")  # fmt: skip
# What families tell of.
FAMILIAL = ("C18", "C20", "C25", "C34.9", "C43.9", "C64", "C67", "C73", "C85", "C90", "C91", "D50.9",
            "D68", "E03", "E05", "E06", "E10.9", "E11.9", "E66.9", "E78.00", "E78.1", "E78.5", "F03", "F10.20",
            "F20", "F31", "F32.A", "F33", "F41", "G20", "G25.0", "G30", "G35", "G40", "G43.909", "H40", "H90",
            "I10", "I25.10", "I34", "I35", "I42", "I48.91", "I71", "I83", "J30", "J44.9", "J45.909", "K50", "K51",
            "K80.20", "K90", "L20", "L40", "M06", "M10", "M16", "M19", "N18.9", "N20.0", "Q61", "Q90")  # fmt: skip
# What a symptom may be a sign of, where a clinician would say so.
SUSPECTED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("R07", "R00", "R55"), ("I20.0", "I21.4", "I26", "I47")),
    (("R05", "R06", "R09", "R04.2"), ("J18.9", "J20", "I26", "J90", "U07")),
    (("R10.11", "R10.13", "R17"), ("K80.00", "K81", "K85", "K29")),
    (("R10", "R11", "R19"), ("K35", "K52", "K57.32", "K56.6", "A08")),
    (("R30", "R31", "R35"), ("N39", "N20.1")),
    (("R51", "R42", "R47", "R41.0", "R53.1"), ("G45", "I63", "G43.909", "H81")),
    (("R56",), ("G40", "F10.23")),
    (("R50", "R59"), ("B34", "B27", "J10", "N39", "J18.9")),
    (("R21", "L29"), ("L23", "L50", "B86")),
    (("R13", "R12"), ("K20", "K21")),
    (("M25",), ("M10", "M06")),
    (("M54",), ("M51", "M54.16")),
    (("R07.0",), ("J02.0", "J03")),
)


@cache
def groups_of(codes: tuple[IcdCode, ...]) -> frozenset[int]:
    """The places in GROUPS that one of the codes belongs to."""
    return frozenset(
        place for place, group in enumerate(GROUPS) if any(code.startswith(group) for code in codes)
    )


def share_of(code: IcdCode) -> float:
    """How many of the patients who could have this status do, 0..1."""
    return SHARES.get(code, 0.1)


def long_term_codes(codes: Collection[IcdCode], told: Iterable[str]) -> tuple[IcdCode, ...]:
    """The codes of the drugs that the told treatments continue for these conditions."""
    going_on = [treatment for treatment in told if treatment.startswith("continue ")]
    return tuple(
        dict.fromkeys(
            IcdCode(status)
            for drug, conditions, status in LONG_TERM
            if any(drug in treatment for treatment in going_on)
            and any(code.startswith(conditions) for code in codes)
        )
    )


def beginnings_for(
    code: str, table: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]
) -> tuple[str, ...]:
    """The right side of the first row whose left side the code begins with; none where none does."""
    return next((right for left, right in table if code.startswith(left)), ())
