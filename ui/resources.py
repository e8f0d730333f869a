"""What one server holds for all its visitors, made when a page first asks for it."""

import streamlit as st

from runtime.settings import KafkaSettings, RegistrySettings, UiSettings, read
from ui.feed import Feed
from ui.following import follow


@st.cache_resource(show_spinner=False)
def feed() -> Feed:
    """One feed for the process, followed from now on."""
    return follow(read(KafkaSettings), read(RegistrySettings), read(UiSettings))
