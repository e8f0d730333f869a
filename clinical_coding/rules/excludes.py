"""Codes that the tabular list says are never coded together (Excludes1, I.A.12.a)."""

from collections.abc import Iterator

from clinical_coding.rules.draft import Draft, Drop, Guideline, Standing

EXCLUDED = Guideline(section="I.A.12.a", says="never coded with another code of the claim")


def not_coded_here(draft: Draft) -> Iterator[Drop]:
    """Of two codes that exclude one another the more telling stays (I.A.12.a).

    A note of the one that names the other sends to the other: urinary tract infection to cystitis.
    Where it is mutual, a diagnosis stays before a symptom, what a phrase names before what only
    reads alike, a code that leaves no detail open before one that does, what the note names in more
    words ("bipolar disorder" before "depressed"), then the likelier.
    """
    kept: list[Standing] = []
    for one in sorted(draft.standing, key=lambda one: (_sent_elsewhere(one, draft), _telling(one))):
        if any(draft.conventions.excludes1(one.code, other.code) for other in kept):
            yield Drop(code=one.code, why=EXCLUDED)
        else:
            kept.append(one)


def _sent_elsewhere(one: Standing, draft: Draft) -> bool:
    gives_way = draft.conventions.gives_way
    return any(
        gives_way(one.code, other.code) and not gives_way(other.code, one.code)
        for other in draft.standing
    )


def _telling(one: Standing) -> tuple[bool, bool, bool, int, float, str]:
    return (
        one.code.startswith("R"),
        not one.named,
        one.unspecified,
        -max((span.end - span.start for span in one.evidence if one.named), default=0),
        -one.probability,
        one.code,
    )
