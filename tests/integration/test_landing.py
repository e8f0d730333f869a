"""Claims land once, whoever reads the lake, and whatever is killed on the way."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from cli.__main__ import codemychart
from consumers.lake import claim_ids, open_lake
from consumers.lake_objects import file_system, objects_of
from runtime.embedded.ports import free_port
from runtime.kafka import KafkaSender
from runtime.settings import KafkaSettings, LandingSettings
from schemas.claim_coded import ClaimCoded
from schemas.cloud_events import traceparent_for
from schemas.topics import Topics, schema_text
from schemas.wire import RecordWriter
from tests.claims import claim_event
from tests.fakes.collector import collector
from tests.probing import ask
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(280)
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2025, 12, 31))
CLAIMS = 600


class _Sending:
    """Sends claims, each of its own note."""

    def __init__(self, settings: KafkaSettings, names: Topics, schema_id: int) -> None:
        self._sender = KafkaSender(settings, "test")
        self._topic = names.claims.name
        self._writer = RecordWriter(ClaimCoded, schema_text("claim_coded.avsc"), schema_id)
        self.sent: list[ClaimCoded] = []

    def send(self, count: int) -> None:
        first = len(self.sent)
        for n in range(first, first + count):
            claim = claim_event(f"note-{n}", day=DAYS[n % len(DAYS)])
            self.sent.append(claim)
            self.again(claim)
        self._sender.flush(30)

    def again(self, claim: ClaimCoded) -> None:
        headers = {"traceparent": traceparent_for(claim.event_id)}
        self._sender.send(self._topic, claim.encounter_id, self._writer.encode(claim), headers)

    def garbage(self) -> None:
        self._sender.send(self._topic, "k", b"no claim", {})
        self._sender.flush(30)


@pytest.fixture
def sending(
    kafka_settings: KafkaSettings, names: Topics, registered: Mapping[str, int]
) -> _Sending:
    return _Sending(kafka_settings, names, registered[names.claims.subject])


def test_claims_land_once_on_s3_although_the_driver_is_killed(
    sending: _Sending,
    lake_settings: LandingSettings,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """DuckDB, pandas and pyarrow count each event_id once after kill -9 in the middle."""
    log = tmp_path / "landing.log"
    variables = process_variables | {
        "CMC_LANDING_MAX_OFFSETS_PER_BATCH": "100",
        "CMC_LANDING_TRIGGER_S": "0",
    }
    sending.send(CLAIMS)
    sending.garbage()
    with process("consumers.landing", variables=variables, log=log) as landing:
        wait_for(lambda: len(claim_ids(lake_settings)) >= 100, 120, "a first batch", log)
        landing.kill()
    sending.again(sending.sent[0])  # what a killed worker sends again
    with process("consumers.landing", "--once", variables=variables, log=log) as landing:
        assert landing.wait(150) == 0, log.read_text()[-3000:]

    lake = open_lake(lake_settings)
    expected = {claim.event_id for claim in sending.sent}
    assert (
        set(pc.unique(lake.claims.to_table(columns=["event_id"])["event_id"]).to_pylist())
        == expected
    )
    with lake.connection() as duck:
        assert duck.sql("SELECT count(*), count(DISTINCT event_id) FROM claims").fetchall() == [
            (CLAIMS, CLAIMS)
        ]
        per_day = dict(
            duck.sql("SELECT date_of_service, count(*) FROM claims GROUP BY 1").fetchall()
        )
        diagnoses = duck.sql("SELECT event_id, code, band, first_listed FROM diagnoses").df()
    assert per_day == {day: CLAIMS // len(DAYS) for day in DAYS}
    assert set(diagnoses["event_id"]) == expected
    assert set(diagnoses["code"]) == {"R07.9"}
    landed = lake.claims.to_table().num_rows
    assert CLAIMS <= landed <= CLAIMS + 1  # the repeat may have landed; nothing else twice
    assert not {"text", "value"} & set(lake.claims.schema.names)


def test_claims_land_in_a_plain_folder_with_what_is_there(
    sending: _Sending, process_variables: dict[str, str], tmp_path: Path
) -> None:
    """SIGTERM ends a landing cleanly; ``--once`` then lands what is left and ends by itself."""
    folder = tmp_path / "lake"
    log = tmp_path / "landing.log"
    port = free_port(0)
    variables = process_variables | {
        "CMC_LANDING_LAKE": str(folder),
        "CMC_LANDING_HEALTH_PORT": str(port),
    }
    settings = LandingSettings(lake=str(folder))
    sending.send(50)
    with (
        collector() as collected,
        process(
            "consumers.landing",
            variables=variables | {"OTEL_EXPORTER_OTLP_ENDPOINT": collected.endpoint},
            log=log,
        ) as landing,
    ):
        wait_for(lambda: ask(port, "/livez")[0] == 200, 60, "live while it starts", log)
        assert ask(port, "/readyz")[0] == 503
        wait_for(lambda: len(claim_ids(settings)) >= 50, 120, "the claims", log)
        wait_for(lambda: '"lag": 0' in ask(port, "/readyz")[1], 60, "no lag", log)
        assert ask(port, "/readyz")[0] == 200
        told = ask(port, "/metrics")[1]
        assert 'cmc_landing_rows_total{table="claims"} 50.0' in told
        assert 'cmc_landing_rows_total{table="diagnoses"} 50.0' in told
        wait_for(lambda: bool(collected.spans("land batch")), 60, "a batch's span", log)
        linked = {link.span_id.hex() for s in collected.spans("land batch") for link in s.links}
        assert linked == {
            traceparent_for(claim.event_id).split(b"-")[2].decode() for claim in sending.sent
        }
        landing.send_signal(signal.SIGTERM)
        assert landing.wait(60) == 0, log.read_text()[-3000:]

    with process("consumers.landing", variables=variables, log=log) as landing:
        wait_for(lambda: ask(port, "/readyz")[0] == 200, 120, "ready with nothing to do", log)
        assert '"lag": 0' in ask(port, "/readyz")[1]
        landing.send_signal(signal.SIGTERM)
        assert landing.wait(60) == 0, log.read_text()[-3000:]

    newer = replace(claim_event("note-new"), warnings=("code-set-not-in-force",))
    sending.again(newer)
    sending.garbage()
    with process("consumers.landing", "--once", variables=variables, log=log) as landing:
        assert landing.wait(120) == 0, log.read_text()[-3000:]

    with open_lake(settings).connection() as duck:
        rows = duck.sql("SELECT warnings FROM claims WHERE note_id = 'note-new'").fetchall()
        assert rows == [(["code-set-not-in-force"],)]
        assert duck.sql("SELECT count(*) FROM landed_claims").fetchall() == [(51,)]
    assert list((folder / "rejected").rglob("*.parquet"))


@pytest.mark.parametrize("store", ["s3", "folder"])
def test_what_the_lake_has_lost_is_landed_again_and_nothing_else(
    store: str,
    sending: _Sending,
    lake_settings: LandingSettings,
    process_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    """For a reader that knows nothing of ids each row is there once, but for what the topic repeats.

    Away were the claims of one day and the diagnoses of another.
    """
    log, lake = tmp_path / "landing.log", lake_settings.lake
    if store == "folder":
        lake = str(tmp_path / "lake")
    settings = lake_settings.model_copy(update={"lake": lake})
    files, root = file_system(settings)
    objects = objects_of(settings, lake)
    variables = process_variables | {"CMC_LANDING_LAKE": lake}
    sending.send(60)
    sending.garbage()
    with process("consumers.landing", "--once", variables=variables, log=log) as landing:
        assert landing.wait(150) == 0, log.read_text()[-3000:]
    for table, day in (("claims", DAYS[0]), ("diagnoses", DAYS[1])):
        objects.delete([n for n in objects.names(table) if f"/date_of_service={day}/" in n])
    sending.again(sending.sent[0])
    sending.again(sending.sent[1])
    sending.garbage()

    lost = CliRunner().invoke(codemychart, ["reconcile", "--json"], env=variables)
    repaired = CliRunner().invoke(
        codemychart, ["reconcile", "--repair", "--json", "--by-hour"], env=variables
    )

    assert (lost.exit_code, json.loads(lost.stdout)["not_landed"]) == (1, 20)
    assert repaired.exit_code == 0, repaired.output
    hours = json.loads(repaired.stdout)["claim_hours"]
    assert sum(hour["landed"] for hour in hours) == 60
    for table in ("claims", "diagnoses"):
        rows = pd.read_parquet(f"{root}/{table}", filesystem=files)
        assert (rows["event_id"].nunique(), len(rows)) == (60, 61)
    assert len(pd.read_parquet(f"{root}/rejected", filesystem=files)) == 2
