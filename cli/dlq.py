"""dlq list|show|redrive: what was refused, and back with it."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from cli.moments import MomentType
from cli.progress import bars

if TYPE_CHECKING:
    from consumers.dead_letters import DeadLetters, Refused, Revealed
    from producers.redrive import Redriver
    from runtime.kafka import KafkaRecord

ROW = "{:<12}{:<24}{:>7}  {:<20}{:<20}{:>9}  {}"
HEAD = ROW.format("ID", "ERROR CLASS", "ATTEMPT", "FIRST SEEN", "LAST SEEN", "BYTES", "WORKER")
CLIENT = "codemychart-redrive"


@click.group()
def dlq() -> None:
    """The dead letters: records that were refused, their bytes untouched.

    An ID is the record's place in the note topic, partition:offset, as `reconcile` names it.

    \b
    Examples:
      codemychart dlq list
      codemychart dlq show 2:17
      codemychart dlq redrive --all --error-class UndecodableEventError
    """


CLASS = click.option("--error-class", metavar="C", help="Only what this class refused.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


@dlq.command("list")
@CLASS
@click.option("--since", type=MomentType(), help="Only those last seen at or after it.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="No more than N; the rest counts."
)
@click.option("--redriven", is_flag=True, help="Those that were put back, too.")
@JSON
def list_(
    *,
    error_class: str | None,
    since: datetime | None,
    limit: int | None,
    redriven: bool,
    as_json: bool,
) -> None:
    """List what stands refused, and how many of each error class.

    \b
    Examples:
      codemychart dlq list
      codemychart dlq list --error-class CrashingRecordError --since 2026-03-02T15:00
      codemychart dlq list --json | jq -r .id
    """
    from consumers.dead_letters import count_by_class

    letters = _letters()
    found = letters.chosen(error_class=error_class, since=since, redriven=redriven)
    if found and not as_json:
        click.echo(HEAD)
    for one in found[:limit]:
        click.echo(json.dumps(_metadata(one)) if as_json else _row(one))
    counted = ", ".join(f"{count} {name}" for name, count in count_by_class(found).items())
    told = f"dead letters: {len(found)}" + (f" ({counted})" if counted else "")
    strangers = f"; {letters.strangers} records are none of ours" if letters.strangers else ""
    click.echo(told + strangers, err=as_json)


@dlq.command()
@click.argument("name", metavar="ID")
@click.option("--reveal", is_flag=True, help="Print what was refused as well: PHI.")
@JSON
@click.pass_context
def show(context: click.Context, *, name: str, reveal: bool, as_json: bool) -> None:
    """Show one dead letter: metadata only, unless --reveal asks for the record itself.

    Who revealed what is kept in the audit log of CMC_STATE_DIR.

    \b
    Examples:
      codemychart dlq show 2:17
      codemychart dlq show 2:17 --reveal
      codemychart dlq show 2:17 --reveal --json | jq -r .value_base64 | base64 -d > record.bin
    """
    letters = _letters()
    chosen = letters.chosen([name], redriven=True)
    if not chosen:
        click.echo(_unknown(name), err=True)
        context.exit(1)
    fields = _metadata(chosen[0])
    if reveal:
        _record("revealed", [name])
        fields |= _revealed(chosen[0])
    if as_json:
        click.echo(json.dumps(fields))
        return
    for key, value in fields.items():
        click.echo(f"{key:<17}{_words(value)}")


@dlq.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--all", "all_", is_flag=True, help="Everything that stands refused.")
@CLASS
@click.option("--dry-run", is_flag=True, help="Only list what would be put back.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
@click.option("--person", default="", help="On whose word, for the audit log, if not the user's.")
@click.pass_context
def redrive(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    *,
    names: tuple[str, ...],
    all_: bool,
    error_class: str | None,
    dry_run: bool,
    as_json: bool,
    person: str,
) -> None:
    """Put dead letters back on the note topic: bytes, key and headers untouched, attempts counted on.

    What was put back is no longer listed and not put back again. Exit 1 when an ID is unknown, the
    bytes are gone or the broker did not acknowledge.

    \b
    Examples:
      codemychart dlq redrive 2:17 0:4
      codemychart dlq redrive --all --error-class UndecodableEventError --dry-run
      codemychart dlq redrive --all
    """
    if bool(names) == all_:
        raise click.UsageError("expected either ID... or --all")
    letters = _letters()
    unknown = letters.unknown(names)
    for name in unknown:
        click.echo(_unknown(name), err=True)
    chosen = letters.chosen(names, error_class=error_class)
    for name in sorted({*names} - {*unknown} - {one.name for one in chosen}):
        click.echo(f"{name} is left: it was put back before, or another class refused it", err=True)
    if dry_run:
        for one in chosen:
            click.echo(json.dumps(_metadata(one)) if as_json else _row(one))
        context.exit(int(bool(unknown)))
    context.exit(int(not _put_back(chosen, person, as_json=as_json) or bool(unknown)))


def _put_back(chosen: "list[Refused]", person: str, *, as_json: bool) -> bool:
    """Whether all of it is back."""
    from clinical_coding.errors import BrokerError

    gone: list[Refused] = []
    redriver = _redriver()
    _record("redrove", [one.name for one in chosen], person)
    with bars() as progress:
        try:
            redriver.redrive(_records(chosen, gone), progress, len(chosen))
        except (BrokerError, KeyboardInterrupt):
            click.echo(str(redriver.done), err=True)
            raise
    for one in gone:
        click.echo(f"{one.name}: the topic no longer keeps its bytes; publish it again", err=True)
    click.echo(json.dumps(asdict(redriver.done)) if as_json else str(redriver.done))
    return not gone


def _record(action: str, names: list[str], person: str = "") -> None:
    """Into the audit log, before it is done. Raises StorageError: then it is not."""
    from runtime.audit import Action, AuditLog
    from runtime.settings import FolderSettings, read

    log = AuditLog(read(FolderSettings).state_dir, person=person)
    log.record(Action(action), "dead letter", names)


def _letters() -> "DeadLetters":
    """What stands in the dead-letter topic of this process's settings."""
    from consumers.dead_letters import read_dead_letters
    from runtime.kafka import TopicReader
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, read
    from schemas.topics import topics

    kafka = read(KafkaSettings, Role.READER)
    topic = topics(kafka.topic_prefix).dead_letters.name
    with closing(TopicReader(kafka, topic, "beginning")) as reader:
        return read_dead_letters(reader.until_now())


