"""A real worker process with a fake coder: ``python -m tests.fakes.worker WAIT_S``."""

import sys

from runtime import logs
from runtime.exit_status import exit_with
from streams.__main__ import work
from tests.fakes.coders import FakeCoder


def main() -> None:
    """Run the worker; each batch takes WAIT_S seconds."""
    logs.configure("worker", strict=True)
    work(FakeCoder(wait_s=float(sys.argv[1])))


if __name__ == "__main__":
    exit_with(main)
