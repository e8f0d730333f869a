"""What `status` says of our own processes."""

from pathlib import Path

import pytest

from runtime.health import Health, serve
from runtime.metrics import WorkerMetrics
from runtime.process_health import PROCESSES, ProcessState, choose_port, process_states
from runtime.settings import WorkerHealth

READY = Health(live=True, ready=True, lag=3)
AWAY = Health(live=True, ready=False, reason="the broker does not answer")
STALLED = Health(live=False, ready=False, reason="none of 7 for 130 s", lag=7)


@pytest.mark.parametrize(
    ("one", "line", "is_well"),
    [
        (ProcessState(state="stopped", health=None), "stopped", True),
        (ProcessState(state="running", health=None), "running", True),
        (ProcessState(state="crashed", health=None), "crashed", False),
        (ProcessState(state="running", health=READY), "ready        3 behind", True),
        (
            ProcessState(state="running", health=AWAY),
            "not ready    the broker does not answer",
            True,
        ),
        (
            ProcessState(state="running", health=STALLED),
            "not live     7 behind, none of 7 for 130 s",
            False,
        ),
    ],
)
def test_a_process_is_told_in_a_line_and_only_who_needs_somebody_is_unwell(
    one: ProcessState, line: str, *, is_well: bool
) -> None:
    assert (str(one), one.is_well) == (line, is_well)


def test_processes_are_found_by_the_ports_that_were_chosen_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ports stay the same over restarts; a port that is set comes first."""
    monkeypatch.setenv("CMC_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    port = choose_port("worker", tmp_path)
    server = serve(WorkerHealth(port=port), lambda: READY, WorkerMetrics().registry)
    assert server is not None
    try:
        choose_port("landing", tmp_path)  # another one's leaves the worker's as it is
        found = process_states(tmp_path)
    finally:
        server.shutdown()
        server.server_close()

    assert tuple(found) == PROCESSES
    assert found["worker"] == ProcessState(state="running", health=READY)
    assert found["landing"] == ProcessState(state="stopped", health=None)
    monkeypatch.setenv("CMC_WORKER_HEALTH_PORT", "9101")
    assert choose_port("worker", tmp_path) == 9101
