"""The engine in the page's own process: loaded when a page first asks for it, once for all visitors."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from clinical_coding.claim import Profile
from clinical_coding.engine import EngineParts, Thresholds
from clinical_coding.errors import CodingError, MisconfiguredError
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, read
from ui.theme import PROFILES, notice_html

if TYPE_CHECKING:
    from runtime.model_bundle import ModelBundle


def loaded_engine() -> "ModelBundle | None":
    """The engine; where it cannot be loaded the page is told why and what to do, and None comes."""
    try:
        return _engine()
    except CodingError as error:
        st.html(notice_html(f"The engine cannot be loaded: {error}.", role="alert"))
        return None


@st.cache_resource(show_spinner="Loading the engine: some seconds, the first time ever a minute")
def _engine() -> "ModelBundle":
    try:
        from runtime.model_bundle import load_bundle  # noqa: PLC0415 - a UI alone may lack it
    except ModuleNotFoundError as error:
        raise MisconfiguredError(
            f"expected the packages that run the engine; got no {error.name}; install "
            "codemychart[worker] beside codemychart[ui]"
        ) from None
    return load_bundle(read(ModelSettings), read(FolderSettings), silent)


def asked_profile() -> Profile:
    """Which codes the visitor wants."""
    asked = st.segmented_control("Codes for", tuple(Profile), default=Profile.CLAIM, required=True,
                                 format_func=PROFILES.__getitem__)  # fmt: skip
    return asked or Profile.CLAIM


def with_thresholds(parts: EngineParts, profile: Profile, thresholds: Thresholds) -> EngineParts:
    """The same engine with other bars for one profile."""
    ranking = replace(parts.ranking(profile), thresholds=thresholds)
    return replace(parts, rankings={**parts.rankings, profile: ranking})
