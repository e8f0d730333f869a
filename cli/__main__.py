"""codemychart: one command for every process and tool of the project."""

import sys

import click

from cli.claims import reconcile, tail
from cli.code import code
from cli.demo import demo
from cli.dlq import dlq
from cli.doctor import doctor
from cli.evaluate import evaluate
from cli.keys import add_key, patient_refs
from cli.lake import lake
from cli.processes import land, ui, worker
from cli.publish import publish
from cli.replay import replay
from cli.schemas import schemas
from cli.services import down, prepare, status, up
from cli.training import train
from runtime.exit_status import INTERRUPTED, exit_with


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="codemychart")
def codemychart() -> None:
    """Clinical notes in, ICD-10-CM coded claims out, live.

    \b
    Examples:
      codemychart demo                      everything on this machine, with the live feed
      codemychart code note.txt             code one note, no Kafka
      codemychart COMMAND --help            examples for each command
    """


for command in (
    *(demo, up, down, status, prepare, publish, worker, land, ui, tail, code),
    *(lake, reconcile, dlq, replay, train, evaluate, schemas, add_key, patient_refs, doctor),
):
    codemychart.add_command(command)


def main() -> None:
    """Run the command line; exit 0 when all went well, 1 when it failed, 2 on wrong usage."""
    exit_with(_run)


def _run() -> int:
    try:
        result = codemychart.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
