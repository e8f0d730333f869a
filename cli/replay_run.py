"""A replay from its request to its report: the rooms of notes and of claims joined."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clinical_coding.claim import Profile
from clinical_coding.errors import MisconfiguredError
from consumers.claim_diff import diff_claims
from consumers.claim_sides import PlacedClaim, placed_claims, side_by_side
from consumers.promotion import ClaimTopic, Promotion, promote
from consumers.replay_report import ReplayReport, write_report
from runtime import kafka_topics
from runtime.audit import Action, AuditLog
from runtime.clock import now
from runtime.kafka import KafkaSender, Start, TopicReader
from runtime.progress import Progress, counted
from runtime.registry import Registry
from runtime.replay_runs import ReplayPlan, ReplayRequest, ReplayState, RunFolder, run_folder
from runtime.roles import Role
from runtime.settings import (
    FolderSettings,
    KafkaSettings,
    RegistrySettings,
    WorkerSettings,
    read,
)
from schemas.claim_coded import ClaimCoded
from schemas.topics import Topics, schema_text, topics
from schemas.wire import RecordReader, RecordWriter
from streams.__main__ import parts_of
from streams.note_coder import NoteCoder
from streams.replay import Recoding, recode

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLOCKS_APART = timedelta(hours=1)  # a worker's clock may be so far behind a producer's
CLIENT = "codemychart-replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """What recodes: a coder, where its further releases came from, and each code's chapter in them."""

    coder: NoteCoder
    code_sets: str | None
    chapter_of: Callable[[str], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which notes, and the topic for their claims where the user names one."""

    since: datetime
    until: datetime
    encounters: tuple[str, ...] = ()
    into: str | None = None


def replay_window(artifact: Artifact, window: Window, progress: Progress) -> ReplayReport:
    """Recode the window, or what is left of it, and write the report; the same request is one run.

    Raises the errors of the worker, StorageError and MisconfiguredError.
    """
    kafka, state_dir = read(KafkaSettings, Role.ADMIN), read(FolderSettings).state_dir
    names = topics(kafka.topic_prefix)
    request = _request(artifact, window, names)
    folder = run_folder(state_dir, request.run)
    with folder.hold(progress):
        plan = folder.plan() or _planned(request, folder, kafka)
        state = folder.state() or ReplayState(places=plan.begin)
        if not state.is_complete:
            AuditLog(state_dir).record(Action.REPLAYED, "shadow topic", [plan.topic])
            state = _recoded(artifact.coder, plan, state, folder, progress)
        return _reported(artifact, plan, state, folder, progress)


def promote_run(folder: RunFolder, plan: ReplayPlan, progress: Progress) -> Promotion:
    """Publish the claims of a complete run; harmless when repeated.

    Raises MisconfiguredError while the worker's group has not passed the window: a claim that it is
    still to make would stand beside the replay's.
    """
    kafka = read(KafkaSettings, Role.ADMIN)
    names = topics(kafka.topic_prefix)
    with folder.hold(progress):
        _require_coded(plan, kafka, names)
        audit = AuditLog(read(FolderSettings).state_dir)
        audit.record(Action.REPLAYED, "promotion of shadow topic", [plan.topic])
        with _sides(plan, folder, kafka, progress) as sides:
            topic = _claim_topic(kafka, names)
            with closing(TopicReader(kafka, plan.topic, "beginning")) as reader:
                shadow = placed_claims(reader.until_now(), _decoder())
                promotion = promote(sides, shadow, topic, progress)
        state = folder.state() or ReplayState(places=plan.end)
        folder.save_state(replace(state, promoted_at=now()))
    return promotion


def drop_run(folder: RunFolder, plan: ReplayPlan, progress: Progress) -> None:
    """Delete the run's topic, then its folder; repeated after a kill it deletes what is left."""
    with folder.hold(progress):
        kafka_topics.delete_topic(read(KafkaSettings, Role.ADMIN), plan.topic)
        folder.remove()


def _request(artifact: Artifact, window: Window, names: Topics) -> ReplayRequest:
    return ReplayRequest(
        since=window.since,
        until=window.until,
        encounters=tuple(sorted(set(window.encounters))),
        model_version=artifact.coder.model_version,
        encoder=artifact.coder.encoder_name,
        code_sets=artifact.code_sets,
        profile=Profile(read(WorkerSettings).profile),
        notes_topic=names.notes.name,
        into=window.into,
    )


def _planned(request: ReplayRequest, folder: RunFolder, kafka: KafkaSettings) -> ReplayPlan:
    """The window as offsets, kept in the run's folder before anything is made on the broker."""
    existing = kafka_topics.ask(kafka)
    if request.notes_topic not in existing:
        raise MisconfiguredError(
            f"expected the topic {request.notes_topic} on the broker; got none; check "
            "CMC_KAFKA_TOPIC_PREFIX"
        )
    if request.into in existing:
        raise MisconfiguredError(
            f"expected a topic for the replay alone; got {request.into}, which exists; name "
            "another with --into"
        )
    begin = kafka_topics.offsets_at(kafka, request.notes_topic, request.since)
    end = kafka_topics.offsets_at(kafka, request.notes_topic, request.until)
    first = {n: kept for n, (kept, _) in kafka_topics.counts(kafka, request.notes_topic).items()}
    plan = ReplayPlan(
        request=request,
        topic=request.into or topics(kafka.topic_prefix).shadow(request.run).name,
        begin=begin,
        end=end,
        cut=tuple(n for n, at in begin.items() if 0 < first[n] >= at),
        planned_at=now(),
    )
    folder.save_plan(plan)
    return plan


def _recoded(
    coder: NoteCoder, plan: ReplayPlan, state: ReplayState, folder: RunFolder, progress: Progress
) -> ReplayState:
    """What is left of the window, recoded; the state is kept after each batch."""
    kafka, worker = read(KafkaSettings, Role.ADMIN), read(WorkerSettings)
    kafka_topics.create_topics(kafka, [plan.topic])
    parts = parts_of(coder, kafka, worker)
    shadow = replace(parts.topics.claims, name=plan.topic)
    recoding = Recoding(
        parts=replace(parts, topics=replace(parts.topics, claims=shadow)),
        sender=KafkaSender(kafka, CLIENT),
        encounters=plan.request.encounters,
        longest_refused_run=worker.dead_letter_run,
    )
    with closing(TopicReader(kafka, plan.request.notes_topic, state.places)) as reader:
        for reached in recode(reader.until(plan.end), recoding, state):
            folder.save_state(reached)
            progress("notes recoded", reached.read, plan.records)
    complete = replace(folder.state() or state, is_complete=True)
    folder.save_state(complete)
    return complete


def _reported(
    artifact: Artifact, plan: ReplayPlan, state: ReplayState, folder: RunFolder, progress: Progress
) -> ReplayReport:
    with _sides(plan, folder, read(KafkaSettings, Role.ADMIN), progress) as sides:
        diff = diff_claims(sides, artifact.chapter_of)
        report = ReplayReport(run=folder.name, plan=plan, state=state, diff=diff)
        write_report(report, sides, folder)
    return report


@contextmanager
def _sides(
    plan: ReplayPlan, folder: RunFolder, kafka: KafkaSettings, progress: Progress
) -> "Iterator[DuckDBPyConnection]":
    """The run's claims beside those of the claim topic that may be of the window's notes."""
    claims = topics(kafka.topic_prefix).claims.name

    def held(topic: str, start: Start, what: str) -> Iterator[PlacedClaim]:
        with closing(TopicReader(kafka, topic, start)) as reader:
            yield from counted(placed_claims(reader.until_now(), _decoder()), what, progress)

    shadow = held(plan.topic, "beginning", "claims of the replay")
    live = held(claims, plan.request.since - CLOCKS_APART, "claims of the claim topic")
    with side_by_side(shadow, live, folder.path) as sides:
        yield sides


def _decoder() -> RecordReader[ClaimCoded]:
    schemas = Registry(read(RegistrySettings))
    return RecordReader(ClaimCoded, schema_text("claim_coded.avsc"), schemas)


def _claim_topic(kafka: KafkaSettings, names: Topics) -> ClaimTopic:
    written = schema_text("claim_coded.avsc")
    schema_id = Registry(read(RegistrySettings)).schema_id(names.claims.subject, written)
    return ClaimTopic(
        name=names.claims.name,
        writer=RecordWriter(ClaimCoded, written, schema_id),
        sender=KafkaSender(kafka, CLIENT),
        now=now,
    )


def _require_coded(plan: ReplayPlan, kafka: KafkaSettings, names: Topics) -> None:
    if plan.request.notes_topic != names.notes.name:
        raise MisconfiguredError(
            f"expected a run over {names.notes.name}; got one over {plan.request.notes_topic}; "
            "check CMC_KAFKA_TOPIC_PREFIX"
        )
    group = read(WorkerSettings).group
    reached = kafka_topics.committed(kafka, group, names.notes.name)
    behind = sum(max(0, end - reached.get(n, 0)) for n, end in plan.end.items())
    if behind:
        raise MisconfiguredError(
            f"expected that the group {group} has coded the window; got {behind} records that it "
            "has not; let the worker come so far first"
        )
