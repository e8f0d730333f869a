"""What Streamlit runs for each visitor: the look that all pages share, and the way between them."""

from pathlib import Path

import streamlit as st

from ui.access import is_admitted

SCREENS = Path(__file__).with_name("screens")
STYLE = Path(__file__).with_name("page.css")
PAGES = {  # a file of screens/ and its title; the first one opens at /
    "live_feed": "Live feed",
    "worklist": "Worklist",
    "try_note": "Try a note",
    "batch": "Batch",
    "analysis": "Analysis",
    "operations": "Operations",
}

st.set_page_config(page_title="CodeMyChart", page_icon="🩺", layout="wide")
st.html(STYLE)
pages = [
    st.Page(SCREENS / f"{name}.py", title=title, url_path=name, default=not place)
    for place, (name, title) in enumerate(PAGES.items())
]
page = st.navigation(pages, position="top")
if is_admitted():
    page.run()
