"""Jars fetched once into the user's cache folder, checked against their lock, never half there.

A set lies in ``<cache>/jars/<set>-<hash of its lock>``. It is fetched and checked in a folder of
its own and renamed into place whole, so what lies there is complete; a second start looks at the
files' sizes and needs no network.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import EmbeddedServiceError
from runtime import ivy
from runtime.file_lock import held
from runtime.jar_locks import Artifact, JarSet, lock_text, parse
from runtime.java import Java, find_java
from runtime.progress import Progress

TRIES = 3  # what came stays between the tries
TICK_S = 0.1
MEGABYTE = 1_000_000
SPACE_FACTOR = 3  # what came, its copy, and an archive's content
CONTENTS = "contents.txt"  # written last: size and name of every file of the set


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A set that is to be fetched: where it will lie and where it is made."""

    jar_set: JarSet
    artifacts: tuple[Artifact, ...]
    home: Path
    work_dir: Path

    @property
    def size_bytes(self) -> int:
        return sum(a.size_bytes for a in self.artifacts)


def fetch(jar_set: JarSet, cache_dir: Path, progress: Progress) -> tuple[Path, ...]:
    """The files of one set, by name; fetched if they are not in the cache yet."""
    return fetch_all((jar_set,), cache_dir, progress)[jar_set]


def fetch_all(
    jar_sets: Sequence[JarSet], cache_dir: Path, progress: Progress
) -> dict[JarSet, tuple[Path, ...]]:
    """The files of each set; those that are missing are fetched side by side.

    An archive's content stands for it. Two processes that ask at once fetch once: the second waits.
    Raises EmbeddedServiceError when there is no Java, network or space, or a checksum is wrong.
    """
    homes = {jar_set: home(jar_set, cache_dir) for jar_set in jar_sets}
    missing = [jar_set for jar_set in jar_sets if not is_complete(homes[jar_set])]
    if missing:
        java = find_java()
        with _space_explained(cache_dir):
            _fetch_missing(missing, cache_dir, java, progress)
    return {jar_set: _files(folder) for jar_set, folder in homes.items()}


def home(jar_set: JarSet, cache_dir: Path) -> Path:
    """The folder of a set, its lock's hash in its name: another lock is another folder."""
    digest = hashlib.sha256(lock_text(jar_set).encode()).hexdigest()
    return cache_dir / "jars" / f"{jar_set}-{digest[:12]}"


def is_complete(folder: Path) -> bool:
    """Whether every file of the set is there in its size."""
    try:
        rows = _contents(folder)
        return all((folder / name).stat().st_size == size for size, name in rows)
    except (OSError, ValueError):
        return False


def _fetch_missing(
    jar_sets: Sequence[JarSet], cache_dir: Path, java: Java, progress: Progress
) -> None:
    (cache_dir / "jars").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for jar_set in sorted(jar_sets):  # sorted: two processes never wait for each other
            stack.enter_context(held(cache_dir / "jars" / f"{jar_set}.lock"))
        work = [
            stack.enter_context(_work(jar_set, cache_dir))
            for jar_set in jar_sets
            if not is_complete(home(jar_set, cache_dir))  # another process may have fetched it
        ]
        _check_space(cache_dir, sum(w.size_bytes for w in work))
        _download(work, java, progress)
        for wanted in work:
            _publish(wanted)


@contextmanager
def _work(jar_set: JarSet, cache_dir: Path) -> Iterator[_Wanted]:
    with tempfile.TemporaryDirectory(prefix=f".{jar_set}-", dir=cache_dir / "jars") as folder:
        yield _Wanted(
            jar_set=jar_set,
            artifacts=parse(lock_text(jar_set)),
            home=home(jar_set, cache_dir),
            work_dir=Path(folder),
        )


def _download(work: Sequence[_Wanted], java: Java, progress: Progress) -> None:
    """Run one Ivy a set, side by side, until all have come; none outlives this call."""
    running: dict[JarSet, subprocess.Popen[bytes]] = {}
    try:
        for attempt in range(1, TRIES + 1):
            for wanted in work:
                running[wanted.jar_set] = ivy.start(
                    java, wanted.work_dir, ivy.locked_module(wanted.artifacts), poms=False
                )
            _watch(work, running, progress)
            work = [wanted for wanted in work if running[wanted.jar_set].returncode]
            if not work:
                return
            if attempt == TRIES:
                raise _undownloaded(work[0])
    finally:
        for child in running.values():
            child.kill()
            child.wait()


def _watch(
    work: Sequence[_Wanted],
    running: dict[JarSet, subprocess.Popen[bytes]],
    progress: Progress,
) -> None:
    while True:
        over = [running[wanted.jar_set].poll() is not None for wanted in work]
        for wanted, is_over in zip(work, over, strict=True):
            came = wanted.size_bytes if is_over else _size_bytes(wanted.work_dir / "cache")
            total = wanted.size_bytes // MEGABYTE
            progress(f"fetching {wanted.jar_set} (MB)", min(came // MEGABYTE, total), total)
        if all(over):
            return
        time.sleep(TICK_S)


def _undownloaded(wanted: _Wanted) -> EmbeddedServiceError:
    return EmbeddedServiceError(
        f"cannot download the jars of {wanted.jar_set} ({ivy.last_words(wanted.work_dir)}); check "
        "the network, set HTTPS_PROXY if this machine is behind a proxy, and try again"
    )


def _publish(wanted: _Wanted) -> None:
    """Check what came, unpack archives, and move the whole into its place."""
    made = wanted.work_dir / "jars"
    for artifact in wanted.artifacts:
        _check(made / artifact.file, artifact)
        if artifact.extension == "tar.gz":
            with tarfile.open(made / artifact.file) as archive:
                archive.extractall(made, filter="data")
            (made / artifact.file).unlink()
    files = sorted(path for path in made.rglob("*") if path.is_file())
    rows = [f"{path.stat().st_size}  {path.relative_to(made)}\n" for path in files]
    (made / CONTENTS).write_text("".join(rows), encoding="utf-8")
    shutil.rmtree(wanted.home, ignore_errors=True)  # a damaged one
    made.rename(wanted.home)


def _check(path: Path, artifact: Artifact) -> None:
    with path.open("rb") as file:
        came = hashlib.file_digest(file, "sha256").hexdigest()
    if came != artifact.sha256:
        raise EmbeddedServiceError(
            f"expected {artifact.file} with SHA-256 {artifact.sha256}; got {came}; the download "
            "was altered on its way: try again, or from another network"
        )


def _check_space(cache_dir: Path, size_bytes: int) -> None:
    free = shutil.disk_usage(cache_dir).free
    if free < SPACE_FACTOR * size_bytes:
        raise EmbeddedServiceError(
            f"expected {SPACE_FACTOR * size_bytes // MEGABYTE} MB free for downloads in "
            f"{cache_dir}; got {free // MEGABYTE} MB; free some space or set CMC_CACHE_DIR"
        )


@contextmanager
def _space_explained(cache_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedServiceError(
            f"cannot write to the cache folder {cache_dir}: {error.strerror}; free some space or "
            "set CMC_CACHE_DIR to a folder that can be written"
        ) from None


def _size_bytes(folder: Path) -> int:
    """How much lies in a folder that another process is writing to."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # renamed by its writer meanwhile
            continue
    return total


def _contents(folder: Path) -> list[tuple[int, str]]:
    lines = (folder / CONTENTS).read_text(encoding="utf-8").splitlines()
    return [(int(size), name) for size, name in (line.split("  ", 1) for line in lines)]


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / name for _, name in _contents(folder))
