"""Synthetic notes to try: written for this page, of nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinical_coding.note import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A note that was made up, and whose visit it might be of."""

    encounter_class: str
    age_years: int
    sex: Sex
    text: str


SAMPLES: Mapping[str, Sample] = {
    "Clinic: diabetes and kidneys": Sample(
        encounter_class="AMB",
        age_years=67,
        sex=Sex.FEMALE,
        text="""\
HPI: 67 year old woman seen for follow-up. T2DM with CKD stage 3a, on insulin for ten years. Home \
glucose 110 to 160. Denies chest pain and leg swelling.

PMH: hypertension, hyperlipidemia. Former smoker.

Family history: mother with breast cancer, father had a stroke.

Assessment:
1. Type 2 diabetes with chronic kidney disease stage 3a, stable on insulin.
2. Hypertension, at goal. Continue lisinopril.
3. Hyperlipidemia, continue atorvastatin.
""",
    ),
    "Emergency: chest pain": Sample(
        encounter_class="EMER",
        age_years=58,
        sex=Sex.MALE,
        text="""\
CC: chest pain

HPI: 58 year old man with chest pain and shortness of breath for 2 days, worse on the stairs. No \
fever, no cough, denies leg pain. His brother had a heart attack at 50.

PMH: essential hypertension, GERD.

ED course: ECG without ischemia, two troponins negative. Possible costochondritis. No evidence of \
pulmonary embolism.

Diagnosis: Chest pain, unspecified. Hypertension.
""",
    ),
    "Discharge: pneumonia": Sample(
        encounter_class="IMP",
        age_years=74,
        sex=Sex.MALE,
        text="""\
Hospital course: Admitted with productive cough and fever. Chest film showed a right lower lobe \
infiltrate. Treated for pneumonia with ceftriaxone, with an acute exacerbation of his COPD treated \
with steroids. Acute kidney injury on admission resolved with fluids.

Past medical history: COPD, atrial fibrillation on apixaban, old stroke without deficits.

Discharge diagnoses:
- Pneumonia
- COPD with acute exacerbation
- Acute kidney injury, resolved
- Atrial fibrillation
""",
    ),
    "Urgent care: a fall": Sample(
        encounter_class="AMB",
        age_years=34,
        sex=Sex.FEMALE,
        text="""\
HPI: 34 year old woman twisted her right ankle when she fell on ice at home today. Pain and swelling \
over the outer ankle. No head injury, no loss of consciousness. Not pregnant.

Imaging: no fracture.

Assessment: Sprain of right ankle, initial encounter. Brace, ice, ibuprofen. Anxiety disorder, on \
sertraline, stable.
""",
    ),
}
