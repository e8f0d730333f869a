"""Files that only their user may read, whole or not there."""

from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace the file in one step; mode 0600 from its first moment, missing folders 0700.

    Raises OSError when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    made.write_bytes(content.encode() if isinstance(content, str) else content)
    made.replace(path)
