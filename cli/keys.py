"""add-key, patient-refs: keys in files, and the references of patients under them."""

import csv
import sys
from pathlib import Path
from typing import TextIO

import click


@click.command("add-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("identity", metavar="ID")
def add_key(file: Path, identity: str) -> None:
    """Add a new random key to FILE (0600, made if need be) under an ID of its own.

    For CMC_PRODUCER_PATIENT_KEYS (see `codemychart patient-refs --help`) and CMC_ENCRYPTION_KEYS (the
    text of notes). The last key is the one in use: start producers again to use it. Keys above it
    open, or find again, what they made: remove a line only when nothing of it is left. Keep a copy
    where the notes are not: without the key nobody opens what it sealed.

    \b
    Examples:
      codemychart add-key /etc/codemychart/patient-keys 2026a
      codemychart add-key /etc/codemychart/text-keys 2026a
    """
    from clinical_coding.errors import StorageError
    from runtime import key_files

    try:
        keys = key_files.add_key(file, identity)
    except OSError as error:
        raise StorageError(
            f"expected a file that can be written at {file}; got {error.strerror}; check its folder"
        ) from None
    click.echo(f"{file}: {len(keys)} keys, {identity} is in use from now on", err=True)


@click.command("patient-refs")
@click.argument("ids", type=click.File(encoding="utf-8"), default="-", metavar="[FILE]")
def patient_refs(ids: TextIO) -> None:
    """Say which references patients have: one identifier a line in, CSV out, oldest key first.

    A reference is HMAC-SHA256 of the identifier under a secret key, after the key's id. Keys are in
    the file of CMC_PRODUCER_PATIENT_KEYS; the last one makes the references of notes that are
    published. To rotate, add a key and start producers again: notes before and after have different
    references for one patient. Whoever holds identifiers and keys maps them with this command, by
    columns; nobody else can. Identifiers are not printed.

    \b
    Examples:
      export CMC_PRODUCER_PATIENT_KEYS=/etc/codemychart/patient-keys
      codemychart add-key $CMC_PRODUCER_PATIENT_KEYS 2026a
      codemychart publish notes.csv                          with a column patient_id or mrn
      codemychart add-key $CMC_PRODUCER_PATIENT_KEYS 2026b
      codemychart patient-refs patient-ids.txt > old-to-new.csv
    """
    from producers.__main__ import patient_keys
    from producers.patient_refs import patient_ref

    keys = patient_keys()
    if not keys:
        raise click.UsageError("expected CMC_PRODUCER_PATIENT_KEYS to name the key file")
    table = csv.writer(sys.stdout)
    table.writerow([key.identity for key in keys])
    for line in ids:
        if line.strip():
            table.writerow([patient_ref(line, key) for key in keys])
