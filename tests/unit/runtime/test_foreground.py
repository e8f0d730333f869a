"""A supervisor that is asked to stop hears it, in whatever moment that is."""

import signal
import subprocess
import sys
import time

import pytest

TIMES = 1000
ASKED = """
from runtime.foreground import _Asked
asked, heard = _Asked(), 0
print("ready", flush=True)
while heard < TIMES:
    if asked.wait(0.0002):
        heard += 1
        print(asked.times, flush=True)
""".replace("TIMES", str(TIMES))


@pytest.mark.timeout(60)
def test_no_signal_is_lost_between_two_looks() -> None:
    """Each is sent when the one before was heard, so one that is lost is waited for in vain."""
    with subprocess.Popen(
        [sys.executable, "-c", ASKED], stdout=subprocess.PIPE, text=True
    ) as asked:
        try:
            assert asked.stdout is not None
            assert asked.stdout.readline() == "ready\n"
            for number in range(1, TIMES + 1):
                time.sleep(number % 20 * 0.0001)  # in another moment of its look
                asked.send_signal(signal.SIGTERM)
                assert asked.stdout.readline() == f"{number}\n"
            assert asked.wait(10) == 0
        finally:
            asked.kill()
