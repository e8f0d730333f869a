"""Note text is in the topics that carry notes and nowhere else, whatever goes wrong on the way.

Every note holds words that stand nowhere else on the machine. After a run with good and bad rows,
poison, an engine that fails quoting the note, a bug and a kill -9, they are looked for in all that
the run has left behind.
"""

import json
import os
import re
import signal
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from clinical_coding.note import NoteId
from runtime import kafka_topics
from runtime.embedded import services
from runtime.embedded.ports import free_port, is_open
from runtime.kafka import KafkaRecord, KafkaSender, TopicReader
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import (
    SERVICES_ENV,
    FolderSettings,
    KafkaSettings,
    RegistrySettings,
    WorkerSettings,
)
from schemas.dead_letter import dead_letter_of
from schemas.note_signed import NoteSigned
from schemas.topics import schema_text, topics
from schemas.wire import RecordWriter
from tests.fakes.collector import Collector, collector
from tests.leaks import files_with, has
from tests.notes import note_event
from tests.probing import ask
from tests.waiting import process, wait_for

pytestmark = pytest.mark.timeout(900)
WORDS = ("quorvexilant", "88-4026-7315")  # in every note and nowhere else
NAMES = topics()
WORKER = "tests.fakes.quoting_worker"
START_S = 180  # of an engine on a busy machine
GOOD = 12
TEXT = """QUORVEXILANT HISTORY: Mr. Quorvexilant, MRN 88-4026-7315, has chest pain quorvexilant.
Quorvexilant: type 2 diabetes mellitus, on insulin 88-4026-7315. Denies quorvexilant fever.
Assessment: hypertension quorvexilant, """


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run on a machine of its own: services, state, temporary folder, working folder, outputs."""

    folder: Path
    variables: dict[str, str]
    collected: Collector

    def output(self, name: str) -> Path:
        """Where a process of this name writes."""
        return self.folder / "outputs" / f"{name}.log"

    def kafka(self, role: Role) -> KafkaSettings:
        """The broker as this role knows it."""
        files = [self.folder / "state" / name for name in (SERVICES_ENV, role.env_file)]
        return KafkaSettings(_env_file=files)  # type: ignore[call-arg] # pydantic's own argument

    def command(self, *arguments: str, stdin: str = "") -> int:
        """Run a command of ours to its end; its exit code."""
        with self.output("-".join(arguments[:1])).open("ab") as output:
            return subprocess.run(
                [sys.executable, "-m", "cli", *arguments],
                input=stdin.encode(),
                env=self.variables,
                cwd=self.folder / "work",
                stdout=output,
                stderr=output,
                timeout=300,
                check=False,
            ).returncode

    @contextmanager
    def process(self, module: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of ours in the background."""
        log = self.output(module)
        with process(module, variables=self.variables | more, log=log) as started:
            yield started

    def lag(self) -> int:
        """How many notes the worker is behind."""
        behind = kafka_topics.lag(self.kafka(Role.READER), WorkerSettings().group, NAMES.notes.name)
        return sum(behind.values())

    def records(self, topic: str) -> list[KafkaRecord]:
        """What the topic holds."""
        with closing(TopicReader(self.kafka(Role.READER), topic, "beginning")) as reader:
            return list(reader.until_now())


@pytest.fixture(scope="module")
def run(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Run]:
    """The whole flow, over: what it has left behind lies in the run's folder."""
    folder = tmp_path_factory.mktemp("marked")
    for name in ("state", "scratch", "work", "outputs"):
        (folder / name).mkdir(mode=0o700)
    variables = os.environ | {  # noqa: TID251 - handed on
        "CMC_STATE_DIR": str(folder / "state"),
        "CMC_CACHE_DIR": str(own_folders.cache_dir),
        "CMC_UI_SHOW_NOTES": "true",
        "TMPDIR": str(folder / "scratch"),
    }
    with collector() as collected:
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collected.endpoint
        run = Run(folder=folder, variables=variables, collected=collected)
        assert run.command("up", "--secure") == 0, run.output("up").read_text()
        try:
            _publish(run)
            _code(run)
            assert run.command("land", "--once") == 0, run.output("land").read_text()[-3000:]
            _watch(run, browser)
            _ask(run)
            _evaluate(run)
            _crash(run)
            yield run
        finally:
            services.stop(FolderSettings(state_dir=folder / "state"))


def _publish(run: Run) -> None:
    """Good rows and bad ones by the command, then records that no command would send."""
    good = [{"note_id": f"note-{n}", "text": f"{TEXT}{n} days."} for n in range(GOOD)]
    bad = [{"text": TEXT}, {"note_id": "bad-age", "text": TEXT, "age": TEXT},
           {"note_id": "bad-day", "text": TEXT, "date_of_service": TEXT}]  # fmt: skip
    lines = [*map(json.dumps, [*good, *bad]), TEXT.splitlines()[0], f'["{WORDS[0]}"]']
    assert run.command("publish", "-", stdin="\n".join(lines)) == 1  # some rows are refused
    _send(run, _poison(run))


def _poison(run: Run) -> list[bytes]:
    writer = _note_writer(run)
    poison = writer.encode(note_event(f"poison {TEXT}", note_id="poison"))
    broken = replace(note_event(TEXT, note_id="broken"), age_years=-1)
    unknown = b"\x00\x00\xff\xff\xff" + poison[5:]
    return [TEXT.encode(), poison, poison[:-200], poison + TEXT.encode(), unknown,
            writer.encode(broken), writer.encode(note_event(TEXT, note_id="last"))]  # fmt: skip


