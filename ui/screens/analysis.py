"""Technical analysis: what the model is, how good it is, what it goes by, and what changes."""

import html

import streamlit as st

from clinical_coding.claim import Profile
from clinical_coding.errors import CodingError
from clinical_coding.features import FEATURES
from runtime.bundle_files import RANKERS, SHIPPED_BUNDLE, BundleDescription, describe
from runtime.page_settings import UiSettings
from runtime.ranker import importance, load_booster
from runtime.settings import ModelSettings, read
from ui.comparing import section, show_drift, show_replays
from ui.evaluation import FIGURES, OWN_REPORT, Compared, Report, figure_words, read_report
from ui.evaluation_charts import (
    calibration_chart,
    fates_chart,
    importance_chart,
    precision_chart,
    recall_chart,
    sides,
)
from ui.head import title_html
from ui.model_card import model_card_html
from ui.theme import PROFILES, notice_html, table_html

NO_REPORT = (
    "No evaluation to show: make one with `codemychart evaluate --report FOLDER` and name its "
    "evaluation.json in CMC_UI_EVALUATION."
)
OTHER_MODEL = "The evaluation is of model {told}, not of the one in use, {used}."


def show() -> None:
    """The page."""
    st.html(title_html("technical analysis"))
    folder = read(ModelSettings).bundle_dir or SHIPPED_BUNDLE
    try:
        described, digest = describe(folder)
    except CodingError as error:
        st.html(notice_html(str(error), role="alert"))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.html(model_card_html(described, digest))
    with right:
        show_importance(described)
    show_evaluation(f"{described.version}-{digest[:8]}")
    show_replays()
    show_drift()


@st.cache_data(show_spinner=False)
def importance_of(profile: Profile, digest: str) -> dict[str, float]:
    """The shares of the features in the ranker of a profile; ``digest`` is that of its file."""
    del digest
    folder = read(ModelSettings).bundle_dir or SHIPPED_BUNDLE
    return importance(load_booster(folder / RANKERS[profile], FEATURES, threads=1), FEATURES)


def show_importance(described: BundleDescription) -> None:
    """What the rankers' trees gain most by."""
    section("What the ranker goes by")
    tabs = st.tabs([f"for {PROFILES[profile]}" for profile in described.rankings])
    for tab, profile in zip(tabs, described.rankings, strict=True):
        with tab:
            shares = importance_of(profile, described.files[RANKERS[profile]])
            chart = importance_chart(shares)
            st.altair_chart(chart, alt="Share of each feature in the gain of the ranker's trees")


def show_evaluation(model_version: str) -> None:
    """The report, a set at a time; or how to make one."""
    path = read(UiSettings).evaluation or OWN_REPORT
    if path == OWN_REPORT and not path.exists():
        st.html(notice_html(NO_REPORT))
        return
    try:
        report = read_report(path)
    except CodingError as error:
        st.html(notice_html(str(error), role="alert"))
        return
    section("Evaluation")
    show_report(report, model_version)


def show_report(report: Report, model_version: str) -> None:
    """Figures against the baseline, calibration, precision and recall, and what became of the gold codes."""
    for words in remarks(report, model_version):
        st.html(notice_html(words))
    name = st.radio("Notes", list(report.sets), horizontal=True)
    found = report.sets[name]
    left, right = st.columns(2, gap="large")
    with left:
        st.html(figures_html(found))
    with right:
        section("Calibration")
        st.altair_chart(
            calibration_chart(found), alt="Probability given against share that is gold"
        )
        section("Precision and recall by the bar")
        st.altair_chart(precision_chart(found), alt="Precision against recall, by the probability")
    left, right = st.columns(2, gap="large")
    with left:
        section("What became of the gold codes")
        st.altair_chart(fates_chart(found), alt="Gold codes reported, or lost by which step")
        st.html(reasons_html(found))
    with right:
        section("Recall by depth")
        st.altair_chart(recall_chart(found), alt="Recall among a note's likeliest candidates")


def remarks(report: Report, model_version: str) -> list[str]:
    """What a reader of the figures must know."""
    other = OTHER_MODEL.format(told=report.model_version, used=model_version)
    return [*report.remarks, *([other] if report.model_version != model_version else [])]


def figures_html(found: Compared) -> str:
    """The figures of engine and baseline side by side."""
    compared = sides(found)
    rows = [
        (words, *(figure_words(name, side.figures.get(name)) for side in compared.values()))
        for name, words in FIGURES.items()
    ]
    return table_html("Figures", ("figure", *compared), rows)


def reasons_html(found: Compared) -> str:
    """The rules and assertions that took gold codes, most first."""
    if not found.reasons:
        return '<p class="cmc-dim">No rule took a gold code.</p>'
    ordered = sorted(found.reasons.items(), key=lambda one: -one[1])
    rows = [(html.escape(reason), f"{count:,}") for reason, count in ordered]
    return table_html("Rules that took gold codes", ("rule that took gold codes", "codes"), rows)


if __name__ == "__main__":  # as Streamlit runs it
    show()
