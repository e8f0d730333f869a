"""Dead letters go back by the command, in the operator's name."""

import subprocess
from collections.abc import Sequence

import pytest

from clinical_coding.errors import UnavailableError
from ui.commands import Run
from ui.redriving import put_back


def _ends(status: int, out: str = "", told: str = "") -> tuple[Run, list[list[str]]]:
    commands: list[list[str]] = []

    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        commands.append(list(command))
        return subprocess.CompletedProcess(command, status, out, told)

    return run, commands


def test_a_class_is_put_back_in_the_operators_name_and_what_the_broker_holds_is_counted() -> None:
    """A name that looks like an option stays a value."""
    run, commands = _ends(0, '{"sent": 3, "acknowledged": 3}\n')

    assert put_back("BrokenContractError", "--all", run) == 3
    assert commands[0][-2:] == ["--error-class=BrokenContractError", "--person=--all"]


def test_what_the_command_says_last_is_told_where_not_all_is_back() -> None:
    run, _ = _ends(1, "", "redriven 3, acknowledged 1\nerror: the broker is away\n")

    with pytest.raises(UnavailableError, match="the broker is away"):
        put_back("X", "olga", run)


def test_a_command_that_does_not_end_is_told() -> None:
    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        raise subprocess.TimeoutExpired(list(command), 1)

    with pytest.raises(UnavailableError, match="got no end"):
        put_back("X", "olga", run)
