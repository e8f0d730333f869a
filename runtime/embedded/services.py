"""The embedded services together: started, stopped, found again."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinical_coding.errors import EmbeddedServiceError
from runtime import processes
from runtime.clock import now
from runtime.embedded import access, broker, object_store, ports, schema_registry
from runtime.embedded.broker_keys import BrokerKeys
from runtime.embedded.planned import Planned
from runtime.file_lock import held
from runtime.jar_locks import JarSet
from runtime.jars import fetch_all
from runtime.java import Java, find_java
from runtime.private_files import write_private
from runtime.progress import Progress
from runtime.roles import Role
from runtime.settings import SERVICES_ENV, FolderSettings, KafkaSettings
from runtime.variables import as_env_file

NAMES = (broker.NAME, schema_registry.NAME, object_store.NAME)  # in the order of their start
CONTROLLER, INTERNAL = "kafka-controller", "kafka-internal"  # the broker's other ports
PORTS = Path("run") / "ports.json"
LEAST_SPACE_BYTES = 300_000_000
START_TIMEOUT_S = 120.0
TICK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """One service now; ``address`` and ``pid`` are None when it has none."""

    name: str
    state: processes.State
    healthy: bool
    address: str | None
    pid: int | None


def start(folders: FolderSettings, progress: Progress, *, secure: bool = False) -> dict[str, str]:
    """Start what is not running; returns the variables that point our processes at the services.

    They are also written to ``services.env`` in the state folder, where every later command reads
    them. With ``secure``, and ever after in this state folder, the broker asks everyone who they
    are; each role's credentials are then in its own file. Back when all are healthy; a failure or
    Ctrl-C stops again what this call has started. Raises EmbeddedServiceError, naming the log
    file, when one does not come up.
    """
    state_dir = folders.state_dir
    with _one_at_a_time(state_dir), _undone_on_failure(state_dir) as started:
        _check_space(state_dir)
        java = find_java()
        jars = fetch_all(("kafka", "registry", "object-store"), folders.cache_dir, progress)
        if secure or _keys(state_dir):
            _make_keys(state_dir)
        services = _planned(java, jars, state_dir)
        for service in services:
            if _ensure(service, state_dir):
                started.append(service.name)
            if service.name == broker.NAME and (keys := _keys(state_dir)):
                _wait([service], state_dir, progress)  # the others must be let in to start
                access.let_in(_administration(state_dir), keys)
        _wait(services, state_dir, progress)
        schema_registry.set_compatibility(_ports(state_dir)[schema_registry.NAME])
        return _offer(services, state_dir)


def stop(folders: FolderSettings) -> tuple[str, ...]:
    """Stop the services, last started first; returns the names of those that were running.

    What they keep (topics, schemas, objects) stays in the state folder for the next start.
    """
    if not folders.state_dir.exists():
        return ()
    with _one_at_a_time(folders.state_dir):
        names = [n for n in reversed(NAMES) if processes.stop(n, folders.state_dir)]
        for name in (SERVICES_ENV, *(role.env_file for role in Role)):
            (folders.state_dir / name).unlink(missing_ok=True)
    return tuple(names)


def status(folders: FolderSettings) -> tuple[ServiceStatus, ...]:
    """Every service, in the order of their start; asks each that runs whether it is healthy."""
    return tuple(_status(name, folders.state_dir) for name in NAMES)


def were_started(folders: FolderSettings) -> bool:
    """Whether this state folder ever had services of its own; else they are elsewhere."""
    return bool(_ports(folders.state_dir))


def is_secured(folders: FolderSettings) -> bool:
    """Whether the broker of this state folder asks everyone who they are."""
    return _keys(folders.state_dir) is not None


def _planned(
    java: Java, jars: dict[JarSet, tuple[Path, ...]], state_dir: Path
) -> tuple[Planned, ...]:
    """The services in the order of their start; one that runs keeps its port."""
    running = {name for name in NAMES if processes.find(name, state_dir)}
    in_use = running | ({CONTROLLER, INTERNAL} if broker.NAME in running else set())
    port = ports.choose((*NAMES, CONTROLLER, INTERNAL), state_dir / PORTS, in_use)
    home = {name: state_dir / name for name in NAMES}
    kafka, registry, store = NAMES
    listening, keys = _broker_ports(port), _keys(state_dir)
    return (
        broker.planned(java, jars["kafka"], home[kafka], listening, keys),
        schema_registry.planned(
            java,
            jars["registry"],
            home[registry],
            port[registry],
            schema_registry.journal(broker.internal_address(listening, keys), keys),
        ),
        object_store.planned(java, jars["object-store"], home[store], port[store]),
    )


def _status(name: str, state_dir: Path) -> ServiceStatus:
    running = processes.find(name, state_dir)
    port = _ports(state_dir)
    asked: dict[str, Callable[[], bool]] = {
        broker.NAME: lambda: broker.is_healthy(_broker_ports(port), _keys(state_dir)),
        schema_registry.NAME: lambda: schema_registry.is_healthy(port[name]),
        object_store.NAME: lambda: object_store.is_healthy(port[name]),
    }
    return ServiceStatus(
        name=name,
        state=processes.state(name, state_dir),
        healthy=running is not None and name in port and asked[name](),
        address=f"{ports.LOOPBACK}:{port[name]}" if running and name in port else None,
        pid=running.pid if running else None,
    )


def _ensure(service: Planned, state_dir: Path) -> bool:
    """Have it run with exactly this command; whether it had to be started."""
    running = processes.find(service.name, state_dir)
    if running is not None and running.command == service.command:
        return False
    processes.stop(service.name, state_dir)  # another version, or a broker at another address
    processes.start(service.name, service.command, state_dir)
    return True


def _wait(services: Sequence[Planned], state_dir: Path, progress: Progress) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    waiting = list(services)
    while waiting:
        progress("starting services", len(services) - len(waiting), len(services))
        for service in waiting:
            if processes.find(service.name, state_dir) is None:
                raise _not_started(service, state_dir, "ended at its start")
            if time.monotonic() > deadline:
                raise _not_started(service, state_dir, f"no answer in {START_TIMEOUT_S:.0f} s")
        time.sleep(TICK_S)
        waiting = [service for service in waiting if not service.is_healthy()]
    progress("starting services", len(services), len(services))


def _not_started(service: Planned, state_dir: Path, what: str) -> EmbeddedServiceError:
    return EmbeddedServiceError(
        f"expected {service.name} at {service.address}; got {what}, its last line: "
        f"{processes.last_line(service.name, state_dir) or 'none'}; see "
        f"{processes.log_file(service.name, state_dir)}"
    )


def _offer(services: Sequence[Planned], state_dir: Path) -> dict[str, str]:
    """Write what our processes need into the state folder; returns what all of them may know."""
    variables, private = _variables(services, state_dir)
    write_private(state_dir / SERVICES_ENV, as_env_file(variables))
    for role, own in private.items():
        write_private(state_dir / role.env_file, as_env_file(own))
    return variables


def _variables(
    services: Sequence[Planned], state_dir: Path
) -> tuple[dict[str, str], dict[Role, dict[str, str]]]:
    """What all processes may know, and what one role alone may: nothing where all is open."""
    kafka, registry, store = (service.address for service in services)
    places = {
        "CMC_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "CMC_REGISTRY_URL": registry,
        "CMC_LANDING_LAKE": f"s3a://{object_store.BUCKET}/lake",
        "CMC_LANDING_S3_ENDPOINT": store,
    }
    store_keys = object_store.keys_of(state_dir / object_store.NAME)
    lake = {
        "CMC_LANDING_S3_ACCESS_KEY": store_keys.access_key,
        "CMC_LANDING_S3_SECRET_KEY": store_keys.secret_key,
    }
    keys = _keys(state_dir)
    if keys is None:
        return places | lake, {}
    private = access.credentials(_administration(state_dir), keys)
    for role in (Role.LANDING, Role.READER):
        private[role] |= lake
    return places | access.connection(kafka, keys), private


def _keys(state_dir: Path) -> BrokerKeys | None:
    """The keys of a secured broker, None where it lets in everyone on this machine."""
    keys = BrokerKeys(folder=state_dir / broker.NAME / "keys")
    return keys if keys.exist else None


def _make_keys(state_dir: Path) -> None:
    """Not under a running broker, which keeps those that it was started with."""
    if _keys(state_dir) is None or processes.find(broker.NAME, state_dir) is None:
        BrokerKeys(folder=state_dir / broker.NAME / "keys").make(now())


def _administration(state_dir: Path) -> KafkaSettings:
    return broker.administration(_broker_ports(_ports(state_dir)), _keys(state_dir))


def _broker_ports(port: Mapping[str, int]) -> broker.Ports:
    return broker.Ports(
        client=port[broker.NAME],
        internal=port.get(INTERNAL, 0),  # not chosen by earlier versions
        controller=port[CONTROLLER],
    )


@contextmanager
def _undone_on_failure(state_dir: Path) -> Iterator[list[str]]:
    """Stop what was added to the list if anything goes wrong, Ctrl-C included."""
    started: list[str] = []
    try:
        yield started
    except BaseException:
        for name in reversed(started):
            processes.stop(name, state_dir)
        raise


@contextmanager
def _one_at_a_time(state_dir: Path) -> Iterator[None]:
    """Hold the state folder; trouble with the folder itself becomes one line."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # notes lie in it
        (state_dir / "run").mkdir(exist_ok=True)
        with held(state_dir / "run" / "services.lock"):
            yield
    except OSError as error:
        raise EmbeddedServiceError(
            f"cannot write to the state folder {state_dir}: {error.strerror}; free some space or "
            "set CMC_STATE_DIR to a folder that can be written"
        ) from None


def _check_space(state_dir: Path) -> None:
    """A broker whose disk is full stops in the middle of a record; better not to start it."""
    free = shutil.disk_usage(state_dir).free
    if free < LEAST_SPACE_BYTES:
        raise EmbeddedServiceError(
            f"expected {LEAST_SPACE_BYTES // 10**6} MB free in the state folder {state_dir}; got "
            f"{free // 10**6} MB; free some space or set CMC_STATE_DIR"
        )


def _ports(state_dir: Path) -> dict[str, int]:
    return ports.remembered(state_dir / PORTS)
