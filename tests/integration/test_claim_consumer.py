"""The claim consumer in a real group: resumed, placed, shared."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.claims import ClaimConsumer, claim_consumer
from runtime.clock import now
from runtime.kafka import KafkaSender, Start
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.claim_coded import ClaimCoded
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from tests.claims import claim_event
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
GROUP = "billing"
KEYS = 8  # so that every partition has some


class Claims:
    """The test's claim topic: claims in, consumers out."""

    def __init__(
        self,
        kafka: KafkaSettings,
        registry: RegistrySettings,
        names: Topics,
        registered: Mapping[str, int],
    ) -> None:
        self._kafka, self._registry = kafka, registry
        self._group = f"{kafka.topic_prefix}{GROUP}"
        self._topic = names.claims.name
        self._sender = KafkaSender(kafka, "test")
        schema_id = registered[names.claims.subject]
        self._writer = RecordWriter(ClaimCoded, schema_text("claim_coded.avsc"), schema_id)

    def publish(self, *note_ids: str) -> None:
        """A claim of each note, over the partitions."""
        for n, note_id in enumerate(note_ids):
            value = self._writer.encode(claim_event(note_id))
            self._sender.send(self._topic, str(n % KEYS), value, {})
        self._sender.flush(20)

    def consumer(self, start: Start = "beginning") -> ClaimConsumer:
        """A member of the test's group."""
        return claim_consumer(self._kafka, self._registry, group=self._group, start=start)

    def taken(self, start: Start = "beginning") -> list[str]:
        """What a member is given that takes what there is and leaves."""
        with self.consumer(start) as claims:
            return sorted(claim.note_id for claim in claims.until_now())


@pytest.fixture
def claims(
    kafka_settings: KafkaSettings,
    registry_settings: RegistrySettings,
    names: Topics,
    registered: Mapping[str, int],
) -> Claims:
    """The test's claim topic."""
    return Claims(kafka_settings, registry_settings, names, registered)


def _notes(letter: str, count: int = 40) -> list[str]:
    return [f"{letter}{n:02d}" for n in range(count)]


class CannotBillError(Exception):
    """What a user's own code may raise."""


def test_a_group_goes_on_behind_what_was_processed(claims: Claims) -> None:
    """The claim in hand at an error comes again, the ones before it do not, none is lost."""
    claims.publish(*_notes("a"))
    billed: list[str] = []

    def bill_until(failing: int) -> str:
        with claims.consumer() as consumer:
            for claim in consumer:
                if len(billed) == failing:
                    billed_at_error.append(claim.note_id)
                    raise CannotBillError
                billed.append(claim.note_id)
        return ""

    billed_at_error: list[str] = []
    with pytest.raises(CannotBillError):
        bill_until(17)
    rest = claims.taken()

    assert sorted([*billed, *rest]) == _notes("a")
    assert billed_at_error[0] in rest
    assert claims.taken() == []
    claims.publish("b")
    assert claims.taken() == ["b"]


def test_a_new_group_begins_where_it_is_told_and_an_old_one_where_it_was(claims: Claims) -> None:
    claims.publish(*_notes("a"))
    moment = now() + timedelta(milliseconds=1)
    wait_for(lambda: now() > moment, 5, "another millisecond")
    claims.publish(*_notes("b"))

    assert claims.taken(moment) == _notes("b")
    claims.publish("c")
    assert claims.taken("end") == ["c"]


def test_a_group_that_began_at_the_end_loses_nothing_while_it_is_away(claims: Claims) -> None:
    """Also in the partitions in which it has never been given a claim."""
    claims.publish(*_notes("a"))
    assert claims.taken("end") == []

    claims.publish(*_notes("b"))

    assert claims.taken("end") == _notes("b")


def test_two_members_of_a_group_share_the_claims(claims: Claims) -> None:
    claims.publish(*_notes("a", 200))
    given: list[str] = []

    with claims.consumer() as one, claims.consumer() as other:

        def both_have_given() -> bool:
            for member in (one, other):
                claim = member.take(0.05)
                given.extend([claim.note_id] if claim else [])
            return set(given) == set(_notes("a", 200))

        wait_for(both_have_given, 60, "every claim")

    assert claims.taken() == []


def test_the_documented_example_runs_and_goes_on_where_it_was(
    claims: Claims, process_variables: dict[str, str]
) -> None:
    page = (ROOT / "docs" / "consuming-claims.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(example.splitlines()) <= 15

    def printed() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", example],
            env=os.environ | process_variables | {"PYTHONPATH": str(ROOT)},  # noqa: TID251 - handed on
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    claims.publish("a", "b", "a")
    first = printed()
    claims.publish("c")

    ids = {claim_event(name).event_id for name in "ab"}
    assert {line.split()[0] for line in first} == ids
    assert [line.split()[1:] for line in first] == [["encounter-1", "signed", "R07.9"]] * 2
    assert [line.split()[0] for line in printed()] == [claim_event("c").event_id]
