"""Options that contradict one another are a wrong usage, told before anything is opened."""

import pytest
from click.testing import CliRunner

from cli.__main__ import codemychart


@pytest.mark.parametrize(
    "words",
    [
        "land --since 2026-03-01",
        "land --until 2026-03-01",
        "land --since 2026-03-01 --until 2026-03-02 --supervise",
        "land --since yesterday --until 2026-03-02",
        "reconcile --repair --no-lake",
        "replay --since 2026-03-02",
        "replay --since 2026-03-02 --until 2026-03-01 --model x",
        "replay --since 2026-03-02 --until 2999-01-01 --model x",
        "replay --since yesterday --until 2026-03-01 --model x",
    ],
)
def test_it_exits_with_2_and_says_what_was_expected(words: str) -> None:
    done = CliRunner().invoke(codemychart, words.split())

    assert done.exit_code == 2
    assert "Error:" in done.output
