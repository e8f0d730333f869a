"""worker, land, ui: one process each, in the foreground."""

import click


@click.command()
def worker() -> None:
    """Code notes until told to stop: note topic in, claim topic out.

    Start as many as the note topic has partitions. Ctrl-C or SIGTERM finishes the batch in flight
    and commits. When broker or registry stay away the worker exits 1, and with 78 when a restart
    would not help; nothing is lost by either, so let a supervisor start it again.

    \b
    Examples:
      codemychart worker
      CMC_WORKER_BATCH_NOTES=64 CMC_WORKER_BATCH_WAIT_S=0.5 codemychart worker
      CMC_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CMC_REGISTRY_URL=http://registry:8081 codemychart worker
    """
    from streams.__main__ import main

    main()


@click.command()
@click.option("--once", is_flag=True, help="Land what is there, then stop.")
def land(*, once: bool) -> None:
    """Land claims as Parquet with Spark: on S3 (s3a://bucket/prefix) or in a folder.

    Exactly once for any reader. Ctrl-C or SIGTERM stops between two batches; a killed landing
    goes on where it was.

    \b
    Examples:
      codemychart land
      codemychart land --once
      CMC_LANDING_LAKE=/data/lake codemychart land
    """
    from consumers.landing.__main__ import main

    main(once=once)


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
