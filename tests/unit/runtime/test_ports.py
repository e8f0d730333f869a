"""Loopback ports: the same again if they are free, others if not."""

import socket
from pathlib import Path

from runtime.embedded.ports import FREE, LOOPBACK, choose, free_port, is_open, remembered

NAMES = ("kafka", "schema-registry", "object-store")


def test_ports_are_all_different_and_stay_over_restarts(tmp_path: Path) -> None:
    first = choose(NAMES, tmp_path / "ports.json", ())

    assert len(set(first.values())) == len(NAMES)
    assert all(port in FREE for port in first.values())
    assert choose(NAMES, tmp_path / "ports.json", ()) == first
    assert remembered(tmp_path / "ports.json") == first


def test_a_port_that_a_stranger_has_taken_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    first = choose(NAMES, tmp_path / "ports.json", ())

    with socket.create_server((LOOPBACK, first["kafka"])):
        second = choose(NAMES, tmp_path / "ports.json", ())

    assert second["kafka"] != first["kafka"]
    assert second["object-store"] == first["object-store"]


def test_a_service_that_runs_keeps_the_port_that_it_listens_on(tmp_path: Path) -> None:
    first = choose(NAMES, tmp_path / "ports.json", ())

    with socket.create_server((LOOPBACK, first["kafka"])):
        assert choose(NAMES, tmp_path / "ports.json", ("kafka",)) == first


def test_a_damaged_memory_of_ports_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"kafka": ')

    assert remembered(tmp_path / "ports.json") == {}


def test_a_port_is_open_while_somebody_listens() -> None:
    port = free_port(0)

    assert not is_open(port)
    with socket.create_server((LOOPBACK, port)):
        assert is_open(port)
        assert free_port(port) != port