def _note_writer(run: Run) -> RecordWriter[NoteSigned]:
    contract = schema_text("note_signed.avsc")
    settings = RegistrySettings(_env_file=run.folder / "state" / SERVICES_ENV)  # type: ignore[call-arg]
    identity = Registry(settings).schema_id(NAMES.notes.subject, contract)
    return RecordWriter(NoteSigned, contract, identity)


def _send(run: Run, values: list[bytes]) -> None:
    sender = KafkaSender(run.kafka(Role.PRODUCER), "test")
    for value in values:
        sender.send(NAMES.notes.name, "encounter", value, {})
    sender.flush(30)


def _code(run: Run) -> None:
    """One worker is killed with notes in hand, the next one codes them all."""
    log = run.output(WORKER)
    with run.process(WORKER, CMC_WORKER_BATCH_NOTES="4") as worker:
        wait_for(lambda: "batch coded" in log.read_text(), START_S, "the first batch", log)
        _assert_no_core(worker.pid)
        worker.kill()
    port = free_port(0)
    with run.process(WORKER, CMC_WORKER_HEALTH_PORT=str(port)) as worker:
        wait_for(lambda: run.lag() == 0, START_S, "all notes coded", log)
        wait_for(lambda: ask(port, "/readyz")[0] == 200, START_S, "ready", log)
        told = [ask(port, path) for path in ("/livez", "/readyz", "/metrics")]
        run.output("health").write_text(repr(told))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0


def _watch(run: Run, browser: Browser) -> None:
    """A visitor opens a claim: note text reaches the page, which may show it."""
    port = free_port(0)
    with run.process("ui", CMC_UI_PORT=str(port)):
        wait_for(lambda: is_open(port), 60, "the feed", run.output("ui"))
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_role("radio").first.check(timeout=60_000)
        note = page.get_by_role("region", name="Note with evidence")
        expect(note).to_contain_text(re.compile(WORDS[0], re.IGNORECASE), timeout=20_000)
        page.close()


def _ask(run: Run) -> None:
    for command in ("status", "doctor", "tail", "reconcile"):
        assert run.command(command) == 0, run.output(command).read_text()


def _evaluate(run: Run) -> None:
    """Notes that are evaluated on leave figures in a report and in MLflow, and no words."""
    rows = [
        {"id": f"e{n}", "text": f"{TEXT}{n} days.", "codes": ["I10", "E11.9"]} for n in range(8)
    ]
    given = run.folder / "evaluated.jsonl"
    given.write_text("\n".join(map(json.dumps, rows)))
    options = ("--notes", "0", "--claims", str(given), "--report", "report", "--track")
    assert run.command("evaluate", *options) == 0, run.output("evaluate").read_text()[-3000:]
    given.unlink()


def _crash(run: Run) -> None:
    """A bug of ours, met twice: the worker ends by it each time."""
    _send(run, [_note_writer(run).encode(note_event(f"bug {TEXT}", note_id=NoteId("bug")))])
    for _ in range(2):
        with run.process(WORKER) as worker:
            worker.wait(START_S)
            assert worker.returncode == 1


def _assert_no_core(pid: int) -> None:
    """The system writes no image of this process's memory, whatever ends it."""
    if sys.platform == "linux":
        assert psutil.Process(pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)


def test_no_log_lake_file_run_dump_or_temporary_file_holds_a_word_of_a_note(run: Run) -> None:
    carry_notes = [f"/log/{topic.name}-" for topic in (NAMES.notes, NAMES.dead_letters)]

    assert list(run.folder.rglob("*.parquet"))
    assert list(run.folder.rglob("evaluation.md"))
    assert files_with(WORDS, run.folder, carry_notes) == []
    assert files_with(WORDS, run.folder) != []  # so it would have been found


def test_no_span_and_no_metric_holds_a_word_of_a_note(run: Run) -> None:
    told = run.output("health").read_text()

    assert {status for status, _ in literal_eval(told)} == {200}
    assert "cmc_worker_" in told
    assert all(run.collected.spans(name) for name in ("publish note", "code note", "land batch"))
    assert not [body for body in (told.encode(), *run.collected.bodies) if has(WORDS, body)]


def test_no_dead_letters_key_or_header_and_no_claim_holds_a_word_of_a_note(run: Run) -> None:
    letters, claims = run.records(NAMES.dead_letters.name), run.records(NAMES.claims.name)
    beside = [repr((letter.key, letter.headers)).encode() for letter in letters]
    whole = [repr((claim.key, claim.headers)).encode() + (claim.value or b"") for claim in claims]

    assert {dead_letter_of(letter.headers).error_class for letter in letters} == {
        "UndecodableEventError", "UnscorableNoteError", "BrokenContractError",
    }  # fmt: skip
    assert len(claims) > GOOD
    assert not [text for text in (*beside, *whole) if has(WORDS, text)]


def test_no_log_output_lake_file_or_dump_holds_a_password_or_a_key(run: Run) -> None:
    state = run.folder / "state"
    keys = state / "kafka" / "keys"
    own_places = [str(keys), ".env", "/object-store/keys", "/s3proxy.properties"]
    secrets = [
        *json.loads((keys / "passwords.json").read_text()).values(),
        *(state / "object-store" / "keys").read_text().split(),
        *(file.read_text().splitlines()[2] for file in keys.glob("*.pem")),  # what is a key's own
    ]

    assert files_with(secrets, run.folder, own_places) == []
    assert files_with(secrets, run.folder) != []
