"""Which rules a profile applies, and in which order: the place to read what the engine does.

A new rule is a function in a module of its theme, a line here and a line in docs/rules.md.
"""

from collections.abc import Iterable, Iterator

from clinical_coding.candidates import Candidate
from clinical_coding.claim import DroppedCode, Profile
from clinical_coding.rules.admission import BELOW_REVIEW, FLOOR, Question, admit
from clinical_coding.rules.combination_codes import (
    conditions_that_one_code_names,
    coronary_disease_with_angina,
    diabetes_with_its_complications,
    diabetes_without_complications_stands_alone,
    hypertension_with_heart_or_kidney_disease,
)
from clinical_coding.rules.draft import Draft, Rule, apply, dropped
from clinical_coding.rules.duplicates import (
    one_code_of_a_category,
    same_words_once,
    what_is_named_in_more_detail,
)
from clinical_coding.rules.edits import (
    codes_for_the_patients_age,
    codes_for_the_patients_sex,
    complete_codes_only,
    manifestation_with_its_cause,
)
from clinical_coding.rules.excludes import not_coded_here
from clinical_coding.rules.external_causes import (
    circumstances_of_a_first_visit,
    external_cause_of_the_same_encounter,
    external_cause_only_with_what_it_caused,
    fall_of_a_kind,
)
from clinical_coding.rules.family_history import family_history
from clinical_coding.rules.history_status import (
    body_mass_index_with_its_diagnosis,
    insulin_with_diabetes,
    personal_history,
    removed_malignancy_is_history,
)
from clinical_coding.rules.integral_symptoms import symptoms_integral_to_a_diagnosis
from clinical_coding.rules.sequencing import sequenced
from clinical_coding.rules.trail import Step

MAX_DROPPED = 40
ADMISSION = "admission"  # the step before all rules

CLAIM_RULES: tuple[Rule, ...] = (
    complete_codes_only,
    same_words_once,
    # What was is told as history, before anything is combined with it.
    removed_malignancy_is_history,
    personal_history,
    family_history,
    # Edits before combinations: what cannot be the patient's is combined with nothing.
    codes_for_the_patients_sex,
    codes_for_the_patients_age,
    coronary_disease_with_angina,
    hypertension_with_heart_or_kidney_disease,
    diabetes_with_its_complications,
    diabetes_without_complications_stands_alone,
    conditions_that_one_code_names,
    insulin_with_diabetes,
    # What is left is coded once.
    one_code_of_a_category,
    what_is_named_in_more_detail,
    symptoms_integral_to_a_diagnosis,
    not_coded_here,
    body_mass_index_with_its_diagnosis,
    fall_of_a_kind,
    external_cause_of_the_same_encounter,
    circumstances_of_a_first_visit,
    external_cause_only_with_what_it_caused,
    manifestation_with_its_cause,
)
# Its ranker was fitted to say which of several readings of the same words are documented.
MENTIONS_RULES: tuple[Rule, ...] = (complete_codes_only,)


def under_the_guidelines(
    ranked: Iterable[tuple[Candidate, float]], question: Question
) -> tuple[Draft, tuple[DroppedCode, ...]]:
    """The codes of a note's candidates in their final order, and what was left out, likeliest first.

    ``ranked`` has each candidate with its probability, in any order.
    """
    *_, last = steps(ranked, question)
    return last.draft, _left_out(last.draft)


def steps(ranked: Iterable[tuple[Candidate, float]], question: Question) -> Iterator[Step]:
    """The draft after admission and after each rule of the profile; a claim's last is in order."""
    draft = admit(ranked, question)
    yield Step(rule=ADMISSION, draft=draft)
    for rule in CLAIM_RULES if question.profile is Profile.CLAIM else MENTIONS_RULES:
        draft = apply(rule, draft)
        yield Step(rule=rule.__name__, draft=draft)
    if question.profile is Profile.CLAIM:
        yield Step(rule=sequenced.__name__, draft=sequenced(draft))


def _left_out(draft: Draft) -> tuple[DroppedCode, ...]:
    """Everything that is not reported, with its reason; at most MAX_DROPPED codes, each once."""
    unlikely = (dropped(one, BELOW_REVIEW) for one in draft.unlikely if one.probability >= FLOOR)
    refused = (dropped(one, one.why) for one in draft.refused)
    reported = {one.code for one in draft.standing}
    once = {one.code: one for one in (*unlikely, *refused, *draft.dropped)}
    out = (one for one in once.values() if one.code not in reported)
    return tuple(sorted(out, key=lambda one: (-one.probability, one.code))[:MAX_DROPPED])
