"""Which jars each embedded service needs: exact versions, sizes and SHA-256, one line a jar.

A set's ``.xml`` names what we ask for, its ``.txt`` every file that answers it. After a change of
the ``.xml`` write the ``.txt`` anew with ``python -m runtime.jar_locks``.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, get_args

JarSet = Literal["kafka", "registry", "object-store", "spark"]
JAR_SETS: tuple[JarSet, ...] = get_args(JarSet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of a jar set; ``classifier`` is "" for the plain one."""

    sha256: str
    size_bytes: int
    organisation: str
    module: str
    revision: str
    classifier: str
    extension: str

    @property
    def file(self) -> str:
        """Its name on disk."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.module}-{self.revision}{tail}.{self.extension}"


def lock_text(jar_set: JarSet) -> str:
    """The lock file as it stands."""
    return (files(__name__) / f"{jar_set}.txt").read_text(encoding="utf-8")


def asked_for(jar_set: JarSet) -> str:
    """The Ivy module that says what we ask for."""
    return (files(__name__) / f"{jar_set}.xml").read_text(encoding="utf-8")


def parse(text: str) -> tuple[Artifact, ...]:
    """The artifacts of a lock file, in its order, which is the order of the class path."""
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(_artifact(int(size), sha256, name) for sha256, size, name in lines)


def write(artifacts: tuple[Artifact, ...]) -> str:
    """The lock file's text: ``sha256  bytes  organisation:module:revision:classifier:extension``."""
    rows = [
        f"{a.sha256}  {a.size_bytes}  "
        f"{a.organisation}:{a.module}:{a.revision}:{a.classifier}:{a.extension}"
        for a in artifacts
    ]
    return "".join(f"{row}\n" for row in rows)


def _artifact(size_bytes: int, sha256: str, name: str) -> Artifact:
    organisation, module, revision, classifier, extension = name.split(":")
    return Artifact(
        sha256=sha256,
        size_bytes=size_bytes,
        organisation=organisation,
        module=module,
        revision=revision,
        classifier=classifier,
        extension=extension,
    )
