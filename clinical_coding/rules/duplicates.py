"""Each condition is reported once (I.B.2, I.B.12)."""

from collections.abc import Iterator

from clinical_coding.claim import Evidence
from clinical_coding.rules.draft import Draft, Drop, Guideline, Standing

SAME_WORDS = Guideline(section="I.B.2", says="the same words support a likelier code")
SAME_CATEGORY = Guideline(section="I.B.12", says="another code of the category is likelier")
MORE_DETAIL = Guideline(section="I.B.2", says="a more detailed code of the category is documented")
_AS_MANY_AS_NEEDED = ("E08", "E09", "E10", "E11", "E13")  # diabetes, I.C.4.a


def same_words_once(draft: Draft) -> Iterator[Drop]:
    """Words are coded once, to the highest level of detail (I.B.2).

    Of several readings the likeliest stays, one that a phrase names before others.
    """
    taken: list[Evidence] = []
    for one in sorted(draft.standing, key=lambda one: (not one.named, -one.probability, one.code)):
        if all(any(_overlap(span, other) for other in taken) for span in one.evidence):
            yield Drop(code=one.code, why=SAME_WORDS)
        else:
            taken += one.evidence


def one_code_of_a_category(draft: Draft) -> Iterator[Drop]:
    """A condition is reported once, in its most detailed code (I.B.2, I.B.12).

    Two codes of one category stay only where phrases of different words name both, and neither is
    the unspecified one: two knees, two kinds of headache. Diabetes takes as many codes as it has
    complications (I.C.4.a).
    """
    kept: dict[str, list[Standing]] = {}
    for one in sorted(
        draft.standing, key=lambda one: (one.unspecified, -one.probability, one.code)
    ):
        others = kept.setdefault(one.code[:3], [])
        if not others or one.code.startswith(_AS_MANY_AS_NEEDED):
            others.append(one)
        elif one.unspecified:
            yield Drop(code=one.code, why=MORE_DETAIL)
        elif not one.named or not all(other.named for other in others):
            yield Drop(code=one.code, why=SAME_CATEGORY)
        else:
            others.append(one)


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end
