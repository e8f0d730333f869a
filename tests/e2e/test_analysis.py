"""The page of technical analysis in a real browser, of the shipped bundle and the project's report."""

import json

import pytest
from playwright.sync_api import Page, expect

from runtime.bundle_files import SHIPPED_BUNDLE, describe
from tests.browser import assert_well_shown, go_to
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
    expect(charts.filter(visible=True)).to_have_count(4, timeout=LOADED_MS)
    page.get_by_role("radiogroup", name="Notes").get_by_text(list(sets)[-1]).click()
    expect(figures.get_by_role("row", name="precision").first).to_contain_text(
        f"{last['figures']['precision']:.3f}", timeout=LOADED_MS
    )
    assert_well_shown(page)
