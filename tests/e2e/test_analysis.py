"""The page of technical analysis in a real browser, of the shipped bundle and the project's report."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clinical_coding.claim import Band
from clinical_coding.note import IcdCode
from runtime.bundle_files import SHIPPED_BUNDLE, describe
from tests.browser import assert_well_shown, go_to, leave, running_ui
from tests.claims import CODED_AT, claim_event
from tests.landed import land
from tests.replayed import written_replay
from ui.evaluation import OWN_REPORT

pytestmark = pytest.mark.timeout(240)
LOADED_MS = 60_000


def test_the_model_card_its_features_and_each_set_of_the_evaluation_are_shown(
    address: str, page: Page
) -> None:
    """Another set changes the figures; and the page is well shown."""
    described, digest = describe(SHIPPED_BUNDLE)
    sets = json.loads(OWN_REPORT.read_text())["sets"]
    go_to(page, address, "Analysis")

    card = page.get_by_role("table", name="Model card")
    expect(card).to_contain_text(f"{described.version}-{digest[:8]}", timeout=LOADED_MS)
    figures = page.get_by_role("table", name="Figures", exact=True)
    first, *_, last = sets.values()
    expect(figures.get_by_role("row", name="precision").first).to_contain_text(
        f"{first['figures']['precision']:.3f}", timeout=LOADED_MS
    )
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts.filter(visible=True)).to_have_count(5, timeout=LOADED_MS)
    page.get_by_role("radiogroup", name="Notes").get_by_text(list(sets)[-1]).click()
    expect(figures.get_by_role("row", name="precision").first).to_contain_text(
        f"{last['figures']['precision']:.3f}", timeout=LOADED_MS
    )
    assert_well_shown(page)


def test_two_models_are_told_side_by_side_and_change_over_time_by_the_lake(
    process_variables: dict[str, str], page: Page, tmp_path: Path
) -> None:
    """Of a replay's report and of claims that landed on several days."""
    written_replay(tmp_path / "state", "r1")
    (code,) = claim_event("n").diagnoses
    claims = [
        replace(
            claim_event(f"n{n}"),
            event_id=f"e{n}",
            coded_at=CODED_AT + timedelta(days=n // 5),
            encounter_class="AMB" if n % 3 else "IMP",
            diagnoses=(code, replace(code, code=IcdCode(f"I1{n % 4}"), band=Band.REVIEW, rank=2)),
        )
        for n in range(40)
    ]
    land(tmp_path / "lake", 0, claims)
    variables = process_variables | {"CMC_LANDING_LAKE": str(tmp_path / "lake")}
    with running_ui(variables, tmp_path / "ui.log") as address:
        go_to(page, address, "Analysis")
        expect(page.get_by_role("table", name="Codes by both models")).to_contain_text(
            "13", timeout=LOADED_MS
        )
        expect(page.get_by_role("table", name="Codes changed")).to_contain_text("I10")
        expect(page.get_by_role("heading", name="Change over time")).to_be_visible()
        charts = page.get_by_test_id("stVegaLiteChart").filter(visible=True)
        expect(charts).to_have_count(8, timeout=LOADED_MS)
        expect(page.get_by_text("No period holds 100 yet")).to_be_visible()
        assert_well_shown(page)
        leave(page)
