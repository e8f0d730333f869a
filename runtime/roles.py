"""What each process does on the broker."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does on the broker: it reads its own credentials and no others."""

    PRODUCER = "producer"  # writes notes
    WORKER = "worker"  # notes in, claims and dead letters out
    LANDING = "landing"  # claims into the lake
    UI = "ui"  # the live feed
    READER = "reader"  # tail, reconcile, status, doctor, dlq list and show
    REDRIVER = "redriver"  # dlq redrive: refused records back into the note topic
    ADMIN = "admin"  # topics and permissions

    @property
    def env_file(self) -> str:
        """The name in the state folder of what only this role may know."""
        return f"services.{self}.env"
