"""Each condition is reported once (I.B.2, I.B.12)."""

from collections.abc import Iterator

from clinical_coding.claim import Evidence
from clinical_coding.rules.draft import Draft, Drop, Guideline, Standing
from clinical_coding.rules.external_causes import EXTERNAL_CAUSES
from clinical_coding.words import content_words

SAME_WORDS = Guideline(section="I.B.2", says="the same words support a likelier code")
SAME_CATEGORY = Guideline(section="I.B.12", says="another code of the category is likelier")
MORE_DETAIL = Guideline(section="I.B.2", says="a more detailed code of the category is documented")
MORE_SAID = Guideline(section="I.B.2", says="the note names the same condition in more detail")
_KIND_OF_PAIN, _SITE_OF_PAIN = "G89", ("M25.5", "M54", "M79.6", "R07", "R10")
_AS_MANY_AS_NEEDED = ("E08", "E09", "E10", "E11", "E13")  # diabetes, I.C.4.a


def same_words_once(draft: Draft) -> Iterator[Drop]:
    """Words are coded once, to the highest level of detail (I.B.2).

    Of several readings the likeliest stays, one that a phrase names before others. Words that say
    both sides are two codes where none names both (I.B.13), and so are those that say of a pain
    that it is chronic and where it is (I.C.6.b.1.b), and of an injury what caused it (I.C.20).
    """
    kept: list[Standing] = []
    for one in sorted(draft.standing, key=lambda one: (not one.named, -one.probability, one.code)):
        rivals = (other for other in kept if not _say_two_things(one, other, draft))
        taken = [span for rival in rivals for span in rival.evidence]
        if all(any(_overlap(span, other) for other in taken) for span in one.evidence):
            yield Drop(code=one.code, why=SAME_WORDS)
        else:
            kept.append(one)


def _say_two_things(one: Standing, other: Standing, draft: Draft) -> bool:
    if one.code.startswith(EXTERNAL_CAUSES) != other.code.startswith(EXTERNAL_CAUSES):
        return True
    if not (one.named and other.named):
        return False
    pains = sorted((one.code, other.code), key=lambda code: not code.startswith(_KIND_OF_PAIN))
    told = pains[0].startswith(_KIND_OF_PAIN) and pains[1].startswith(_SITE_OF_PAIN)
    return told or draft.conventions.differ_in_side(one.code, other.code)


def what_is_named_in_more_detail(draft: Draft) -> Iterator[Drop]:
    """A condition is coded in the most detail that the note gives (I.B.2).

    Of "anemia" and "iron deficiency anemia" the unspecified code of the former falls: its words are
    the end of what names another code.
    """
    phrases = {one.code: _phrases(one, draft.note.text) for one in draft.standing if one.named}
    for one in draft.standing:
        short = phrases.get(one.code) if one.unspecified else None
        longer = [name for code, of in phrases.items() if code != one.code for name in of]
        if short and all(any(_is_end(name, other) for other in longer) for name in short):
            yield Drop(code=one.code, why=MORE_SAID)


def _phrases(one: Standing, text: str) -> list[tuple[str, ...]]:
    return [tuple(content_words(text[span.start : span.end])) for span in one.evidence]


def _is_end(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return bool(short) and len(long) > len(short) and long[-len(short) :] == short


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
