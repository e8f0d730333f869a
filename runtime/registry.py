"""The schema registry: anything that speaks Confluent's REST API."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from httpx2 import HTTPError

from clinical_coding.errors import MisconfiguredError, RegistryError
from runtime.settings import RegistrySettings

FULL_TRANSITIVE = "FULL_TRANSITIVE"  # every version reads every other
NOT_FOUND, CONFLICT, UNPROCESSABLE = 404, 409, 422
REFUSED = (401, 403)
T = TypeVar("T")


class Registry:
    """One registry; answers are cached by the client, schemas never change under their id."""

    def __init__(self, settings: RegistrySettings) -> None:
        config: dict[str, object] = {"url": settings.url, "timeout": 10}
        if settings.username and settings.password:
            secret = settings.password.get_secret_value()
            config["basic.auth.user.info"] = f"{settings.username}:{secret}"
        self._client = SchemaRegistryClient(config)
        self._closing = weakref.finalize(self, self._client.close)
        self._url = settings.url

    def close(self) -> None:
        """Close its connections; done by itself when the last reference goes."""
        self._closing()

    def compatibility(self) -> str:
        """The rule for subjects that have none of their own, for instance FULL_TRANSITIVE."""
        with self._translated():
            return str(self._client.get_config().compatibility_level)

    def schema_text(self, schema_id: int) -> str | None:
        """The schema registered under this id as JSON, None when there is none.

        Raises RegistryError when the registry holds no schema at all: Apicurio answers so while it
        reads its journal, and a record must not be refused for that.
        """
        with self._translated():
            found = self._found(lambda: self._client.get_schema(schema_id))
        return None if found is None else str(found.schema_str)

    def schema_id(self, subject: str, schema_text: str) -> int:
        """The id under which this schema is registered for the subject.

        Raises MisconfiguredError when it is not: a running service never registers by itself.
        RegistryError when the registry holds no schema at all, as ``schema_text`` does.
        """
        wanted = Schema(schema_text, "AVRO")
        with self._translated():
            found = self._found(lambda: self._client.lookup_schema(subject, wanted))
        if found is None:
            raise MisconfiguredError(
                f"expected the schema of {subject} in the registry; got none that is the same; run "
                "`codemychart schemas register`"
            )
        return int(found.schema_id or 0)

    def versions(self, subject: str) -> tuple[str, ...]:
        """Every version's text, oldest first; none when the subject is new."""
        with self._translated():
            try:
                numbers = sorted(self._client.get_versions(subject))
            except SchemaRegistryError as error:
                if error.http_status_code == NOT_FOUND:
                    return ()
                raise
            found = [self._client.get_version(subject, number) for number in numbers]
        return tuple(str(version.schema.schema_str) for version in found)

    def register(self, subject: str, schema_text: str) -> int:
        """Register a version under FULL_TRANSITIVE compatibility and return its id.

        Registering the same text again gives the same id. Raises MisconfiguredError when the
        registry refuses the change.
        """
        with self._translated():
            try:
                identity = int(self._client.register_schema(subject, Schema(schema_text, "AVRO")))
                self._client.set_compatibility(subject, FULL_TRANSITIVE)
            except SchemaRegistryError as error:
                if error.http_status_code in (CONFLICT, UNPROCESSABLE):
                    raise MisconfiguredError(
                        f"the registry refuses this version of {subject} as not "
                        f"{FULL_TRANSITIVE}; run `codemychart schemas check` to see the field"
                    ) from None
                raise
        return identity

    def _found(self, ask: Callable[[], T]) -> T | None:
        """The answer, None when the registry, which holds others, does not hold what is asked for."""
        found = _unless_absent(ask)
        if found is None:
            if self._is_empty():
                raise RegistryError(
                    f"expected schemas in the registry at {self._url}; got none at all; wait until "
                    "it has read them, or run `codemychart schemas register`"
                )
            found = _unless_absent(ask)  # it may have come in between
        return found

    def _is_empty(self) -> bool:
        """Whether it has no subject; one that does not tell us is held to have some."""
        try:
            return not self._client.get_subjects()
        except SchemaRegistryError as error:
            if error.http_status_code in REFUSED:
                return False
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SchemaRegistryError, HTTPError) as error:
            raise RegistryError(
                f"expected an answer from the schema registry at {self._url}; got "
                f"{type(error).__name__}; check CMC_REGISTRY_URL and that it is up"
            ) from None


def _unless_absent(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except SchemaRegistryError as error:
        if error.http_status_code == NOT_FOUND:
            return None
        raise
