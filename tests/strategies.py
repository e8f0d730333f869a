"""Generated values for property tests, named by what they make."""

from hypothesis import strategies as st

_PIECES = (
    "Chest pain", "fever", "Denies", "no", "HPI:", "PMH:", "Assessment:", "ROS:", "Family History",
    "htn", "type 2 diabetes", "left", "mother", ",", ".", ";", ":", "(", ")", "-", "\u2022", "1.",
    "\n", "\r\n", "\r", "\u2028", "\t", " ", "\x00", "\ud800", "\U0001f469\u200d\u2695\ufe0f",
    "caf\u00e9", "e\u0301", "\u0627\u0644\u0635\u062f\u0631", "\u05db\u05d0\u05d1", "\u202e",
    "\u0130", "\ufb01", "7.5", "s/p", "Crohn's",
)  # fmt: skip

# Any characters at all, lone surrogates and NUL included.
any_text = st.text(st.characters(), max_size=200)
# What notes are made of, in any order: headers, cues, breaks of every kind, other scripts.
note_texts = st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join) | any_text
# Words of a small vocabulary, so that phrases meet.
few_words = st.lists(
    st.sampled_from(["pain", "chest", "knee", "left", "fever", "and", "acute", "renal"]),
    max_size=12,
)
