"""What the bundle in use is: its own description as a table."""

import html
from collections.abc import Iterator

from runtime.bundle_files import BundleDescription
from ui.theme import PROFILES, table_html


def model_card_html(described: BundleDescription, digest: str) -> str:
    """Versions, what it was fitted on, the bars of each profile, and how good it was when fitted.

    ``digest`` stands for the whole bundle; its beginning is in each claim's model version.
    """
    table = table_html("Model card", ("", ""), _facts(described, digest))
    held_out = table_html("Figures when fitted", ("on notes held out", ""), _metrics(described))
    files = [(html.escape(n), f"<code>{sha}</code>") for n, sha in described.files.items()]
    return (
        f'<h2 class="cmc-title">Model card</h2>{table}'
        '<details class="cmc-fold"><summary>Figures of the notes held out when it was fitted</summary>'
        f"{held_out}</details>"
        '<details class="cmc-fold"><summary>Files</summary>'
        f"{table_html('Files', ('file', 'SHA-256'), files)}</details>"
    )


def _facts(described: BundleDescription, digest: str) -> Iterator[tuple[str, str]]:
    yield "model", html.escape(f"{described.version}-{digest[:8]}")
    yield "proposes", "ICD-10-CM codes with their evidence to a coder; decides no care"
    yield "code set", html.escape(described.code_set)
    yield "encoder", html.escape(f"{described.encoder}, {described.encoder_sha256[:12]}")
    yield "features", f"version {described.features_version}"
    for profile, ranking in described.rankings.items():
        bars = ranking.thresholds
        told = f"submit from {bars.submit:.2f}, review from {bars.review:.2f}"
        yield html.escape(f"bars, {PROFILES[profile]}"), told
    for name, value in described.data.items():
        yield html.escape(name), html.escape(f"{value:,}" if isinstance(value, int) else value)


def _metrics(described: BundleDescription) -> Iterator[tuple[str, str]]:
    for name, value in described.metrics.items():
        yield html.escape(name.replace("_", " ")), f"{value:,.4g}"
