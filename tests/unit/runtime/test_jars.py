"""Jars come whole and as their lock says, or not at all."""

import hashlib
import io
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from clinical_coding.errors import EmbeddedServiceError
from runtime.ivy import locked_module, proxy_options
from runtime.jar_locks import JAR_SETS, Artifact, lock_text, parse, write
from runtime.jars import Wanted, complete, fetch_all, is_complete
from runtime.java import Java
from runtime.progress import silent

CONTENT = b"the bytes of a jar"
COPIES = """#!/bin/sh
echo run >> {folder}/runs
for pattern; do :; done
mkdir -p "$(dirname "$pattern")"
cp {folder}/remote/* "$(dirname "$pattern")"
"""
OFFLINE = """#!/bin/sh
echo run >> {folder}/runs
echo ':: unresolved dependency: a#b;1: not found'
echo 'java.net.UnknownHostException: no route to the repository'
exit 1
"""


def _downloader(folder: Path, script: str = COPIES) -> Java:
    """A Java whose Ivy copies what lies in ``remote``, and notes each of its runs."""
    (folder / "remote").mkdir()
    program = folder / "java"
    program.write_text(script.format(folder=folder))
    program.chmod(0o755)
    return Java(executable=program, release=17)


def _runs(folder: Path) -> int:
    return len((folder / "runs").read_text().splitlines())


def _wanted(folder: Path, content: bytes = CONTENT, extension: str = "jar") -> Wanted:
    """One file that is to come, also laid where the downloader finds it."""
    artifact = Artifact(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        organisation="org.example",
        module="thing",
        revision="1.0",
        classifier="all",
        extension=extension,
    )
    (folder / "remote" / artifact.file).write_bytes(content)
    return Wanted(name="thing", artifacts=(artifact,), home=folder / "jars" / "thing-1")


def _left_over(wanted: Wanted) -> list[Path]:
    return [path for path in wanted.home.parent.iterdir() if path.name.startswith(".")]


def test_a_set_comes_into_its_home_and_nothing_else_stays(tmp_path: Path) -> None:
    java, progress = _downloader(tmp_path), list[tuple[str, int, int]]()
    wanted = _wanted(tmp_path)

    complete([wanted], java, lambda *step: progress.append(step))

    assert (wanted.home / "thing-1.0-all.jar").read_bytes() == CONTENT
    assert is_complete(wanted.home)
    assert not _left_over(wanted)
    assert progress[-1] == ("fetching thing (MB)", 0, 0)


def test_an_archive_is_unpacked_and_not_kept(tmp_path: Path) -> None:
    java, packed = _downloader(tmp_path), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("lib/inner.jar")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    wanted = _wanted(tmp_path, packed.getvalue(), "tar.gz")

    complete([wanted], java, silent)

    assert (wanted.home / "lib" / "inner.jar").read_bytes() == CONTENT
    assert not (wanted.home / "thing-1.0-all.tar.gz").exists()


def test_other_bytes_than_the_lock_says_are_refused_and_not_kept(tmp_path: Path) -> None:
    java = _downloader(tmp_path)
    wanted = _wanted(tmp_path)
    altered = replace(wanted.artifacts[0], sha256="0" * 64)

    with pytest.raises(EmbeddedServiceError, match=r"expected thing-1\.0-all\.jar with SHA-256 00"):
        complete([replace(wanted, artifacts=(altered,))], java, silent)

    assert not wanted.home.exists()
    assert not _left_over(wanted)


def test_without_a_network_one_line_says_what_to_do_after_three_tries(tmp_path: Path) -> None:
    java = _downloader(tmp_path, OFFLINE)

    with pytest.raises(EmbeddedServiceError, match=r"UnknownHost.*HTTPS_PROXY") as told:
        complete([_wanted(tmp_path)], java, silent)

    assert "\n" not in str(told.value)
    assert _runs(tmp_path) == 3


def test_more_than_the_disk_holds_is_not_begun(tmp_path: Path) -> None:
    java = _downloader(tmp_path)
    wanted = _wanted(tmp_path)
    huge = replace(wanted.artifacts[0], size_bytes=10**18)

    with pytest.raises(EmbeddedServiceError, match=r"MB free.*CMC_CACHE_DIR"):
        complete([replace(wanted, artifacts=(huge,))], java, silent)

    assert not (tmp_path / "runs").exists()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedServiceError, match=r"cannot write to the cache folder .*file"):
        fetch_all(("kafka",), tmp_path / "file", silent)


def test_a_file_cut_short_makes_its_set_incomplete_and_it_is_fetched_anew(tmp_path: Path) -> None:
    java = _downloader(tmp_path)
    wanted = _wanted(tmp_path)
    complete([wanted], java, silent)
    (wanted.home / "thing-1.0-all.jar").write_bytes(CONTENT[:3])

    assert not is_complete(wanted.home)
    complete([wanted], java, silent)

    assert is_complete(wanted.home)


def test_what_a_killed_download_left_is_swept_away(tmp_path: Path) -> None:
    java = _downloader(tmp_path)
    wanted = _wanted(tmp_path)
    (wanted.home.parent / ".thing-half").mkdir(parents=True)

    complete([wanted], java, silent)

    assert not _left_over(wanted)


def test_two_that_ask_at_once_fetch_once(tmp_path: Path) -> None:
    java = _downloader(tmp_path)
    wanted = _wanted(tmp_path)

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: complete([wanted], java, silent), range(2)))

    assert _runs(tmp_path) == 1
    assert is_complete(wanted.home)


@pytest.mark.parametrize("jar_set", JAR_SETS)
def test_every_lock_reads_back_as_it_was_written_and_names_each_file_once(jar_set: str) -> None:
    (known,) = [known for known in JAR_SETS if known == jar_set]
    artifacts = parse(lock_text(known))

    assert write(artifacts) == lock_text(known)
    assert len({a.file for a in artifacts}) == len(artifacts)
    assert all(a.size_bytes > 0 and len(a.sha256) == 64 for a in artifacts)
    assert locked_module(artifacts).count("<dependency ") == len(artifacts)


def test_a_proxy_of_the_environment_reaches_the_jvm() -> None:
    given = {"https": "http://proxy.example:3128", "http": "http://other.example"}

    assert proxy_options(given) == [
        "-Dhttp.proxyHost=other.example",
        "-Dhttp.proxyPort=80",
        "-Dhttps.proxyHost=proxy.example",
        "-Dhttps.proxyPort=3128",
    ]
    assert proxy_options({}) == []
