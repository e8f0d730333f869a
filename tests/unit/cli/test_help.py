"""What the commands say of themselves."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from cli.__main__ import codemychart
from runtime.settings import KafkaSettings, LandingSettings, RegistrySettings

TOLD = "open-sesame-4711"
SECRETS = [f"{kind.model_config.get('env_prefix')}{name}".upper()
           for kind in (KafkaSettings, LandingSettings, RegistrySettings)
           for name, field in kind.model_fields.items()
           if "Secret" in str(field.annotation)]  # fmt: skip


def _commands(group: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from _commands(command, *names, name)


@pytest.mark.parametrize("names", [*_commands(codemychart)], ids=" ".join)
def test_help_has_an_example_and_shows_no_secret(names: tuple[str, ...]) -> None:
    asked = CliRunner(env=dict.fromkeys(SECRETS, TOLD)).invoke(codemychart, [*names, "--help"])

    assert asked.exit_code == 0
    assert TOLD not in asked.output
    assert "Example" in asked.output
