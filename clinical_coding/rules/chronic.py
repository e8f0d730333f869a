"""Conditions that stay with a patient: in the past history they are still there.

A chronic disease may be coded at every visit at which it is documented (guidelines IV.I); a
condition that was treated and is gone may not, only its history code (IV.J). Cancer is not in the
list: once removed and no longer treated, it is history (I.C.2.m).
"""

_CATEGORIES = (
    "B18 B20 B91 D17 D50-D53 D55-D64 D66-D69 D80-D89 E00-E07 E08-E13 E20-E27 E28 E34 E40-E46 "
    "E50-E64 E65-E68 E70-E80 E83-E85 E88 F01-F09 F10-F19 F20-F48 F50-F59 F60-F69 F70-F98 G10-G14 "
    "G20-G26 G30-G37 G40 G43 G44 G47 G50-G65 G70-G73 G80-G83 G89-G90 G91 G93 H04 H18 H25-H28 H33-H36 "
    "H40-H42 H49-H54 H90-H93 I05-I09 I10-I16 I20 I25 I27 I34-I39 I42-I45 I47-I51 I65-I70 I69 "
    "I71-I73 I77-I79 I83-I89 J30-J37 J41-J47 J60-J70 J80-J84 K20-K22 K25-K31 K40-K46 K50-K52 "
    "K57-K58 K70-K77 K80 K86 K90 L10-L14 L20-L30 L40-L45 L57 L70-L73 L80-L94 L97 M05-M14 M15-M19 M20-M21 "
    "M30-M36 M40-M43 M45-M51 M53-M54 M72 M79-M81 M85 N03-N05 N08 N18-N19 N25-N28 N31-N32 N40-N42 "
    "N52 N60 N80-N81 N92 N95 Q00-Q99 R32 R73 Z00-Z99"
)


def _prefixes() -> frozenset[str]:
    """The categories one by one, those of a range as first letter and two digits."""
    single: set[str] = set()
    for item in _CATEGORIES.split():
        first, _, last = item.partition("-")
        letters = range(ord(first[0]), ord((last or first)[0]) + 1)
        for letter in map(chr, letters):
            low = int(first[1:]) if letter == first[0] else 0
            high = int((last or first)[1:]) if letter == (last or first)[0] else 99
            single.update(f"{letter}{number:02}" for number in range(low, high + 1))
    return frozenset(single)


_CHRONIC = _prefixes()


def is_chronic(code: str) -> bool:
    """Whether a code is for a lasting condition, or for a history or status itself (Z).

    A category with a letter (C7A, M1A) counts with the ten that it is in.
    """
    category = code[:3] if code[2].isdigit() else f"{code[:2]}0"
    return category in _CHRONIC
