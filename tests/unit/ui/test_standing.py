"""Which processes and services the page of operations speaks of."""

from pathlib import Path

import pytest

from runtime.embedded import services
from runtime.process_health import process_states
from ui.standing import on_this_machine


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    """No answer of another test."""
    on_this_machine.clear()


def test_services_that_were_never_here_are_not_told_as_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers broker, registry and store run elsewhere."""
    monkeypatch.setenv("CMC_STATE_DIR", str(tmp_path))

    assert [found.name for found in on_this_machine()] == list(process_states(tmp_path))


def test_services_that_were_here_are_told_when_they_are_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMC_STATE_DIR", str(tmp_path))
    remembered = tmp_path / services.PORTS
    remembered.parent.mkdir()
    remembered.write_text('{"kafka": 20001}')

    told = {found.name: found.state for found in on_this_machine()}

    assert [told[name] for name in services.NAMES] == ["stopped"] * 3
