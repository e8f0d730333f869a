"""Free loopback ports that stay the same over restarts, so that addresses in use stay right."""

import errno
import json
import random
import socket
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

LOOPBACK = "127.0.0.1"
FREE = range(20_000, 32_000)  # below what systems give outgoing connections (Linux from 32768 on):
# no stranger's connection takes the port of a service that is down for a while
TRIES = 100


def choose(names: Sequence[str], kept: Path, in_use: Collection[str]) -> dict[str, int]:
    """A port for each name, remembered in the file ``kept``.

    The remembered one is taken again if nobody else listens there now; the names ``in_use`` listen
    there themselves. Raises OSError when the file cannot be written.
    """
    before = remembered(kept)
    ports = {name: before[name] for name in names if name in in_use and name in before}
    with ExitStack() as stack:  # all held until all are chosen, so that no two are the same
        for name in names:
            if name not in ports:
                held = _bound(before.get(name, 0), set(ports.values()))
                ports[name] = stack.enter_context(held).getsockname()[1]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(ports))
    return ports


def remembered(kept: Path) -> dict[str, int]:
    """The ports chosen last; empty before the first time."""
    try:
        return {str(name): int(port) for name, port in json.loads(kept.read_text()).items()}
    except (FileNotFoundError, ValueError):
        return {}


def free_port(wanted: int) -> int:
    """The wanted loopback port if nobody has it, else one that is free now."""
    with _bound(wanted, ()) as held:
        port: int = held.getsockname()[1]
    return port


def is_open(port: int, timeout_s: float = 0.5) -> bool:
    """Whether something listens on the loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout_s):
            return True
    except OSError:
        return False


def _bound(port: int, taken: Collection[int]) -> socket.socket:
    """A socket on the port, or on a free one when somebody has it or none is wanted (0)."""
    others = random.sample(FREE, TRIES)
    for candidate in [one for one in (port, *others) if one and one not in taken]:
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just closed is free
        try:
            held.bind((LOOPBACK, candidate))
        except OSError:
            held.close()
        else:
            return held
    raise OSError(errno.EADDRINUSE, f"no free port among {TRIES} from {FREE.start} to {FREE.stop}")
