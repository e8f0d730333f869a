"""Outcome before offset."""

import asyncio
from dataclasses import dataclass, field

import pytest

from clinical_coding.errors import BrokerError
from streams.records import Outgoing
from streams.settling import settle


@dataclass(slots=True)
class FakeBroker:
    """Takes records and holds them when it is told to; keeps what happened in order."""

    refused: int | None = None  # the place of a record that it does not take
    events: list[str] = field(default_factory=list)
    futures: list[asyncio.Future[object]] = field(default_factory=list)
    all_sent: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, record: Outgoing) -> asyncio.Future[object]:
        """Queue the record."""
        self.events.append(f"sent {record.value!r}")
        self.futures.append(asyncio.get_running_loop().create_future())
        if len(self.futures) == len(RECORDS):
            self.all_sent.set()
        return self.futures[-1]

    async def acknowledge(self) -> None:
        """The batch's notes may be forgotten."""
        self.events.append("acknowledged")

    async def hold(self) -> None:
        """Answer for every record once all are sent, the last one first."""
        await self.all_sent.wait()
        for place, future in reversed(list(enumerate(self.futures))):
            await asyncio.sleep(0)
            self.events.append("held" if place != self.refused else "refused")
            if place == self.refused:
                future.set_exception(BrokerError("not taken"))
            else:
                future.set_result(None)


RECORDS = [Outgoing(topic="t", key=b"k", value=bytes([n]), headers=()) for n in (1, 2, 3)]


async def _settle(broker: FakeBroker) -> None:
    await asyncio.gather(settle(RECORDS, broker.send, broker.acknowledge), broker.hold())


def test_a_batch_is_acknowledged_after_the_broker_holds_all_of_it() -> None:
    broker = FakeBroker()

    asyncio.run(_settle(broker))

    assert broker.events == [
        *("sent b'\\x01'", "sent b'\\x02'", "sent b'\\x03'"),
        *("held", "held", "held"),
        "acknowledged",
    ]


@pytest.mark.parametrize("place", range(len(RECORDS)))
def test_one_record_that_is_not_taken_leaves_the_whole_batch_unacknowledged(place: int) -> None:
    broker = FakeBroker(refused=place)

    with pytest.raises(BrokerError):
        asyncio.run(_settle(broker))

    assert "acknowledged" not in broker.events
