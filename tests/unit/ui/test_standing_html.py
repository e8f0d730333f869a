"""What the page of operations says, read as text."""

import re
from datetime import UTC, datetime, timedelta

from runtime.kafka_group import Place
from runtime.kept_reconciliation import KeptReconciliation
from ui.standing import Stands
from ui.standing_html import lag_html, letters_html, processes_html, reconciliation_html

NOW = datetime(2026, 3, 2, 15, 6, tzinfo=UTC)


def _text(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_a_process_that_is_not_well_is_marked_whatever_its_state() -> None:
    told = _text(
        processes_html(
            [
                Stands(name="worker", state="running", is_well=False, says="not live <stalled>"),
                Stands(name="landing", state="crashed", is_well=False, says=""),
                Stands(name="ui", state="running", is_well=True, says=""),
                Stands(name="kafka", state="stopped", is_well=True, says=""),
            ]
        )
    )

    assert "worker ▲ running not live &lt;stalled&gt;" in told
    assert "landing ▲ crashed ui ● running kafka ○ stopped" in told


def test_lag_is_told_by_partition_and_for_all_and_the_longest_bar_is_the_largest_lag() -> None:
    html = lag_html({1: Place(committed=10, end=10), 0: Place(committed=1000, end=3000)})

    assert "0 1,000 3,000 2,000 1 10 10 0 all 2,000" in _text(html)
    assert re.findall(r"width:([\d.]+)rem", html) == ["8.0", "0.0"]


def test_no_lag_and_no_partitions_are_no_fault() -> None:
    assert "0 5 5 0 all 0" in _text(lag_html({0: Place(committed=5, end=5)}))
    assert "all 0" in _text(lag_html({}))


def test_dead_letters_are_told_by_class_most_first_and_none_as_none() -> None:
    assert _text(letters_html({"A": 2, "<B>": 1000})).endswith("&lt;B&gt; 1,000 A 2")
    assert _text(letters_html({})) == "Dead letters None."


def test_a_reconciliation_marks_what_must_be_none_and_says_how_old_it_is() -> None:
    counts = {"notes": 5, "missing": 2, "landed": None, "doubled": 0, "unknown": 1}
    found = KeptReconciliation(at=NOW - timedelta(minutes=3), counts=counts)
    html = reconciliation_html(found, NOW)

    assert _text(html).startswith("Last reconciliation, 3 min ago")
    assert '<b class="cmc-review">2</b>' in html
    assert "<td>0</td>" in html
    assert "unknown" not in html
    assert "landed" not in html
