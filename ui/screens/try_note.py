"""Try a note: its coding at once, at bars that can be moved. Nothing is stored, logged or published."""

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from clinical_coding.claim import Coding, Profile
from clinical_coding.engine import Thresholds, code_batch
from clinical_coding.note import Note, Sex
from runtime import clock
from ui.claim_panel import NO_CODES, codes_html, warnings_html, why_not_html
from ui.engine import asked_profile, loaded_engine, with_thresholds
from ui.evidence import note_html
from ui.head import title_html
from ui.held import held_words
from ui.resources import terms
from ui.samples import SAMPLES
from ui.theme import ENCOUNTERS, encounter, notice_html

if TYPE_CHECKING:
    from runtime.model_bundle import ModelBundle

LONGEST = 100_000  # characters
OLDEST = 150  # years
SEXES = tuple(Sex)
HINT = "Paste a note or pick a sample. It is coded in this page's memory and goes nowhere else."
SAMPLE, TEXT, CLASS, AGE, SEX = "sample", "text", "class", "age", "sex"  # keys of the form's state


def show() -> None:
    """The page."""
    st.html(title_html("try a note"))
    bundle = loaded_engine()
    if bundle is None:
        return
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        note, profile, bars = form(bundle)
    with right:
        if not note.text.strip():
            st.html(notice_html(HINT))
            return
        parts = with_thresholds(bundle.parts, profile, bars)
        (coding,) = code_batch([note], parts, profile)
        show_coding(note, coding)


def form(bundle: "ModelBundle") -> tuple[Note, Profile, Thresholds]:
    """What is asked: the note, the profile and the bars of its bands."""
    st.session_state.setdefault(SEX, Sex.UNKNOWN)
    st.selectbox("Sample", SAMPLES, index=None, key=SAMPLE, on_change=take_sample,
                 placeholder="Pick a synthetic note")  # fmt: skip
    text = st.text_area("Note", key=TEXT, height=300, max_chars=LONGEST)
    profile = asked_profile()
    usual = bundle.parts.ranking(profile).thresholds
    review, submit = st.slider(
        "Review from, submit from",
        0.0,
        1.0,
        (usual.review, usual.submit),
        0.01,
        key=f"bars {profile}",
    )
    first, second = st.columns(2)
    with first:
        kind = st.selectbox("Encounter", list(ENCOUNTERS), key=CLASS, format_func=encounter)
        age = st.number_input("Age in years", 0, OLDEST, None, key=AGE)
    with second:
        day = st.date_input("Date of service", usual_day(bundle), format="YYYY-MM-DD")
        sex = st.selectbox("Sex", SEXES, key=SEX)
    st.button("Code it")
    note = Note(text=text, encounter_class=kind, date_of_service=day, age_years=age, sex=sex)
    return note, profile, Thresholds(submit=submit, review=review)


def take_sample() -> None:
    """Fill the form with the chosen sample."""
    chosen = SAMPLES.get(st.session_state[SAMPLE] or "")
    if chosen is not None:
        st.session_state.update({
            TEXT: chosen.text, CLASS: chosen.encounter_class, AGE: chosen.age_years, SEX: chosen.sex
        })  # fmt: skip


def usual_day(bundle: "ModelBundle") -> date:
    """Today, or the last day of the release at hand where that is over."""
    return min(clock.now().date(), bundle.parts.code_set.valid_until)


def show_coding(note: Note, coding: Coding) -> None:
    """The codes, the note with its evidence, and what was left out."""
    codes = codes_html(coding.diagnoses) or notice_html(NO_CODES)
    st.html(warnings_html(coding.warnings) + codes)
    st.html(note_html(note.text, coding.diagnoses, held_words(note.text, terms())))
    st.html(why_not_html(coding.dropped))


if __name__ == "__main__":  # as Streamlit runs it
    show()
