"""The Java that runs the embedded services and Spark: found, never installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import EmbeddedServiceError

OLDEST = 17  # Spark 4 and Kafka 4 run on nothing older
ANSWER_TIMEOUT_S = 20.0
HOW_TO_GET = (
    "install it (apt install openjdk-17-jre-headless, brew install openjdk@17) and set JAVA_HOME "
    "if it is not on the PATH"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A Java that is new enough; ``release`` is its feature number: 17, 21."""

    executable: Path
    release: int

    @property
    def home(self) -> Path:
        """What JAVA_HOME should be for a child that looks for Java itself."""
        return self.executable.resolve().parent.parent


def find_java() -> Java:
    """The Java of JAVA_HOME, else the first one on the PATH that is new enough.

    Raises EmbeddedServiceError, saying what was found, when there is none.
    """
    return choose_java(os.environ)  # noqa: TID251 - JAVA_HOME and PATH are the machine's, not ours


def choose_java(variables: Mapping[str, str]) -> Java:
    """As find_java, for a given JAVA_HOME and PATH."""
    found = []
    for where, executable in _candidates(variables):
        release = _release(executable)
        if release is not None and release >= OLDEST:
            return Java(executable=executable, release=release)
        found.append(f"{where} has {f'Java {release}' if release else 'none that runs'}")
    raise EmbeddedServiceError(
        f"expected Java {OLDEST} or newer; got {'; '.join(found) or 'no Java'}; {HOW_TO_GET}"
    )


def _candidates(variables: Mapping[str, str]) -> list[tuple[str, Path]]:
    places = []
    if home := variables.get("JAVA_HOME"):
        places.append((f"JAVA_HOME={home}", Path(home) / "bin" / "java"))
    if on_path := shutil.which("java", path=variables.get("PATH", "")):
        places.append((on_path, Path(on_path)))
    return places


def _release(executable: Path) -> int | None:
    """The feature number that this Java says it is, None when it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own Java
            [executable, "-version"], capture_output=True, timeout=ANSWER_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None  # macOS has a java that only asks the user to install one
    text = (answer.stderr + answer.stdout).decode(errors="replace")
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found[1]) if found else None
