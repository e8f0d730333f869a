"""Gold codes against the Excludes1 notes of the tabular list (guideline I.A.12.a)."""

import re
import warnings
from functools import cache

from producers.synthetic import encounters

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # how it opens its own data
    import simple_icd_10_cm

CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]+)?"
ONE_OR_RANGE = re.compile(rf"({CODE})-?(?:-({CODE}))?")


@cache
def excluded(code: str) -> frozenset[tuple[str, str]]:
    """First and last beginning of what may not stand beside the code, from its notes and those above."""
    listed = code
    while not simple_icd_10_cm.is_valid_item(listed):
        listed = listed[:-1].rstrip("X.")
    lines = [
        line
        for item in (listed, *simple_icd_10_cm.get_ancestors(listed))
        for line in simple_icd_10_cm.get_excludes1(item)
        if "5th character" not in line  # a range of which only some codes are meant
    ]
    return frozenset(
        (low, high or low) for line in lines for low, high in ONE_OR_RANGE.findall(line)
    )


def test_no_two_codes_of_a_claim_exclude_one_another() -> None:
    """A clash could only be right where the two have nothing to do with one another; none is needed."""
    claims = {note.gold for note in encounters(3000, 77)}

    clashes = {
        (code, other)
        for claim in claims
        for code in claim
        for low, high in excluded(code)
        for other in claim
        if other != code and low <= other[: len(low)] and other[: len(high)] <= high
    }

    assert clashes == set()
