"""How a note holds a finding: each case is a sentence, the finding in brackets."""

import pytest

from clinical_coding.claim import Assertion
from clinical_coding.reading import read

CASES = """
present: She has [fever].
present: Chest pain and [shortness of breath] for 2 days. Denies fever.
present: No fever but has [chest pain].
present: Denies fever; reports [cough].
present: No change in her [cough].
present: Gram negative [sepsis].
present: Non-painful [hepatomegaly].
absent: Non-[diabetic].
present: On day 12 resolution of [acute renal failure] was noted.
present: Hypertension, not well controlled, and [asthma].
present: [Hypertension], COVID negative.
present: Mother reports [fever] since Monday.
present: Accompanied by his mother, he has [fever].
present: Type 2 [diabetes] without complications.
present: He denies chest pain and has [cough].
present: PMH: Depression, not further specified, [psoriasis].
present: PMH: Coronary artery disease without angina, [gout].
present: He is worried; [headache] is daily.
present: 54-year-old male with [chest pain].
absent: Denies [fever].
absent: Denies fever, chills, nausea, vomiting or [chest pain].
absent: No fever, chills, or [cough].
absent: No evidence of [pneumonia] on x-ray.
absent: [Pneumonia] was ruled out.
absent: Fever: denied, [cough]: negative.
absent: Patient doesn't have [diabetes].
absent: Negative for [rash].
absent: Presented without fever, chills or [cough].
absent: No family history of [diabetes].
absent: Low suspicion for [stroke].
absent: ROS: negative for headache, [dizziness].
possible: Likely [pneumonia].
possible: Findings consistent with [pneumonia].
possible: Rule out [stroke].
possible: Concern for [sepsis].
possible: [Pneumonia] is suspected.
possible: Stroke versus [migraine].
possible: [Pneumonia], likely.
possible: Chest pain, likely [reflux].
present: [Chest pain], likely reflux.
absent: [Pulmonary embolism] unlikely given the low D-dimer.
hypothetical: Return if [fever] develops.
hypothetical: Call for worsening [headache].
hypothetical: She is at risk for [falls].
hypothetical: Return precautions: [fever], chest pain.
hypothetical: Exposure to [influenza] at work.
conditional: Allergies: penicillin ([rash]).
historical: History of [stroke].
historical: History of diabetes, hypertension and [stroke] who presents with syncope.
present: History of stroke who presents with [syncope].
historical: [Stroke] 5 years ago.
historical: [Pneumonia] has resolved.
historical: Previous [appendicitis].
family: Mother had [breast cancer] at 50.
family: Family History: father - [myocardial infarction].
family: Family history of [colon cancer].
family: [Diabetes] in his mother.
family: Sister with [asthma] and eczema.
present: Mother had breast cancer but the patient has [asthma].
"""
PARSED = [tuple(line.split(": ", 1)) for line in CASES.strip().splitlines()]


@pytest.mark.parametrize(("held", "marked"), PARSED, ids=[marked for _, marked in PARSED])
def test_a_finding_is_held_as_the_sentence_says(held: str, marked: str) -> None:
    start = marked.index("[")
    text = marked.replace("[", "").replace("]", "")
    end = marked.index("]") - 1
    sentence = next(s for s in read(text) if any(w.start >= start for w in s.words))
    places = [at for at, word in enumerate(sentence.words) if start <= word.start < end]

    assert sentence.scopes.of_mention(places[0], places[-1] + 1) is Assertion(held)


def test_a_cue_within_a_term_leaves_the_term_as_it_stands() -> None:
    """Family history of diabetes is a code of its own, and here it is present."""
    (sentence,) = read("Family history of diabetes.")

    assert sentence.scopes.of_mention(0, 4) is Assertion.PRESENT
    assert sentence.scopes.of_mention(3, 4) is Assertion.FAMILY


def test_a_clause_is_held_as_its_findings_are_whatever_its_cue() -> None:
    (sentence,) = read("Denies any fever")

    assert sentence.scopes.of_clause(0, 3) is Assertion.ABSENT