def _records(chosen: "list[Refused]", gone: "list[Refused]") -> "Iterator[KafkaRecord]":
    from consumers.dead_letters import records_of
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, read
    from schemas.topics import topics

    kafka = read(KafkaSettings, Role.READER)
    return records_of(kafka, topics(kafka.topic_prefix).dead_letters.name, chosen, gone.append)


def _redriver() -> "Redriver":
    from producers.redrive import LARGEST_BYTES, Redriver
    from runtime.clock import now
    from runtime.kafka import KafkaSender
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, read
    from schemas.topics import topics

    kafka = read(KafkaSettings, Role.REDRIVER)
    return Redriver(
        KafkaSender(kafka, CLIENT, limit_bytes=LARGEST_BYTES), topics(kafka.topic_prefix), now
    )


def _revealed(one: "Refused") -> dict[str, object]:
    from pydantic import TypeAdapter

    found = _reveal(one)
    if found is None:
        return {"value": "gone: the topic no longer keeps it"}
    value = None if found.value is None else base64.b64encode(found.value).decode()
    note = (
        None
        if found.note is None
        else TypeAdapter(type(found.note)).dump_python(found.note, mode="json")
    )
    return {"note": note, "value_base64": value}


def _reveal(one: "Refused") -> "Revealed | None":
    from consumers.dead_letters import reveal
    from runtime.key_files import local_keys
    from runtime.registry import Registry
    from runtime.settings import EncryptionSettings, RegistrySettings, read
    from schemas.note_signed import NoteSigned
    from schemas.sealed_text import opening
    from schemas.topics import schema_text
    from schemas.wire import RecordReader

    decoder = RecordReader(
        NoteSigned,
        schema_text("note_signed.avsc"),
        Registry(read(RegistrySettings)),
        opening(local_keys(read(EncryptionSettings))),
    )
    return next((reveal(record, decoder) for record in _records([one], [])), None)


def _metadata(one: "Refused") -> dict[str, object]:
    """Everything but the record: sizes, places and names."""
    letter = asdict(one.letter) | {
        "first_seen": one.letter.first_seen.isoformat(),
        "last_seen": one.letter.last_seen.isoformat(),
        "redriven_at": one.redriven_at.isoformat() if one.redriven_at else None,
    }
    return (
        {"id": one.name}
        | letter
        | {
            "key_bytes": one.key_bytes,
            "value_bytes": one.value_bytes,
            "headers": list(one.header_names),
            "lies_at": "{}:{}".format(*one.lies_at),
        }
    )


def _row(one: "Refused") -> str:
    letter = one.letter
    return ROW.format(
        one.name, letter.error_class, letter.attempt, f"{letter.first_seen:%Y-%m-%d %H:%M:%S}",
        f"{letter.last_seen:%Y-%m-%d %H:%M:%S}", "-" if one.value_bytes is None else one.value_bytes,
        letter.worker + (" (put back)" if one.redriven_at else ""),
    )  # fmt: skip


def _words(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, indent=2, ensure_ascii=False)
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "-" if value is None else str(value)


def _unknown(name: str) -> str:
    return (
        f"expected the ID of a dead letter; got {name}, which is none; see `codemychart dlq list`"
    )
