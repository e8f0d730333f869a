"""What one server holds for all its visitors, made when a page first asks for it."""

import streamlit as st

from clinical_coding.term_table import TermTable
from runtime.code_set_files import load_code_set, load_code_sets
from runtime.key_files import local_keys
from runtime.page_settings import UiSettings
from runtime.roles import Role
from runtime.settings import (
    EncryptionSettings,
    FolderSettings,
    KafkaSettings,
    RegistrySettings,
    WorkerSettings,
    read,
)
from runtime.term_table_files import load_term_table
from schemas.sealed_text import opening
from ui.code_search import CodeSearch, code_search
from ui.feed import Feed
from ui.following import follow
from ui.review_sender import ReviewSender, review_sender


@st.cache_resource(show_spinner=False)
def feed() -> Feed:
    """One feed for the process, followed from now on."""
    opened = opening(local_keys(read(EncryptionSettings)))
    kafka, group = read(KafkaSettings, Role.UI), read(WorkerSettings).group
    return follow(kafka, read(RegistrySettings), read(UiSettings), opened, group)


@st.cache_resource(show_spinner=False)
def sender() -> ReviewSender:
    """Publishes the reviews of all coders."""
    return review_sender(read(KafkaSettings, Role.UI), read(RegistrySettings))


@st.cache_resource(show_spinner=False)
def terms() -> TermTable:
    """The shipped terms: what a note is read with to be shown."""
    return load_term_table(load_code_set().version)


@st.cache_resource(show_spinner="Reading the codes")
def search_of(version: str) -> CodeSearch:
    """A search over the release of this version; over the shipped one where it is not at hand."""
    shipped, folder = load_code_set(), read(FolderSettings).code_sets
    releases = [shipped, *(load_code_sets(folder) if folder else ())]
    return code_search(next((r for r in releases if r.version == version), shipped))
