"""Moments and ages on the command line."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

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


class AgeType(click.ParamType):
    """So many years or days, as 10y or 90d; the last day that is not older afterwards."""

    name = "AGE"

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The day so long ago; a usage error for anything else."""
        if isinstance(value, date):
            return value
        told = re.fullmatch(r"(\d+)([yd])", str(value))
        if told is None:
            self.fail("expected an age such as 10y or 90d", param, ctx)
        count, unit = int(told[1]), told[2]
        try:
            return (
                ago(self._today(), years=count) if unit == "y" else self._today() - timedelta(count)
            )
        except (ValueError, OverflowError):
            self.fail("expected an age that a calendar has", param, ctx)


def ago(day: date, *, years: int) -> date:
    """The same day so many years before; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
