"""A small disk that can be filled: a tmpfs where root may mount one, or a folder that is given."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE_MIB = 512
CHUNK = bytes(64 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What holds the broker's log, the lake and the state folders.

    ``is_small`` says whether it may be filled: a disk that others use may not.
    """

    folder: Path
    is_small: bool

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, self._free_bytes())
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(CHUNK):  # what the file system gave back to itself meanwhile
                pass

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink(missing_ok=True)

    def _free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(folder: Path, given: Path | None) -> Iterator[Disk]:
    """A disk of a run's own: a folder of the ``given`` one, or a tmpfs mounted at ``folder``.

    Either is gone afterwards. Where neither is to be had it is a plain folder, and not small.
    """
    if given is not None:
        with tempfile.TemporaryDirectory(dir=given) as own:
            yield Disk(folder=Path(own), is_small=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    is_mounted = _mounted(folder)
    try:
        yield Disk(folder=folder, is_small=is_mounted)
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607 - of the system


def _mounted(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
