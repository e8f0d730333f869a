"""How everything stands, for the page of operations: asked at most every ASK_S for all visitors."""

from dataclasses import dataclass

import streamlit as st

from runtime.embedded import services
from runtime.process_health import process_states
from runtime.processes import State
from runtime.settings import FolderSettings, read

ASK_S = 5.0
OWN_PAGE = "ui"  # its answer is this page


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """A process or service on this machine, by what it says of itself."""

    name: str
    state: State
    is_well: bool
    says: str


@st.cache_data(ttl=ASK_S, show_spinner=False)
def on_this_machine() -> list[Stands]:
    """The processes of this state folder, and its embedded services if it ever had any."""
    folders = read(FolderSettings)
    own = [
        Stands(
            name=name,
            state="running" if name == OWN_PAGE else found.state,
            is_well=name == OWN_PAGE or found.is_well,
            says="" if found.health is None else str(found),
        )
        for name, found in process_states(folders.state_dir).items()
    ]
    here = services.status(folders) if services.were_started(folders) else ()
    embedded = [
        Stands(
            name=found.name,
            state=found.state,
            is_well=found.healthy or found.state == "stopped",
            says=found.address or "",
        )
        for found in here
    ]
    return [*own, *embedded]
