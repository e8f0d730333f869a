"""up, down, status: the embedded services; prepare: services of one's own."""

import json
from dataclasses import asdict

import click

from cli.progress import bars


@click.command()
@click.option("--secure", is_flag=True,
              help="TLS, passwords and permissions on the broker; stays so in this state folder.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the variables as one JSON object.")
def up(*, secure: bool, as_json: bool) -> None:
    """Start broker, schema registry and object store in the background.

    Their topics and schemas are made too. What they keep lies in CMC_STATE_DIR and is there again
    at the next start; every later command finds them by itself.

    \b
    Examples:
      codemychart up
      codemychart up --secure
      CMC_STATE_DIR=/var/tmp/cmc codemychart up --json
    """
    from cli.deployment import prepare
    from runtime.embedded import services
    from runtime.settings import FolderSettings, read

    with bars() as progress:
        variables = services.start(read(FolderSettings), progress, secure=secure)
        prepare()
    if as_json:
        click.echo(json.dumps(variables))
        return
    way_in = variables.get("CMC_KAFKA_SECURITY_PROTOCOL", "open to this machine")
    click.echo(f"broker           {variables['CMC_KAFKA_BOOTSTRAP_SERVERS']} ({way_in})")
    click.echo(f"schema registry  {variables['CMC_REGISTRY_URL']}")
    click.echo(f"object store     {variables['CMC_LANDING_S3_ENDPOINT']}")
    click.echo("stop them with `codemychart down`")


@click.command()
def prepare() -> None:
    """Make topics, schemas and the lake's bucket on a broker, registry and store of your own.

    What is there stays as it is, so it may run before every deployment. Topics get
    CMC_KAFKA_PARTITIONS and CMC_KAFKA_REPLICATION_FACTOR.

    \b
    Examples:
      codemychart prepare
      CMC_KAFKA_PARTITIONS=12 CMC_KAFKA_REPLICATION_FACTOR=3 codemychart prepare
    """
    from cli import deployment
    from consumers.lake_objects import make_bucket
    from runtime.roles import Role
    from runtime.settings import LandingSettings, read

    deployment.prepare()
    lake = read(LandingSettings, Role.LANDING)
    make_bucket(lake)
    click.echo(f"topics, schemas and {lake.lake} are ready")


@click.command()
def down() -> None:
    """Stop the embedded services, and what a killed demo left running.

    Topics, schemas and the lake stay in CMC_STATE_DIR.

    \b
    Example:
      codemychart down
    """
    from runtime import processes
    from runtime.embedded import services
    from runtime.process_health import PROCESSES
    from runtime.settings import FolderSettings, read

    folders = read(FolderSettings)
    stopped = [name for name in PROCESSES if processes.stop(name, folders.state_dir)]
    stopped += services.stop(folders)
    click.echo(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Show what runs, whether it is healthy, and how far the coding worker is behind.

    A process answers for itself where the demo or CMC_WORKER_HEALTH_PORT and CMC_LANDING_HEALTH_PORT
    say where. Exit 1 when something that was started is not healthy.

    \b
    Examples:
      codemychart status
      codemychart status --json | jq .lag
      codemychart status --json | jq .processes.worker.health
    """
    from runtime.embedded import services
    from runtime.process_health import process_states
    from runtime.settings import FolderSettings, read

    folders = read(FolderSettings)
    found = services.status(folders)
    own = process_states(folders.state_dir)
    lag = _lag() if any(s.healthy for s in found if s.name == services.NAMES[0]) else None
    if as_json:
        rows = {name: asdict(one) for name, one in own.items()}
        told = {"services": [asdict(s) for s in found], "processes": rows, "lag": lag}
        click.echo(json.dumps(told))
    else:
        for s in found:
            health = "healthy" if s.healthy else s.state if s.state != "running" else "not healthy"
            click.echo(f"{s.name:<16} {health:<12} {s.address or ''}")
        for name, one in own.items():
            click.echo(f"{name:<16} {one}")
        click.echo(f"{'lag':<16} {'unknown' if lag is None else f'{lag} notes'}")
    unwell = any(s.state != "stopped" and not s.healthy for s in found)
    context.exit(int(unwell or not all(one.is_well for one in own.values())))


def _lag() -> int:
    from runtime import kafka_topics
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, WorkerSettings, read
    from schemas.topics import topics

    settings = read(KafkaSettings, Role.READER)
    notes = topics(settings.topic_prefix).notes.name
    return sum(kafka_topics.lag(settings, read(WorkerSettings).group, notes).values())
