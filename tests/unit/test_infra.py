"""Dashboard, alerts and operator's page speak of the metrics that there are, and of all of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.metrics import METRICS, Metric
from runtime.settings import LandingSettings, WorkerSettings

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DASHBOARD = json.loads((ROOT / "infra" / "grafana" / "dashboard.json").read_text())
PROMETHEUS = ROOT / "infra" / "prometheus"
ALERTS = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())
SCRAPED = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
BY_NAME = {metric.name: metric for metric in METRICS}
NAME = re.compile(r"\bcmc_[a-z_]+")
OF_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Every query of the dashboard and of the alerts."""
    yield from (t["expr"] for panel in DASHBOARD["panels"] for t in panel.get("targets", ()))
    yield from (rule["expr"] for rule in rules())


def meant(name: str) -> Metric | None:
    """The metric that a query's name asks for; a histogram is asked by its parts only."""
    metric = BY_NAME.get(name)
    if metric is not None:
        return metric if metric.kind != "histogram" else None
    whole = BY_NAME.get(OF_HISTOGRAM.sub("", name))
    return whole if whole is not None and whole.kind == "histogram" else None


def test_every_metric_is_shown_or_alerted_by_and_no_query_asks_for_another() -> None:
    asked = {name: meant(name) for expr in expressions() for name in NAME.findall(expr)}

    assert [name for name, metric in asked.items() if metric is None] == []
    assert {metric.name for metric in asked.values() if metric} == set(BY_NAME)


def test_only_counters_and_parts_of_histograms_are_rated() -> None:
    """The rate of a gauge, and a counter as it stands, mean nothing."""
    rated = {
        name
        for expr in expressions()
        for name in re.findall(r"(?:rate|increase)\((cmc_[a-z_]+)", expr)
    }
    plain = {name for expr in expressions() for name in NAME.findall(expr)} - rated

    assert not {name for name in rated if BY_NAME.get(name) and BY_NAME[name].kind == "gauge"}
    assert not {name for name in plain if BY_NAME.get(name) and BY_NAME[name].kind != "gauge"}


def test_a_query_names_only_labels_that_its_metrics_have() -> None:
    labels = {metric.label for metric in METRICS if metric.label} | {"le", "instance", "job"}
    for expr in expressions():
        asked = {
            label.strip() for by in re.findall(r"by \(([^)]*)\)", expr) for label in by.split(",")
        }
        asked |= set(re.findall(r"[{,]\s*([a-z_]+)=", expr))
        assert asked <= labels, expr


def test_the_operators_page_has_every_metric_with_its_meaning() -> None:
    for metric in METRICS:
        label = f"`{metric.label}`" if metric.label else ""
        assert f"| `{metric.name}` | {metric.kind} | {label} | {metric.meaning} |" in OPERATIONS


def test_the_operators_page_says_of_every_alert_what_to_do_and_of_no_other() -> None:
    told = re.findall(r"^\| \*\*(\w+)\*\* \|", OPERATIONS, re.MULTILINE)

    assert told == [rule["alert"] for rule in rules()]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_whom_it_wakes(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_an_alert_for_a_stall_comes_after_the_watchdog_has_had_its_time() -> None:
    by_name = {rule["alert"]: rule["expr"] for rule in rules()}
    worker, landing = WorkerSettings(), LandingSettings(lake="lake")

    assert int(by_name["WorkerStalled"].split(">")[1]) > worker.stall_s
    assert int(by_name["LandingStalled"].split(">")[1]) > landing.stall_s


def test_prometheus_scrapes_a_job_for_each_process_that_serves_metrics() -> None:
    jobs = {job["job_name"].removeprefix("codemychart-") for job in SCRAPED["scrape_configs"]}

    assert jobs == {metric.name.split("_")[1] for metric in METRICS}
    assert SCRAPED["rule_files"] == ["alerts.yml"]


def test_prometheus_scrapes_what_runs_on_in_containers_by_the_same_names_and_ports() -> None:
    inside = yaml.safe_load((PROMETHEUS / "compose.yml").read_text())
    named = {
        job["job_name"]: f"{job['dns_sd_configs'][0]['port']}" for job in inside["scrape_configs"]
    }
    outside = {
        job["job_name"]: job["static_configs"][0]["targets"][0].split(":")[1]
        for job in SCRAPED["scrape_configs"]
    }

    assert named.items() <= outside.items()
    assert inside["rule_files"] == SCRAPED["rule_files"]


def test_no_two_panels_of_the_dashboard_share_a_place_or_an_id() -> None:
    panels = DASHBOARD["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]

    assert len(set(places)) == len({panel["id"] for panel in panels}) == len(panels)
