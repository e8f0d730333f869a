"""The schema registry: anything that speaks Confluent's REST API."""

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from httpx2 import HTTPError

from clinical_coding.errors import MisconfiguredError, RegistryError
from runtime.settings import RegistrySettings

FULL_TRANSITIVE = "FULL_TRANSITIVE"  # every version reads every other
NOT_FOUND, CONFLICT, UNPROCESSABLE = 404, 409, 422


class Registry:
    """One registry; answers are cached by the client, schemas never change under their id."""

    def __init__(self, settings: RegistrySettings) -> None:
        config: dict[str, object] = {"url": settings.url, "timeout": 10}
        if settings.username and settings.password:
            secret = settings.password.get_secret_value()
            config["basic.auth.user.info"] = f"{settings.username}:{secret}"
        self._client = SchemaRegistryClient(config)
        self._url = settings.url

    def schema_text(self, schema_id: int) -> str | None:
        """The schema registered under this id as JSON, None when there is none."""
        try:
            return str(self._client.get_schema(schema_id).schema_str)
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                return None
            raise self._unavailable(error) from None
        except HTTPError as error:
            raise self._unavailable(error) from None

    def schema_id(self, subject: str, schema_text: str) -> int:
        """The id under which this schema is registered for the subject.

        Raises MisconfiguredError when it is not: a running service never registers by itself.
        """
        try:
            found = self._client.lookup_schema(subject, Schema(schema_text, "AVRO"))
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                raise MisconfiguredError(
                    f"expected the schema of {subject} in the registry; got none that is the same; "
                    "run `codemychart schemas register`"
                ) from None
            raise self._unavailable(error) from None
        except HTTPError as error:
            raise self._unavailable(error) from None
        return int(found.schema_id or 0)

    def versions(self, subject: str) -> tuple[str, ...]:
        """Every version's text, oldest first; none when the subject is new."""
        try:
            numbers = self._client.get_versions(subject)
            return tuple(
                str(self._client.get_version(subject, number).schema.schema_str)
                for number in sorted(numbers)
            )
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                return ()
            raise self._unavailable(error) from None
        except HTTPError as error:
            raise self._unavailable(error) from None

    def register(self, subject: str, schema_text: str) -> int:
        """Register a version under FULL_TRANSITIVE compatibility and return its id.

        Registering the same text again gives the same id. Raises MisconfiguredError when the
        registry refuses the change.
        """
        try:
            identity = int(self._client.register_schema(subject, Schema(schema_text, "AVRO")))
            self._client.set_compatibility(subject, FULL_TRANSITIVE)
        except SchemaRegistryError as error:
            if error.http_status_code in (CONFLICT, UNPROCESSABLE):
                raise MisconfiguredError(
                    f"the registry refuses this version of {subject} as not {FULL_TRANSITIVE}; "
                    "run `codemychart schemas check` to see the field"
                ) from None
            raise self._unavailable(error) from None
        except HTTPError as error:
            raise self._unavailable(error) from None
        return identity

    def _unavailable(self, error: Exception) -> RegistryError:
        return RegistryError(
            f"expected an answer from the schema registry at {self._url}; got "
            f"{type(error).__name__}; check CMC_REGISTRY_URL and that it is up"
        )
