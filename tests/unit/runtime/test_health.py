"""Health over HTTP, and the metrics beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clinical_coding.errors import SettingsError
from runtime import health
from runtime.embedded.ports import free_port
from runtime.health import Health, serve
from runtime.metrics import METRICS, LandingMetrics, ProducerMetrics, WorkerMetrics
from runtime.settings import WorkerHealth
from tests.probing import ask


@contextmanager
def served(told: Health) -> Iterator[int]:
    """The port of who says so of itself."""
    server = serve(WorkerHealth(port=0), lambda: told, WorkerMetrics().registry)
    assert server is not None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("live", "ready", "livez", "readyz"),
    [(True, True, 200, 200), (True, False, 200, 503), (False, True, 503, 503)],
)
def test_live_and_ready_are_told_by_status_and_the_reason_by_the_body(
    *, live: bool, ready: bool, livez: int, readyz: int
) -> None:
    """Who is not live cannot be ready."""
    with served(Health(live=live, ready=ready, reason="why", lag=7)) as port:
        assert ask(port, "/livez")[0] == livez
        status, body = ask(port, "/readyz")

    assert status == readyz
    assert json.loads(body) == {"live": live, "ready": ready, "reason": "why", "lag": 7}


def test_who_asks_gets_what_was_told_and_none_where_nobody_answers() -> None:
    told = Health(live=True, ready=False, reason="why")
    with served(told) as port:
        assert health.ask("127.0.0.1", port) == told

    assert health.ask("127.0.0.1", free_port(0)) is None


def test_metrics_are_served_and_anything_else_is_not_found() -> None:
    with served(Health(live=True, ready=True)) as port:
        status, body = ask(port, "/metrics")
        assert (status, "cmc_worker_notes_total 0.0" in body) == (200, True)
        assert ask(port, "/notes")[0] == 404


def test_a_port_that_is_taken_is_a_matter_of_settings() -> None:
    told = Health(live=True, ready=True)
    with served(told) as port, pytest.raises(SettingsError, match="HEALTH_PORT"):
        serve(WorkerHealth(port=port), lambda: told, WorkerMetrics().registry)


def test_without_a_port_nobody_listens() -> None:
    told = Health(live=True, ready=True)

    assert serve(WorkerHealth(), lambda: told, WorkerMetrics().registry) is None


def test_every_metric_of_the_table_is_one_that_a_process_serves_and_the_other_way_round() -> None:
    served_names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for metrics in (WorkerMetrics(), LandingMetrics(), ProducerMetrics())
        for family in metrics.registry.collect()
    }

    assert served_names == {metric.name for metric in METRICS}
    assert len(METRICS) == len(served_names)
