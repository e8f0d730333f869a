"""The words that deny, doubt, date or pass on a finding, and how far each reaches.

A new cue is one word in a list here and one sentence in tests/unit/clinical_coding.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from clinical_coding.claim import Assertion
from clinical_coding.words import split_words


class Direction(Enum):
    """On which side of the cue stands what it speaks of."""

    FORWARD = "forward"  # a list of findings may follow: commas do not end it
    FORWARD_TO_COMMA = "forward to comma"
    FORWARD_IN_PROSE = "forward in prose"  # in a list of conditions only to the comma
    BACKWARD = "backward"  # to the comma before


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that change how what is near them is held; ``reach`` counts words.

    ``assertion`` is None for a pseudo-cue: words that look like a cue and are none.
    """

    words: tuple[str, ...]
    assertion: Assertion | None
    direction: Direction
    reach: int


_SENTENCE = 40  # words; a list of denied symptoms may be long
_NEXT_WORD = 1  # "non-tender hepatomegaly" denies the tenderness
_PHRASE = 6

# (assertion, direction, reach, cues separated by |)
_LISTS: tuple[tuple[Assertion | None, Direction, int, str], ...] = (
    (
        Assertion.ABSENT,
        Direction.FORWARD,
        _SENTENCE,
        "no|not|denies|denied|deny|denying|negative for|never|never had|neg for|"
        "absence of|absent|free of|no evidence of|no sign of|no signs of|no signs or symptoms of|"
        "no known|no complaints of|no complaint of|no suspicion of|"
        "ruled out|has not had|does not have|did not have|doesn't have|didn't have|"
        "does not report|does not complain of|hasn't had|no longer has|no longer|lack of|lacks|"
        "nor|neither|none of|fails to reveal|"
        "not demonstrate|not show|not reveal|failed to show|unremarkable for|excluded|"
        "no new|no active|no acute|no current|no recurrence of|cannot be|"
        "no concern for|no concerns for|low suspicion for|unlikely|unlikely to be",
    ),
    (Assertion.ABSENT, Direction.FORWARD_IN_PROSE, _SENTENCE, "without|w/o"),
    (
        Assertion.ABSENT,
        Direction.FORWARD_TO_COMMA,
        _PHRASE,
        "not|isn't|wasn't|don't have|didn't|doesn't|don't",
    ),
    (Assertion.ABSENT, Direction.FORWARD_TO_COMMA, _NEXT_WORD, "non"),
    (
        Assertion.ABSENT,
        Direction.BACKWARD,
        _PHRASE,
        "ruled out|was ruled out|were ruled out|has been ruled out|is ruled out|is absent|absent|"
        "are absent|was absent|were absent|not present|is not present|was not present|"
        "not seen|not identified|not observed|not found|not appreciated|not noted|unlikely|"
        "is unlikely|seems unlikely|was negative|were negative|is negative|are negative|negative|"
        "was excluded|were excluded|denied|is denied|none|not detected|was not seen|"
        "were not seen|has not been|have not been|not evident",
    ),
    (
        Assertion.POSSIBLE,
        Direction.FORWARD,
        10,
        "possible|possibly|probable|probably|suspected|suspect|suspicion of|suspicion for|"
        "suspicious for|suspicion|concern for|concerns for|concerning for|concerned for|"
        "concerned about|worrisome for|likely|most likely|questionable|question of|presumed|"
        "presumptive|presumably|rule out|r/o|to rule out|versus|vs|may have|may be|might have|"
        "might be|could be|could have|consider|considering|differential|differential diagnosis|"
        "differential includes|differential diagnosis includes|ddx|ddx includes|"
        "cannot exclude|can not exclude|cannot rule out|can't rule out|not excluded|"
        "consistent with|c/w|compatible with|suggestive of|suggesting|suggests|appears to be|"
        "appears to have|evaluate for possible|working diagnosis of|working diagnosis|"
        "perhaps|potentially|indicative of|comparable with|high index of suspicion for",
    ),
    (
        Assertion.POSSIBLE,
        Direction.BACKWARD,
        _PHRASE,
        "suspected|is suspected|was suspected|is possible|is likely|is probable|possible|"
        "probable|likely|cannot be excluded|cannot be ruled out|not excluded|versus|vs|"
        "is considered|is a possibility|in the differential|on the differential|questionable",
    ),
    (
        Assertion.HYPOTHETICAL,
        Direction.FORWARD,
        _SENTENCE,
        "if|should he|should she|should they|should there be|should the patient|in case of|"
        "in the event of|return for|return if|return to the ed for|return to clinic for|"
        "come back for|call for|call if|unless|"
        "seek care for|watch for|watch out for|monitor for|monitoring for|look for|"
        "signs and symptoms of|"
        "risk of|risk for|at risk for|at risk of|high risk for|risks of|risks including|"
        "risks include|"
        "to prevent|prevention of|preventing|prevent|prophylaxis for|prophylaxis against|"
        "precautions|"
        "precautions for|avoid|avoiding|educated about|educated on|counseled about|"
        "counseled on|education about|information about|screen for|screened for|screening for|"
        "evaluate for|evaluation for|to evaluate for|test for|tested for|testing for|"
        "assess for|check for|work up for|workup for|work-up for|side effects|"
        "side effects include|side effects including|adverse effects|may cause|can cause|"
        "could cause|might cause|may develop|could develop|can develop|would develop|"
        "vaccine for|vaccination against|immunized against|as needed for|prn|prn for|"
        "exposed to|exposure to|contact with|contacts with|in order to avoid|worry about|worried about|afraid of|fear of|fears|"
        "complications such as|complications including",
    ),
    (
        Assertion.HYPOTHETICAL,
        Direction.BACKWARD,
        _PHRASE,
        "precautions|prophylaxis|screening|vaccine|vaccination|prevention",
    ),
    (
        Assertion.CONDITIONAL,
        Direction.FORWARD,
        _PHRASE,
        "allergic to|allergy to|allergies to|intolerance to|reaction to|reacts to|"
        "sensitivity to|causes|caused by exposure to",
    ),
    (
        Assertion.HISTORICAL,
        Direction.FORWARD,
        _SENTENCE,
        "history of|history significant for|history is significant for|history notable for|"
        "history remarkable for|h/o|hx of|past history of|personal history of|"
        "history positive for|known history of|prior history of|remote history of|"
        "medical history of|medical history includes|medical history significant for|"
        "background of|status post|s/p|post",
    ),
    (
        Assertion.HISTORICAL,
        Direction.FORWARD,
        5,
        "prior|previous|previously|past|remote|former|formerly|old|childhood|recovered from|"
        "resolved|healed|had been treated for|was treated for|in the past",
    ),
    (
        Assertion.HISTORICAL,
        Direction.BACKWARD,
        _PHRASE,
        "years ago|year ago|in the past|as a child|in childhood|in remission|resolved|"
        "has resolved|have resolved|is resolved|was resolved|now resolved|since resolved|"
        "completely resolved|decades ago|in the remote past|in her youth|in his youth|"
        "years prior|years earlier|years before",
    ),
    (
        Assertion.FAMILY,
        Direction.FORWARD,
        _SENTENCE,
        "family history of|family history is significant for|family history significant for|"
        "family history is positive for|family history positive for|family history includes|"
        "family history|family hx of|family hx|fh of|fhx of|fh|fhx|familial history of|"
        "runs in the family|family members with|family member with|relatives with|"
        "relative with",
    ),
    (
        Assertion.FAMILY,
        Direction.FORWARD,
        12,
        "mother|father|mom|dad|brother|sister|brothers|sisters|sibling|siblings|parent|parents|"
        "grandmother|grandfather|grandparents|grandparent|uncle|aunt|uncles|aunts|cousin|cousins|"
        "maternal grandmother|maternal grandfather|paternal grandmother|paternal grandfather|"
        "maternal aunt|maternal uncle|paternal aunt|paternal uncle|son|daughter|wife|husband|"
        "spouse|girlfriend|boyfriend|partner|roommate|niece|nephew|half brother|half sister|"
        "twin brother|twin sister|relatives|coworker|coworkers|neighbor",
    ),
    (
        Assertion.FAMILY,
        Direction.BACKWARD,
        8,
        "in the family|in family|in his family|in her family|runs in the family|"
        "in mother|in father|in brother|in sister|in his mother|in his father|in his brother|"
        "in his sister|in her mother|in her father|in her brother|in her sister|"
        "in a brother|in a sister|in a parent|in both parents|in parents|"
        "in a first degree relative|in maternal grandmother|in maternal grandfather|"
        "in paternal grandmother|in paternal grandfather|in his grandmother|in her grandmother|"
        "in his grandfather|in her grandfather|in maternal aunt|in paternal uncle|"
        "in grandmother|in grandfather|in an aunt|in an uncle|on mother's side|"
        "on her mother's side|on his mother's side|on father's side|on her father's side|"
        "on his father's side|in the mother|in the father|in siblings",
    ),
    (  # pseudo-cues: longer than the cue that they hold, so they win
        None,
        Direction.FORWARD,
        0,
        "no change|no changes|no increase|no increase in|no change in|not only|not just|"
        "no significant change|no interval change|no improvement|not improved|not improving|"
        "not resolved|not better|not responding|no relief|without relief|without improvement|"
        "no better|not well controlled|not controlled|uncontrolled|poorly controlled|"
        "not at goal|without difficulty|not certain if|not certain whether|not sure if|"
        "not sure whether|unsure if|gram negative|not drain|no doubt|not compliant|"
        "not adherent|not taking|not taking his|not taking her|has not been taking|not able to|"
        "unable to|not tolerated|not tolerating|cannot tolerate|not sleep|not sleeping|not eating|"
        "does not sleep|not as|could not|can not|cannot|not necessarily|not secondary to|"
        "not due to|not further|not further specified|not specified|not otherwise specified|"
        "no longer able to|do not resuscitate|not resuscitate|not been taking|"
        "mother reports|father reports|mother states|father states|mother says|father says|"
        "mother notes|father notes|mom reports|dad reports|mom states|mom says|mom notes|"
        "parents report|parent reports|wife reports|husband reports|wife states|husband states|"
        "per mother|per father|per mom|per parents|per wife|per husband|per daughter|per son|"
        "per family|daughter reports|son reports|mother brought|parents brought|"
        "brought by mother|brought in by mother|brought by his mother|brought by her mother|"
        "brought in by his mother|brought in by her mother|brought in by parents|"
        "brought in by wife|brought in by husband|brought in by his wife|"
        "brought in by her husband|brought in by daughter|brought in by son|"
        "brought in by her daughter|brought in by her son|brought in by his daughter|"
        "brought in by his son|brought in by dad|brought in by mom|brought in by father|"
        "accompanied by mother|accompanied by father|accompanied by his mother|"
        "accompanied by her mother|accompanied by his wife|accompanied by her husband|"
        "accompanied by wife|accompanied by husband|accompanied by parents|accompanied by mom|"
        "accompanied by her daughter|accompanied by his daughter|accompanied by her son|"
        "accompanied by his son|lives with mother|lives with parents|lives with wife|"
        "lives with husband|lives with his wife|lives with her husband|lives with her daughter|"
        "lives with his daughter|lives with her son|lives with his son|lives with his mother|"
        "lives with her mother|mother denies|father denies|mother is concerned|"
        "mother is worried|history of present illness|history obtained from mother|"
        "history was obtained from mother|history obtained from|history provided by|"
        "without complication|without complications|post nasal|post void|old male|old female|"
        "old man|old woman|old boy|old girl|old gentleman|old lady|years old|year old|"
        "oriented to person|if any|as if|even if",
    ),
)

