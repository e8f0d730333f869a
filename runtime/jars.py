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
CONTENTS = "contents.txt"  # size and name of every file of the set


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Files that are to lie in the folder ``home``, whole or not at all."""

    name: str
    artifacts: tuple[Artifact, ...]
    home: Path

    @property
    def size_bytes(self) -> int:
        """How much comes over the network."""
        return sum(a.size_bytes for a in self.artifacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A wanted set and the folder where it is made."""

    wanted: Wanted
    folder: Path


def fetch(jar_set: JarSet, cache_dir: Path, progress: Progress) -> tuple[Path, ...]:
    """The files of one set, by name; fetched if they are not in the cache yet."""
    return fetch_all((jar_set,), cache_dir, progress)[jar_set]


def fetch_all(
    jar_sets: Sequence[JarSet], cache_dir: Path, progress: Progress
) -> dict[JarSet, tuple[Path, ...]]:
    """The files of each set; those that are missing are fetched side by side.

    Raises EmbeddedServiceError when there is no Java, network or space, or a checksum is wrong.
    """
    sets = {jar_set: wanted(jar_set, cache_dir) for jar_set in jar_sets}
    missing = [each for each in sets.values() if not is_complete(each.home)]
    if missing:
        complete(missing, find_java(), progress)
    return {jar_set: _files(each.home) for jar_set, each in sets.items()}


def wanted(jar_set: JarSet, cache_dir: Path) -> Wanted:
    """What the lock of a set asks for; the lock's hash is in the name of its folder."""
    text = lock_text(jar_set)
    digest = hashlib.sha256(text.encode()).hexdigest()
    home = cache_dir / "jars" / f"{jar_set}-{digest[:12]}"
    return Wanted(name=jar_set, artifacts=parse(text), home=home)


def is_complete(home: Path) -> bool:
    """Whether every file of the set is there in its size."""
    try:
        return all((home / name).stat().st_size == size for size, name in _contents(home))
    except (OSError, ValueError):
        return False


def complete(missing: Sequence[Wanted], java: Java, progress: Progress) -> None:
    """Fetch the sets side by side, check them, and put each into its home; all homes in one folder.

    An archive's content stands for it. Two processes that ask at once fetch once: the second waits.
    Raises EmbeddedServiceError, and leaves nothing behind, as does Ctrl-C.
    """
    cache = missing[0].home.parent
    with _trouble_explained(cache), ExitStack() as stack:
        cache.mkdir(parents=True, exist_ok=True)
        for each in sorted(missing, key=lambda w: w.name):  # so two never wait for each other
            stack.enter_context(held(cache / f"{each.name}.lock"))
        works = [
            stack.enter_context(_work(each))
            for each in missing
            if not is_complete(each.home)  # another process may have fetched it meanwhile
        ]
        _check_space(cache, sum(work.wanted.size_bytes for work in works))
        _download(works, java, progress)
        for work in works:
            _publish(work)


@contextmanager
def _work(each: Wanted) -> Iterator[_Work]:
    """A fresh folder beside the home; what a killed process left of one is swept away."""
    prefix, cache = f".{each.name}-", each.home.parent
    for left in cache.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=cache) as folder:
        yield _Work(wanted=each, folder=Path(folder))


def _download(works: Sequence[_Work], java: Java, progress: Progress) -> None:
    """Run one Ivy a set, side by side, until all have come; none outlives this call."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for _ in range(TRIES):
            for work in works:
                module = ivy.locked_module(work.wanted.artifacts)
                running[work.wanted.name] = ivy.start(java, work.folder, module, poms=False)
            _watch(works, running, progress)
            works = [work for work in works if running[work.wanted.name].returncode]
            if not works:
                return
        raise _undownloaded(works[0])
    finally:
        for child in running.values():
            child.kill()
            child.wait()


def _watch(
    works: Sequence[_Work], running: dict[str, subprocess.Popen[bytes]], progress: Progress
) -> None:
    while True:
        over = [running[work.wanted.name].poll() is not None for work in works]
        for work, is_over in zip(works, over, strict=True):
            total = work.wanted.size_bytes
            came = total if is_over else min(_size_bytes(work.folder / "cache"), total)
            what = f"fetching {work.wanted.name} (MB)"
            progress(what, came // MEGABYTE, total // MEGABYTE)
        if all(over):
            return
        time.sleep(TICK_S)


def _undownloaded(work: _Work) -> EmbeddedServiceError:
    return EmbeddedServiceError(
        f"cannot download the jars of {work.wanted.name} ({ivy.last_words(work.folder)}); check "
        "the network, set HTTPS_PROXY if this machine is behind a proxy, and try again"
    )


def _publish(work: _Work) -> None:
    """Check what came, unpack archives, and move the whole into its place."""
    made = work.folder / "jars"
    for artifact in work.wanted.artifacts:
        _check(made / artifact.file, artifact)
        if artifact.extension == "tar.gz":
            with tarfile.open(made / artifact.file) as archive:
                archive.extractall(made, filter="data")
            (made / artifact.file).unlink()
    files = sorted(path for path in made.rglob("*") if path.is_file())
    rows = [f"{path.stat().st_size}  {path.relative_to(made)}\n" for path in files]
    (made / CONTENTS).write_text("".join(rows), encoding="utf-8")
    shutil.rmtree(work.wanted.home, ignore_errors=True)  # a damaged one
    made.rename(work.wanted.home)


def _check(path: Path, artifact: Artifact) -> None:
    with path.open("rb") as file:
        came = hashlib.file_digest(file, "sha256").hexdigest()
    if came != artifact.sha256:
        raise EmbeddedServiceError(
            f"expected {artifact.file} with SHA-256 {artifact.sha256}; got {came}; the download "
            "was altered on its way: try again, or from another network"
        )


def _check_space(cache: Path, size_bytes: int) -> None:
    free = shutil.disk_usage(cache).free
    if free < SPACE_FACTOR * size_bytes:
        raise EmbeddedServiceError(
            f"expected {SPACE_FACTOR * size_bytes // MEGABYTE} MB free for downloads in "
            f"{cache}; got {free // MEGABYTE} MB; free some space or set CMC_CACHE_DIR"
        )


@contextmanager
def _trouble_explained(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedServiceError(
            f"cannot write to the cache folder {cache}: {error.strerror}; free some space or "
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
