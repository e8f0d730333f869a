"""The pages as a process: settings, the feed that reads from now on, then Streamlit's server."""

import sys
from importlib import import_module
from pathlib import Path

from streamlit.web.cli import main as streamlit

from clinical_coding.errors import SettingsError
from runtime.embedded.ports import free_port, is_open
from runtime.exit_status import exit_with
from runtime.page_settings import LoginSettings, UiSettings, check_login
from runtime.roles import Role
from runtime.settings import KafkaSettings, RegistrySettings, read
from ui.resources import feed

PAGE = Path(__file__).parent / "app.py"
NO_SECRETS = PAGE.with_name("none.toml")  # is not there: no file of the user's or folder's is read


def main(port: int | None = None) -> None:
    """Serve the pages; ``port`` overrides CMC_UI_PORT, 0 takes a free one.

    Raises SettingsError when a setting is missing, the port is taken, or others than this machine's
    users would reach the pages without a login.
    """
    settings, login = read(UiSettings), read(LoginSettings)
    check_login(login, settings)
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
    feed()  # the first visitor finds it read,
    import_module("pandas")  # and does not wait for what Streamlit's components ask for
    streamlit(_command(settings.address, chosen, login.secrets), prog_name="streamlit")


def _command(address: str, port: int, secrets: Path | None) -> list[str]:
    options = {
        "server.address": address,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableAgentApi": "false",  # a way past the browser
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",  # a traceback may quote a note
        "logger.level": "warning",
        "theme.light.primaryColor": "#0b63a5",
        "theme.dark.primaryColor": "#6cb6f0",
        "secrets.files": str(secrets or NO_SECRETS),
    }
    return ["run", str(PAGE), *(f"--{k}={v}" for k, v in options.items())]


if __name__ == "__main__":
    exit_with(main)
