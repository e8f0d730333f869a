"""doctor: what is installed, reachable and wrong, with the remedy on each line."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

MEGABYTE = 1024**2
WANTED_MB = 2_000
PACKAGES = {
    "worker": ("faust", "openvino", "xgboost", "tokenizers"),
    "landing": ("pyspark", "pyarrow", "duckdb"),
    "ui": ("streamlit", "altair"),
    "training": ("torch", "transformers", "mlflow", "sklearn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: ``optional`` things that are absent do not make the exit code 1."""

    name: str
    state: Literal["ok", "absent", "wrong"]
    detail: str
    remedy: str = ""
    optional: bool = False


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Say what is installed, reachable and wrong on this machine, with the remedy on each line.

    Exit 1 when something that the pipeline needs is wrong; optional parts are only told.

    \b
    Examples:
      codemychart doctor
      codemychart doctor --json | jq 'select(.state != "ok")'
    """
    found = list(_findings())
    for one in found:
        click.echo(json.dumps(asdict(one)) if as_json else _line(one))
    context.exit(int(any(one.state == "wrong" for one in found)))


def _line(one: Finding) -> str:
    remedy = f" -> {one.remedy}" if one.remedy and one.state != "ok" else ""
    return f"{one.state:<7} {one.name:<16} {one.detail}{remedy}"


def _findings() -> Iterator[Finding]:
    yield Finding(name="python", state="ok", detail=sys.version.split()[0])
    yield _tried("java", _java)
    for extra, modules in PACKAGES.items():
        yield _packages(extra, modules)
    yield _tried("settings", _settings)
    yield _tried("folders", _folders)
    yield _tried("audit log", _audit)
    yield _tried("model bundle", _bundle)
    yield _tried("broker", _broker, optional=True)
    yield _tried("registry", _registry, optional=True)
    yield _program("chromium", "for the browser tests: apt install chromium")
    yield _program("docker", "for containers: apt install docker.io")


def _tried(name: str, check: Callable[[], str], *, optional: bool = False) -> Finding:
    """The check's answer; an error of our tree is what is wrong, its last part the remedy."""
    from clinical_coding.errors import CodingError, SettingsError

    try:
        return Finding(name=name, state="ok", detail=check())
    except CodingError as error:
        unset = optional and isinstance(error, SettingsError)
        detail, _, remedy = str(error).rpartition("; ")
        return Finding(
            name=name,
            state="absent" if unset else "wrong",
            detail=detail or remedy,
            remedy=remedy if detail else "",
            optional=optional,
        )


def _java() -> str:
    from runtime.java import find_java

    java = find_java()
    return f"{java.executable}, release {java.release}"


def _packages(extra: str, modules: tuple[str, ...]) -> Finding:
    missing = [name for name in modules if not _is_installed(name)]
    optional = extra == "training"
    return Finding(
        name=extra,
        state=("absent" if optional else "wrong") if missing else "ok",
        detail=f"without {', '.join(missing)}" if missing else "installed",
        remedy="make setup" if optional else "make demo, or pip install codemychart[" + extra + "]",
        optional=optional,
    )


def _is_installed(module: str) -> bool:
    """Whether it can be imported; Faust, once it is, has no spec that could be asked for."""
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _settings() -> str:
    from runtime.settings import FolderSettings, WorkerSettings, read

    read(FolderSettings)
    return f"group {read(WorkerSettings).group}"


def _folders() -> str:
    from clinical_coding.errors import StorageError
    from runtime.settings import FolderSettings, read

    folders = read(FolderSettings)
    for folder in (folders.state_dir, folders.cache_dir):
        free = shutil.disk_usage(_existing(folder)).free // MEGABYTE
        if free < WANTED_MB:
            raise StorageError(f"{free} MB free at {folder}; {WANTED_MB} MB are wanted; free some")
    return f"{folders.state_dir}, {folders.cache_dir}"


def _audit() -> str:
    from clinical_coding.errors import StorageError
    from runtime.audit import FILE, AuditLog
    from runtime.settings import FolderSettings, read

    folder = read(FolderSettings).state_dir
    chain = AuditLog(folder).verify()
    if chain.broken_line is not None:
        raise StorageError(
            f"expected each line of {folder / FILE} to follow the one before; got line "
            f"{chain.broken_line} that does not; find out who changed it, then move the file aside"
        )
    return f"{chain.entries} entries, the last is {chain.last_hash[:16]}"


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


def _bundle() -> str:
    from runtime.bundle_files import SHIPPED_BUNDLE, check_files, describe
    from runtime.settings import ModelSettings, read

    folder = read(ModelSettings).bundle_dir or SHIPPED_BUNDLE
    description, digest = describe(folder)
    check_files(folder, description)
    return f"{description.version}-{digest[:8]}, code set {description.code_set}"


def _broker() -> str:
    from clinical_coding.errors import BrokerError
    from runtime.kafka_topics import ask
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, read
    from schemas.topics import topics

    settings = read(KafkaSettings, Role.READER)
    there = set(ask(settings))
    missing = [t.name for t in topics(settings.topic_prefix) if t.name not in there]
    if missing:
        raise BrokerError(f"topics {', '.join(missing)} are missing; create them or run `up`")
    return f"{settings.bootstrap_servers}, all topics there"


def _registry() -> str:
    from runtime.registry import Registry
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, RegistrySettings, read
    from schemas.topics import topics

    settings = read(RegistrySettings)
    registry = Registry(settings)
    subjects = topics(read(KafkaSettings, Role.READER).topic_prefix).subjects()
    ids = [registry.schema_id(subject, text) for subject, text in subjects.items()]
    return f"{settings.url}, {len(ids)} schemas registered"


def _program(name: str, remedy: str) -> Finding:
    place = shutil.which(name)
    return Finding(
        name=name,
        state="ok" if place else "absent",
        detail=place or "not on the PATH",
        remedy=remedy,
        optional=True,
    )
