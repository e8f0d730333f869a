"""Moments on the command line."""

from datetime import UTC, datetime

import click
from typing_extensions import override


class MomentType(click.ParamType):
    """A moment in ISO 8601, local time where no zone is given; in UTC afterwards."""

    name = "T"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment; a usage error for anything else."""
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC)
        except ValueError:
            self.fail("expected a time such as 2026-03-02T15:00", param, ctx)
