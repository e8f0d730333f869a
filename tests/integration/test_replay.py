"""Replay on real topics: recoded, compared, killed, promoted and dropped."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from typing_extensions import override

from cli.__main__ import codemychart
from cli.replay_run import Artifact, Window, replay_window
from clinical_coding.claim import Coding, Profile
from clinical_coding.errors import MisconfiguredError
from clinical_coding.note import EncounterId, IcdCode, Note
from consumers.replay_report import ReplayReport
from producers.synthetic import encounters
from runtime import kafka_topics
from runtime.clock import now
from runtime.kafka import KafkaSender, TopicReader
from runtime.progress import silent
from runtime.registry import Registry
from runtime.replay_runs import RunFolder, run_folder
from runtime.settings import KafkaSettings
from schemas.claim_coded import ClaimCoded
from schemas.note_signed import NoteSigned
from schemas.topics import Topics, schema_text
from schemas.wire import RecordReader, RecordWriter
from tests.claims import claim_event
from tests.fakes.coders import FakeCoder
from tests.notes import note_event
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(240)
LONG_AGO = now() - timedelta(days=1)
NOTES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCoder(FakeCoder):
    """Another model: it finds R05.9 in notes that cough, and fails on those that say "fails"."""

    model_version: str = "fake-2"

    @override
    def code(self, notes: Sequence[Note], profile: Profile) -> Sequence[Coding]:
        if any("fails" in note.text for note in notes):
            raise ValueError(len(notes))
        return [
            replace(coding, diagnoses=tuple(replace(d, code=_code(note)) for d in coding.diagnoses))
            for note, coding in zip(notes, FakeCoder.code(self, notes, profile), strict=True)
        ]


def _code(note: Note) -> IcdCode:
    return IcdCode("R05.9" if "Cough" in note.text else "R07.9")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A test's topics, with what it takes to publish and to read them."""

    settings: KafkaSettings
    names: Topics
    registered: Mapping[str, int]
    registry: Registry
    variables: Mapping[str, str]

    def publish(self, events: Sequence[NoteSigned]) -> None:
        """Notes."""
        schema = schema_text("note_signed.avsc")
        writer = RecordWriter(NoteSigned, schema, self.registered[self.names.notes.subject])
        self._send(self.names.notes.name, [(e.encounter_id, writer.encode(e)) for e in events])

    def publish_claims(self, claims: Sequence[ClaimCoded]) -> None:
        """Claims, as the worker would."""
        schema = schema_text("claim_coded.avsc")
        writer = RecordWriter(ClaimCoded, schema, self.registered[self.names.claims.subject])
        self._send(self.names.claims.name, [(c.encounter_id, writer.encode(c)) for c in claims])

    def claims(self, topic: str) -> list[ClaimCoded]:
        """What a topic of claims holds."""
        decoder = RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), self.registry)
        with closing(TopicReader(self.settings, topic, "beginning")) as reader:
            return [decoder.decode(record.value) for record in reader.until_now()]

    def commit_all(self) -> None:
        """Say that the worker's group is past every note."""
        group, topic = self.variables["CMC_WORKER_GROUP"], self.names.notes.name
        ends = kafka_topics.counts(self.settings, topic)
        places = [TopicPartition(topic, n, end) for n, (_, end) in ends.items()]
        admin = AdminClient({"bootstrap.servers": self.settings.bootstrap_servers})
        asked = [ConsumerGroupTopicPartitions(group, places)]
        admin.alter_consumer_group_offsets(asked)[group].result()

    def folder(self, run: str) -> RunFolder:
        """A run's folder."""
        return run_folder(Path(self.variables["CMC_STATE_DIR"]), run)

    def run(self, *arguments: str) -> Result:
        """A command."""
        return CliRunner().invoke(
            codemychart, arguments, env=dict(self.variables), catch_exceptions=False
        )

    def _send(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        sender = KafkaSender(self.settings, "test")
        for key, value in records:
            sender.send(topic, key, value, {})
        sender.flush(20)


@pytest.fixture
def deployment(
    kafka_settings: KafkaSettings,
    names: Topics,
    registered: Mapping[str, int],
    registry: Registry,
    process_variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Deployment:
    """The test's own topics; this process has their settings."""
    for name, value in process_variables.items():
        monkeypatch.setenv(name, value)
    return Deployment(kafka_settings, names, registered, registry, process_variables)


def _events(text: Callable[[int], str] = lambda _: "Chest pain.") -> list[NoteSigned]:
    return [
        note_event(text(n), note_id=f"note-{n}", encounter_id=f"encounter-{n % 5}")
        for n in range(NOTES)
    ]


def _claims(events: Sequence[NoteSigned]) -> list[ClaimCoded]:
    """The claims that FakeCoder makes of the notes."""
    return [
        replace(claim_event(event.note_id, event.text), encounter_id=event.encounter_id)
        for event in events
    ]


def _replayed(coder: FakeCoder, window: Window) -> ReplayReport:
    artifact = Artifact(coder=coder, code_sets=None, chapter_of=lambda _: 18)
    return replay_window(artifact, window, silent)


def _later() -> datetime:
    """A moment after everything that was published."""
    moment = now() + timedelta(milliseconds=2)
    wait_for(lambda: now() > moment, 5, "another millisecond")
    return moment


def test_the_same_artifact_over_the_same_window_gives_an_empty_diff(deployment: Deployment) -> None:
    """Its claims are those of the worker by id; nobody's group and not the claim topic are touched."""
    events = _events()
    deployment.publish(events)
    deployment.publish_claims(_claims(events))
    before = kafka_topics.counts(deployment.settings, deployment.names.claims.name)

    report = _replayed(FakeCoder(), Window(since=LONG_AGO, until=_later()))

    assert report.diff.is_empty
    assert (report.diff.notes.compared, report.state.coded) == (NOTES, NOTES)
    shadow = deployment.claims(report.plan.topic)
    assert {c.event_id for c in shadow} == {c.event_id for c in _claims(events)}
    assert kafka_topics.counts(deployment.settings, deployment.names.claims.name) == before
    admin = AdminClient({"bootstrap.servers": deployment.settings.bootstrap_servers})
    groups = {g.group_id for g in admin.list_consumer_groups().result().valid}
    assert not {g for g in groups if g.startswith(deployment.settings.topic_prefix)}


def test_another_artifact_is_told_code_by_code_and_note_text_nowhere(
    deployment: Deployment,
) -> None:
    """Three quarters of the notes cough; one of the others cannot be coded any more."""
    events = _events(lambda n: "This fails" if n == 4 else "Cough." if n % 4 else "Chest pain.")
    deployment.publish(events)
    deployment.publish_claims(_claims(events))

    report = _replayed(OtherCoder(), Window(since=LONG_AGO, until=_later()))

    coughs = NOTES * 3 // 4
    codes = {c.name: (c.before, c.after, c.added, c.removed) for c in report.diff.by_code}
    assert codes == {
        "R05.9": (0, coughs, coughs, 0),
        "R07.9": (NOTES - 1, NOTES - 1 - coughs, 0, coughs),
    }
    assert (report.diff.notes.compared, report.diff.notes.same) == (NOTES - 1, NOTES // 4 - 1)
    assert [r.error_class for r in report.state.first_refused] == ["UnscorableNoteError"]
    folder = deployment.folder(report.run).path
    assert pq.read_table(folder / "codes.parquet").num_rows == NOTES - 1 + coughs
    written = (folder / "diff.md").read_text() + (folder / "diff.json").read_text()
    assert "| R05.9 | 0 | 30 | 0 | 30 | 0 | 0 |" in written
    assert "refused: partition" in written
    assert "Cough" not in written
    assert sorted(file.name for file in folder.iterdir()) == [
        "codes.parquet", "diff.json", "diff.md", "lock", "notes.parquet", "run.json", "state.json",
    ]  # fmt: skip


def test_only_the_window_and_only_the_encounters_are_recoded(deployment: Deployment) -> None:
    early, late = _events()[:10], _events()[10:]
    deployment.publish(early)
    since = _later()
    deployment.publish(late)
    until = _later()
    deployment.publish([note_event(note_id="after")])

    report = _replayed(
        FakeCoder(), Window(since=since, until=until, encounters=("encounter-1", "encounter-3"))
    )

    recoded = deployment.claims(report.plan.topic)
    assert {c.note_id for c in recoded} == {
        e.note_id for e in late if e.encounter_id in ("encounter-1", "encounter-3")
    }
    assert report.state.read == len(late) == report.plan.records
    assert report.diff.notes.without_claim == len(recoded)


def test_what_retention_has_cut_from_the_window_is_said(deployment: Deployment) -> None:
    deployment.publish(_events())
    marks = kafka_topics.counts(deployment.settings, deployment.names.notes.name)
    cut = next(n for n, (_, end) in marks.items() if end)
    admin = AdminClient({"bootstrap.servers": deployment.settings.bootstrap_servers})
    place = TopicPartition(deployment.names.notes.name, cut, 2)
    admin.delete_records([place])[place].result()

    report = _replayed(FakeCoder(), Window(since=LONG_AGO, until=_later()))

    assert report.plan.cut == (cut,)
    assert report.state.coded == NOTES - 2
    page = (deployment.folder(report.run).path / "diff.md").read_text()
    assert f"retention has deleted what partition {cut}" in page


def test_a_killed_replay_goes_on_where_it_was(deployment: Deployment, tmp_path: Path) -> None:
    """Kill -9 in the middle: the next start recodes at most the batch in hand again, and misses none."""
    count = 600
    deployment.publish(
        [note_event(note_id=f"n{n}", encounter_id=f"encounter-{n % 7}") for n in range(count)]
    )
    log, until = tmp_path / "replay.log", _later()
    words = (LONG_AGO.isoformat(), until.isoformat())
    replays = Path(deployment.variables["CMC_STATE_DIR"]) / "replays"

    def reached() -> int:
        states = [folder.state() for folder in map(RunFolder, replays.glob("*"))]
        return sum(state.read for state in states if state)

    with process(
        "tests.fakes.replay", *words, "1", variables=deployment.variables, log=log
    ) as running:
        wait_for(lambda: reached() >= 128, 60, "a first batch", log)
        running.kill()
    at_kill = reached()
    assert 0 < at_kill < count

    with process(
        "tests.fakes.replay", *words, "0", variables=deployment.variables, log=log
    ) as running:
        assert running.wait(90) == 0, log.read_text()

    (folder,) = map(RunFolder, replays.glob("*"))
    plan, state = folder.plan(), folder.state()
    assert plan is not None
    assert state is not None
    assert (state.read, state.coded, state.is_complete) == (count, count, True)
    recoded = [c.note_id for c in deployment.claims(plan.topic)]
    assert set(recoded) == {f"n{n}" for n in range(count)}
    assert len(recoded) <= count + 128
    assert "Chest pain" not in log.read_text()


def test_promoted_claims_supersede_and_stand_alone(deployment: Deployment) -> None:
    """Reconcile sees no double, a second promotion publishes nothing, the old artifact is told."""
    events = _events(lambda n: "Cough." if n % 2 else "Chest pain.")
    deployment.publish(events)
    live = _claims(events)
    deployment.publish_claims(live)
    report = _replayed(OtherCoder(), Window(since=LONG_AGO, until=_later()))

    with pytest.raises(MisconfiguredError, match="has coded the window"):
        deployment.run("replay", "promote", report.run)
    deployment.commit_all()
    done = deployment.run("replay", "promote", report.run, "--json")
    again = deployment.run("replay", "promote", report.run, "--json")

    assert json.loads(done.stdout)["published"] == NOTES
    assert json.loads(again.stdout) == {
        "published": 0, "current": NOTES, "outdated": 0, "superseded": 0,
    }  # fmt: skip
    claims = deployment.claims(deployment.names.claims.name)
    assert {c.supersedes for c in claims if c.model_version == "fake-2"} == {
        c.event_id for c in live
    }
    assert len(claims) == 2 * NOTES
    found = json.loads(deployment.run("reconcile", "--no-lake", "--json").stdout)
    assert (found["claims"], found["doubled"], found["claim_events"]) == (NOTES, 0, 2 * NOTES)
    assert _replayed(OtherCoder(), Window(since=LONG_AGO, until=_later())).diff.is_empty
    back = _replayed(FakeCoder(), Window(since=LONG_AGO, until=_later()))
    told = json.loads(deployment.run("replay", "promote", back.run, "--json").stdout)
    assert (told["published"], told["superseded"]) == (0, NOTES)


def test_a_dropped_run_leaves_neither_topic_nor_folder(deployment: Deployment) -> None:
    deployment.publish(_events())
    report = _replayed(FakeCoder(), Window(since=LONG_AGO, until=_later()))
    listed = deployment.run("replay", "list").stdout
    assert report.run in listed
    assert "complete" in listed

    done = deployment.run("replay", "drop", report.run)

    assert done.exit_code == 0
    assert report.plan.topic not in kafka_topics.ask(deployment.settings)
    assert not deployment.folder(report.run).path.exists()
    assert deployment.run("replay", "list").stdout == ""
    assert deployment.run("replay", "drop", report.run).exit_code == 2


def test_a_topic_that_exists_is_not_taken_for_a_shadow(deployment: Deployment) -> None:
    deployment.publish(_events())
    window = Window(since=LONG_AGO, until=_later(), into=deployment.names.claims.name)

    with pytest.raises(MisconfiguredError, match="which exists"):
        _replayed(FakeCoder(), window)


def test_the_shipped_bundle_makes_the_worker_s_claims_again(
    deployment: Deployment, tmp_path: Path
) -> None:
    """By another batch size, in another process, to the same codes in the same order."""
    events = [
        replace(note.event, encounter_id=EncounterId(f"encounter-{n}"))
        for n, note in enumerate(encounters(50, 23))
    ]
    deployment.publish(events)
    log = tmp_path / "worker.log"
    variables = dict(deployment.variables) | {"CMC_WORKER_BATCH_NOTES": "7"}
    claims = deployment.names.claims.name
    with process("streams", variables=variables, log=log):
        wait_for(
            lambda: (
                sum(end for _, end in kafka_topics.counts(deployment.settings, claims).values())
                >= len(events)
            ),
            180,
            "the worker's claims",
            log,
        )
    made = deployment.claims(claims)
    model = made[0].model_version

    done = deployment.run(
        "replay", "--since", LONG_AGO.isoformat(), "--until", _later().isoformat(),
        "--model", model, "--json",
    )  # fmt: skip

    report = json.loads(done.stdout)
    assert report["diff"]["notes"]["same"] == report["diff"]["notes"]["compared"] == len(events)
    assert report["diff"]["notes"]["without_claim"] == 0
    assert report["state"]["refused"] == 0
    shadow = {c.event_id: c for c in deployment.claims(report["plan"]["topic"])}
    assert {e: c.diagnoses for e, c in shadow.items()} == {c.event_id: c.diagnoses for c in made}
