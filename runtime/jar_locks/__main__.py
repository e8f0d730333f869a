"""Write the lock files anew: ``python -m runtime.jar_locks [SET...]`` after a change of a .xml."""

import hashlib
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

from clinical_coding.errors import EmbeddedServiceError
from runtime import ivy
from runtime.jar_locks import JAR_SETS, Artifact, JarSet, asked_for, write
from runtime.java import Java, find_java

HERE = Path(__file__).parent
WITHOUT_POM: tuple[JarSet, ...] = ("registry", "object-store")  # one file, classified: no POM fits


def resolve(jar_set: JarSet, java: Java, work_dir: Path) -> tuple[Artifact, ...]:
    """Every file that answers what the set asks for, by name. Raises EmbeddedServiceError."""
    poms = jar_set not in WITHOUT_POM
    if ivy.start(java, work_dir, asked_for(jar_set), poms=poms).wait():
        raise EmbeddedServiceError(f"cannot resolve {jar_set}: {ivy.last_words(work_dir)}")
    report = next((work_dir / "cache").glob("codemychart-*-default.xml"))
    artifacts = [
        _artifact(module, revision, artifact, work_dir / "jars")
        for module in ET.parse(report).iter("module")  # noqa: S314 - Ivy's own report
        for revision in module.iter("revision")
        for artifact in revision.iter("artifact")
    ]
    return tuple(sorted(artifacts, key=lambda a: a.file))


def _artifact(
    module: ET.Element,
    revision: ET.Element,
    artifact: ET.Element,
    folder: Path,
) -> Artifact:
    classifiers = [v for k, v in artifact.attrib.items() if k.endswith("classifier")]
    named = Artifact(
        sha256="",
        size_bytes=0,
        organisation=module.attrib["organisation"],
        module=artifact.attrib["name"],
        revision=revision.attrib["name"],
        classifier=classifiers[0] if classifiers else "",
        extension=artifact.attrib["ext"],
    )
    content = (folder / named.file).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return replace(named, sha256=digest, size_bytes=len(content))


def main() -> None:
    """Resolve the named sets, all by default."""
    for jar_set in JAR_SETS:
        if sys.argv[1:] and jar_set not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            artifacts = resolve(jar_set, find_java(), Path(folder))
        (HERE / f"{jar_set}.txt").write_text(write(artifacts), encoding="utf-8")


if __name__ == "__main__":
    main()
