"""Dead letters back by `codemychart dlq redrive`."""

import json

from ui.commands import Run, run, said


def put_back(error_class: str, person: str, start: Run = run) -> int:
    """Put back all that this class refused, in this person's name; how many the broker holds.

    Raises UnavailableError where not all of it is back; what is back is marked so, and the rest may be
    put back again.
    """
    told = said(
        [
            *("dlq", "redrive", "--all", "--json"),
            f"--error-class={error_class}",
            f"--person={person}",
        ],
        start,
    )
    return int(json.loads(told)["acknowledged"])