_TURNS = (
    "but however although though except besides nevertheless still yet now today currently "
    "presents presented presenting reports reported reporting endorses endorsed complains "
    "complaining complained admits states noted notes describes develops developed developing "
    "positive who which because since"
)
# The words that end a scope. A list goes on over commas and "and"; a new statement ends it.
_ENDS: dict[Assertion | None, str] = {
    Assertion.ABSENT: _TURNS + " has had with due secondary shows showed reveals revealed",
    Assertion.POSSIBLE: "but however although except who which because since given due",
    Assertion.HYPOTHETICAL: "but however although except because",
    Assertion.CONDITIONAL: _TURNS,
    Assertion.HISTORICAL: _TURNS + " here comes seen evaluated admitted found is was",
    Assertion.FAMILY: "but however although except patient she he himself herself who otherwise",
    None: "",
}


def _normals(text: str) -> tuple[str, ...]:
    return tuple(word.normal for word in split_words(text))


def _cues() -> Iterator[Cue]:
    for assertion, direction, reach, phrases in _LISTS:
        for phrase in phrases.split("|"):
            yield Cue(_normals(phrase), assertion, direction, reach)


def _by_first_word() -> dict[str, tuple[tuple[Cue, ...], ...]]:
    same: defaultdict[tuple[str, ...], list[Cue]] = defaultdict(list)
    for cue in _cues():
        same[cue.words].append(cue)
    starts: defaultdict[str, list[tuple[Cue, ...]]] = defaultdict(list)
    for words in sorted(same, key=len, reverse=True):
        starts[words[0]].append(tuple(same[words]))
    return {word: tuple(groups) for word, groups in starts.items()}


CUES = _by_first_word()  # first word -> the cues of each wording that begins so, longest first
TERMINATORS = {assertion: frozenset(_normals(words)) for assertion, words in _ENDS.items()}
