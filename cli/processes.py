"""worker, land, ui: one process each, in the foreground."""

from datetime import datetime

import click

from cli.moments import MomentType

SUPERVISE = click.option(
    "--supervise",
    is_flag=True,
    help="Start it again, with back-off, when it fails or hangs; not after 78 or a stop.",
)


@click.command()
@SUPERVISE
def worker(*, supervise: bool) -> int:
    """Code notes until told to stop: note topic in, claim topic out.

    Start as many as the note topic has partitions. Ctrl-C or SIGTERM finishes the batch in flight
    and commits. When broker or registry stay away the worker exits 1, with 75 when it stands still
    (CMC_WORKER_STALL_S), and with 78 when a restart would not help; nothing is lost by any of them.
    --supervise starts it again, and never gives up but at 78: an outage may last a day.

    \b
    Examples:
      codemychart worker
      codemychart worker --supervise
      CMC_WORKER_HEALTH_PORT=9101 codemychart worker      # /livez, /readyz, /metrics
      CMC_WORKER_BATCH_NOTES=64 CMC_WORKER_BATCH_WAIT_S=0.5 codemychart worker
      CMC_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CMC_REGISTRY_URL=http://registry:8081 codemychart worker
    """
    if supervise:
        from cli.pipeline import WORKER

        return _keep_running(WORKER)
    from streams.__main__ import main

    main()
    return 0


@click.command()
@click.option("--once", is_flag=True, help="Land what is there, then stop.")
@click.option("--since", type=MomentType(), help="After that, land what the lake lacks from T on.")
@click.option("--until", type=MomentType(), help="... and of claims published before T.")
@SUPERVISE
def land(*, once: bool, since: datetime | None, until: datetime | None, supervise: bool) -> int:
    """Land claims as Parquet with Spark: on S3 (s3a://bucket/prefix) or in a folder.

    Exactly once for any reader. Ctrl-C or SIGTERM stops between two batches; a killed landing
    goes on where it was. With a window, what is there is landed, then what the lake lacks of the
    claims published in it, however often that is repeated; no other landing may run meanwhile.

    \b
    Examples:
      codemychart land
      codemychart land --supervise
      codemychart land --once
      codemychart land --since 2026-03-01 --until 2026-04-01
      CMC_LANDING_LAKE=/data/lake codemychart land
    """
    if (since is None) != (until is None):
        raise click.UsageError("expected both --since and --until, or neither")
    if supervise and (once or since):
        raise click.UsageError("--once and a window end by themselves; leave --supervise out")
    if supervise:
        from cli.pipeline import LANDING

        return _keep_running(LANDING)
    from consumers.landing.__main__ import main
    from consumers.landing.backfill import Window

    main(once=once, window=Window(since=since, until=until) if since and until else None)
    return 0


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one; default 8501.")
def ui(*, port: int | None) -> None:
    """Show the live feed in a browser.

    \b
    Examples:
      codemychart ui
      codemychart ui --port 8600
    """
    from ui.__main__ import main

    main(port)


def _keep_running(name: str) -> int:
    """Supervise a process of ours in the foreground; `status` finds it by its port."""
    import sys
    from functools import partial

    from cli.pipeline import MODULES
    from runtime import health, logs
    from runtime.foreground import keep_running
    from runtime.process_health import PORT_VARIABLES, SETTINGS, choose_port
    from runtime.settings import FolderSettings, read

    logs.configure("supervisor")
    port = choose_port(name, read(FolderSettings).state_dir)
    return keep_running(
        name,
        (sys.executable, "-m", MODULES[name]),
        {PORT_VARIABLES[name]: str(port)},
        partial(health.ask, read(SETTINGS[name]).address, port),
    )
