"""Logs write what is allowed and nothing else."""

import json
import logging

import pytest

from runtime import logs


def test_a_key_that_is_not_allowed_is_dropped_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("test")
    logs.get_logger().info("batch coded", claims=3, text="a patient's secret")

    line = json.loads(capsys.readouterr().err)
    assert (line["claims"], line["dropped_keys"], line["process"]) == (3, 1, "test")
    assert "secret" not in json.dumps(line)


def test_in_tests_such_a_key_is_an_error() -> None:
    logs.configure("test", strict=True)

    with pytest.raises(KeyError):
        logs.get_logger().info("batch coded", text="x")


def test_a_librarys_line_is_written_without_its_arguments_and_not_again_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Arguments and messages of exceptions may quote a note."""
    logs.configure("test")
    logger = logging.getLogger("a.library")
    for _ in range(3):
        try:
            raise ValueError("secret")  # noqa: TRY301 - as a library would
        except ValueError:
            logger.exception("failed on %r", "secret")

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["error_class"] == "ValueError"
    assert "secret" not in lines[0]
