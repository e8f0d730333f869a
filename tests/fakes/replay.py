"""A real replay process with a fake coder: ``python -m tests.fakes.replay SINCE UNTIL WAIT_S``."""

import sys
from datetime import datetime

from cli.replay_run import Artifact, Window, replay_window
from runtime.exit_status import exit_with
from runtime.progress import silent
from tests.fakes.coders import FakeCoder


def main() -> None:
    """Replay the window; each batch takes WAIT_S seconds."""
    since, until = map(datetime.fromisoformat, sys.argv[1:3])
    coder = FakeCoder(model_version="fake-2", wait_s=float(sys.argv[3]))
    artifact = Artifact(coder=coder, code_sets=None, chapter_of=lambda _: None)
    replay_window(artifact, Window(since=since, until=until), silent)


if __name__ == "__main__":
    exit_with(main)
