"""Whether what a patient says is a thing to have ("dry cough") or a clause ("feels faint")."""

from functools import cache

BEGINNING = 4  # the words in which a clause shows that it is one
# Verbs, and adjectives said of the patient, as the tables of conditions have them.
VERBS = (
    "aches are asks avoids banged barely beats blacked bled bleeds bruises bumped burn burns came can't "
    "cannot catches choked clicks could coughs cries craves crunched cut dialyzes dipped does drift droops "
    "eats feel feels felt flips forgets found gained gets goes grind hears hit holds hurt hurts itches jumps "
    "keeps latches leak leaks leave limps locks look looks loses lost moved moves nearly needs noticed not "
    "pulled pulls regurgitates rolled runs sags scalded sent shake shakes shook sleeps sliced smokes snores "
    "soaks spills spins split sticks stings straightens stung swims takes tingle tingled tires took turned "
    "turns twisted uses vomits wakes walks wants washes wheezes wishes woke worries wrenched"
)  # fmt: skip
STATES = (
    "achy", "awake", "bloated", "breathless", "cold", "confused", "constipated", "distracted", "dizzy",
    "doing", "drowsy", "foggy", "full", "lightheaded", "low since", "low again", "on edge", "on 2", "out of", "pale",
    "queasy", "shaky", "short of", "sore after", "sore between", "sore lifting", "sore on the side",
    "sore over", "stiff", "stuffed", "sweaty", "thirsty", "tired", "trying", "twitchy", "up four",
    "weak lifting", "worn",
)  # fmt: skip


@cache
def is_clause(said: str) -> bool:
    """Whether "presents with ..." cannot stand before it."""
    beginning = said.replace(",", "").split()[:BEGINNING]
    return said.startswith(STATES) or not set(VERBS.split()).isdisjoint(beginning)
