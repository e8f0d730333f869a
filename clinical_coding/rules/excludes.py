"""Codes that the tabular list says are never coded together (Excludes1, I.A.12.a)."""

from collections.abc import Iterator

from clinical_coding.rules.draft import Draft, Drop, Guideline, Standing

EXCLUDED = Guideline(section="I.A.12.a", says="never coded with another code of the claim")


def not_coded_here(draft: Draft) -> Iterator[Drop]:
    """Of two codes that exclude one another the more telling stays (I.A.12.a).

    A diagnosis before a symptom, what a phrase names before what only reads alike, a code that
    leaves no detail open before one that does, then the likelier, then the one that
    more of the note's letters tell.
    """
    kept: list[Standing] = []
    for one in sorted(draft.standing, key=_telling):
        if any(draft.conventions.excludes1(one.code, other.code) for other in kept):
            yield Drop(code=one.code, why=EXCLUDED)
        else:
            kept.append(one)


def _telling(one: Standing) -> tuple[bool, bool, bool, float, int, str]:
    longest = max(span.end - span.start for span in one.evidence)
    symptom = one.code.startswith("R")
    return symptom, not one.named, one.unspecified, -one.probability, -longest, one.code
