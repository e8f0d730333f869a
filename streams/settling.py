"""Outcome before offset: the one step that decides whether a note can be lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from streams.records import Outgoing

# Queues one record; the future is done when the broker holds it, and raises when it will not.
Send = Callable[[Outgoing], Awaitable[asyncio.Future[object]]]


async def settle(
    records: Sequence[Outgoing], send: Send, acknowledge: Callable[[], Awaitable[None]]
) -> None:
    """Acknowledge a batch once the broker holds an outcome for every note of it.

    Raises what a send raised; the batch is then not acknowledged and will be read again.
    """
    futures = [await send(record) for record in records]
    await asyncio.gather(*futures)
    await acknowledge()
