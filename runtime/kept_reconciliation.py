"""The last reconciliation, kept in the state folder for who looks at how things stand."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FILE = "reconciliation.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReconciliation:
    """When it was, and its counts by name; None for one that was not asked for."""

    at: datetime
    counts: Mapping[str, int | None]


def keep(counts: Mapping[str, int | None], at: datetime, state_dir: Path) -> None:
    """Keep it; where the folder cannot be written nothing is kept, and nothing else is spoilt."""
    made = (state_dir / FILE).with_suffix(".new")
    with suppress(OSError):
        state_dir.mkdir(parents=True, exist_ok=True)
        made.write_text(json.dumps({"at": at.isoformat(), "counts": dict(counts)}))
        made.replace(state_dir / FILE)


def kept(state_dir: Path) -> KeptReconciliation | None:
    """The last one of this state folder; None when there is none that can be read."""
    try:
        told = json.loads((state_dir / FILE).read_text())
        counts = {str(n): None if c is None else int(c) for n, c in told["counts"].items()}
        return KeptReconciliation(at=datetime.fromisoformat(told["at"]), counts=counts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
