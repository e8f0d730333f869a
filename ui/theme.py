"""The look that all pages share: marks with shape as well as colour, in light and dark."""

from clinical_coding.claim import Band

BAND_MARKS = {Band.SUBMIT: "●", Band.REVIEW: "◆"}
BAND_WORDS = {Band.SUBMIT: "submit", Band.REVIEW: "review"}
ACCENT = "#0f6fb5"
STYLE = """
<style>
.block-container {padding-top: 2.2rem; padding-bottom: 1rem; max-width: 1800px;}
[data-testid="stMetricValue"] {font-size: 1.45rem;}
.cmc-note {white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.75; font-size: .92rem;
  border: 1px solid rgba(128,128,128,.3); border-radius: 6px; padding: .8rem 1rem;
  max-height: 46vh; overflow-y: auto;}
.cmc-mark {color: inherit; border-bottom: 2px solid; border-radius: 3px; padding: 0 .1em;}
.cmc-code {font-size: .68rem; opacity: .8; margin: 0 .15em; font-family: monospace;}
.cmc-dim {opacity: .75; font-size: .88rem;}
</style>
"""


def band_label(band: Band) -> str:
    """The band as shape and word."""
    return f"{BAND_MARKS[band]} {BAND_WORDS[band]}"
