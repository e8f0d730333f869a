"""The feed as a process: settings, then Streamlit takes this process over."""

import os
import sys
from pathlib import Path

from clinical_coding.errors import SettingsError
from runtime.embedded.ports import free_port, is_open
from runtime.exit_status import exit_with
from runtime.roles import Role
from runtime.settings import KafkaSettings, RegistrySettings, UiSettings, read

PAGE = Path(__file__).parent / "app.py"


def main(port: int | None = None) -> None:
    """Serve the page; ``port`` overrides CMC_UI_PORT, 0 takes a free one.

    Raises SettingsError when a setting is missing or the port is taken.
    """
    settings = read(UiSettings)
    (
        read(KafkaSettings, Role.UI),
        read(RegistrySettings),
    )  # refused here, in one line, not on the page
    chosen = settings.port if port is None else port
    chosen = chosen or free_port(0)
    if is_open(chosen):
        raise SettingsError(
            f"expected port {chosen} to be free; got one that is in use; give another with --port "
            "or CMC_UI_PORT (0 takes a free one)"
        )
    sys.stderr.write(f"live feed at http://{settings.address}:{chosen}\n")
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *_command(settings.address, chosen)])  # noqa: S606 - Streamlit takes over


def _command(address: str, port: int) -> list[str]:
    options = {
        "server.address": address,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",  # a traceback may quote a note
        "logger.level": "warning",
        "theme.light.primaryColor": "#0b63a5",
        "theme.dark.primaryColor": "#6cb6f0",
    }
    return ["-m", "streamlit", "run", str(PAGE), *(f"--{k}={v}" for k, v in options.items())]


if __name__ == "__main__":
    exit_with(main)
