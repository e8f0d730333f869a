"""patient-refs: pseudonyms of patients, new keys, and from old references to new ones."""

import csv
import sys
from pathlib import Path
from typing import TextIO

import click


@click.command("patient-refs")
@click.argument("ids", type=click.File(encoding="utf-8"), default="-", metavar="[FILE]")
@click.option("--add-key", "identity", metavar="ID",
              help="Add a new key to the key file instead: from now on it makes new references.")  # fmt: skip
def patient_refs(ids: TextIO, identity: str | None) -> None:
    """Say which references patients have: one identifier a line in, CSV out, oldest key first.

    A reference is HMAC-SHA256 of the identifier under a secret key, after the key's id. The key file
    is CMC_PRODUCER_PATIENT_KEYS, a key a line; the last one makes the references of notes that are
    published. To rotate, add a key and start producers again: notes before and after have different
    references for one patient. Whoever holds identifiers and keys maps them with this command, by
    columns; nobody else can. Identifiers are not printed. Remove a key's line once no data has its
    references.

    \b
    Examples:
      export CMC_PRODUCER_PATIENT_KEYS=/etc/codemychart/patient-keys
      codemychart patient-refs --add-key 2026a
      codemychart publish notes.csv                          with a column patient_id or mrn
      codemychart patient-refs --add-key 2026b
      codemychart patient-refs patient-ids.txt > old-to-new.csv
    """
    from producers.patient_refs import read_keys
    from runtime.settings import ProducerSettings, read

    place = read(ProducerSettings).patient_keys
    if place is None:
        raise click.UsageError("expected CMC_PRODUCER_PATIENT_KEYS to name the key file")
    if identity is not None:
        _add_key(place, identity)
        return
    keys = read_keys(place)
    table = csv.writer(sys.stdout)
    table.writerow([key.identity for key in keys])
    for line in ids:
        if line.strip():
            table.writerow([key.ref(line) for key in keys])


def _add_key(place: Path, identity: str) -> None:
    from producers.patient_refs import new_key_line, read_keys
    from runtime.private_files import write_private

    keys = read_keys(place) if place.exists() else ()
    if identity in {key.identity for key in keys}:
        raise click.UsageError(f"expected an id that no key has; got {identity}")
    before = place.read_text(encoding="ascii") if keys else ""
    write_private(place, before.rstrip("\n") + "\n" * bool(before) + new_key_line(identity))
    click.echo(f"{place}: {len(keys) + 1} keys, {identity} makes new references", err=True)
