"""How a JVM is started here: quickly, and in little memory."""

from collections.abc import Sequence
from pathlib import Path

from runtime.java import Java


def command(java: Java, heap_mb: int, home: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    """The command of a service whose own files lie in ``home``.

    The serial collector and the first compiler alone halve the start; a service this small gains
    nothing from the others.
    """
    return (
        str(java.executable),
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        f"-XX:ErrorFile={home}/jvm-error-%p.log",
        f"-Djava.io.tmpdir={home}",
        *arguments,
    )
