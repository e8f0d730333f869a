"""Moments as a command takes them."""

from datetime import datetime

import click
from typing_extensions import override


class MomentType(click.ParamType):
    """A moment in ISO 8601."""

    name = "WHEN"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment; a usage error for anything else."""
        from consumers.claims import start_of

        try:
            moment = start_of(str(value))
        except ValueError:
            moment = ""
        if not isinstance(moment, datetime):
            self.fail("expected a time such as 2026-03-02T15:00", param, ctx)
        return moment
