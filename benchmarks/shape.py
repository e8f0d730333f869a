"""How long are functions and files? `python -m benchmarks.shape ROOM...`."""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

LONG_FILE = 300
SHOWN = 5


def main(rooms: list[str]) -> None:
    """Print median and p90 of the functions' bodies, the longest ones, and files that are too long."""
    files = [path for room in rooms for path in sorted(Path(room).rglob("*.py"))]
    sizes = sorted(size for path in files for size in _sizes(path))
    lines = [size for size, _ in sizes]
    print(f"{len(lines)} functions: median {statistics.median(lines):.0f} lines, "
          f"p90 {lines[int(0.9 * len(lines))]}")  # fmt: skip
    for size, name in sizes[-SHOWN:]:
        print(f"{size:>5} {name}")
    for path in files:
        count = path.read_text().count("\n")
        if count > LONG_FILE:
            print(f"{count:>5} {path}: over {LONG_FILE} lines")


def _sizes(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of each function's body without its docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                yield (
                    (body[-1].end_lineno or 0) - body[0].lineno + 1,
                    f"{path}:{node.lineno} {node.name}",
                )


if __name__ == "__main__":
    main(sys.argv[1:])
