"""The schema registry as our schemas meet it."""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from typing_extensions import override

from clinical_coding.errors import MisconfiguredError, RegistryError
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.compatibility import incompatibilities
from schemas.topics import schema_text, topics


def _note_signed() -> Any:  # noqa: ANN401 - Avro's JSON
    return json.loads(schema_text("note_signed.avsc"))


def _with_field(schema: Any, field: Mapping[str, object]) -> Any:  # noqa: ANN401 - Avro's JSON
    return schema | {"fields": [*schema["fields"], field]}


def test_a_registered_schema_is_found_by_its_text_and_by_its_id(
    registered: dict[str, int], registry: Registry, kafka_settings: KafkaSettings
) -> None:
    subject = topics(kafka_settings.topic_prefix).notes.subject

    assert registry.schema_id(subject, schema_text("note_signed.avsc")) == registered[subject]
    text = registry.schema_text(registered[subject])
    assert text is not None
    assert json.loads(text)["name"] == "NoteSigned"


def test_registering_the_same_text_again_makes_no_new_version(
    registered: dict[str, int], registry: Registry, kafka_settings: KafkaSettings
) -> None:
    subject = topics(kafka_settings.topic_prefix).notes.subject

    assert registry.register(subject, schema_text("note_signed.avsc")) == registered[subject]
    assert len(registry.versions(subject)) == 1


@pytest.mark.usefixtures("registered")
def test_a_new_subject_has_no_version_and_no_schema_id(registry: Registry) -> None:
    assert registry.versions("nobody.registered.this-value") == ()
    assert registry.schema_text(999_999) is None
    with pytest.raises(MisconfiguredError, match="schemas register"):
        registry.schema_id("nobody.registered.this-value", '"string"')


def test_an_incompatible_version_is_refused_and_the_check_names_its_field(
    registered: dict[str, int], registry: Registry, kafka_settings: KafkaSettings
) -> None:
    """The registry says no, and our own check says which field is at fault."""
    subject = topics(kafka_settings.topic_prefix).notes.subject
    assert subject in registered
    broken = _with_field(_note_signed(), {"name": "ward", "type": "string"})

    with pytest.raises(MisconfiguredError, match="schemas check"):
        registry.register(subject, json.dumps(broken))

    assert any("field ward" in problem for problem in incompatibilities(broken, _note_signed()))
    assert len(registry.versions(subject)) == 1


def test_a_version_must_fit_every_older_one_not_only_the_last(
    registered: dict[str, int], registry: Registry, kafka_settings: KafkaSettings
) -> None:
    """FULL_TRANSITIVE: a field that came, went, and comes back as another type is refused."""
    subject = topics(kafka_settings.topic_prefix).notes.subject
    assert subject in registered
    ward = {"name": "ward", "type": ["null", "string"], "default": None}
    with_ward = _with_field(_note_signed(), ward)
    registry.register(subject, json.dumps(with_ward))
    without = _with_field(_note_signed(), ward | {"name": "bed"})
    registry.register(subject, json.dumps(without))
    other = _with_field(without, {"name": "ward", "type": ["null", "int"], "default": None})
    assert not incompatibilities(other, without)

    with pytest.raises(MisconfiguredError):
        registry.register(subject, json.dumps(other))

    assert any("ward" in problem for problem in incompatibilities(other, with_ward))


def test_the_embedded_registry_holds_every_new_subject_to_full_transitive(
    registry: Registry,
) -> None:
    """A subject without a rule of its own falls under the registry's, which `up` has set."""
    assert registry.compatibility() == "FULL_TRANSITIVE"


def test_a_registry_that_is_not_there_is_named_with_its_setting() -> None:
    nobody = Registry(RegistrySettings(url="http://127.0.0.1:9/none"))

    with pytest.raises(RegistryError, match="CMC_REGISTRY_URL"):
        nobody.versions("any-value")


class _Loading(BaseHTTPRequestHandler):
    """What Apicurio answers before it has read its journal: it knows no subject and no schema."""

    def do_GET(self) -> None:
        self._answer("[]" if self.path.partition("?")[0].endswith("/subjects") else None)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(None)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, body: str | None) -> None:
        answer = (body or json.dumps({"error_code": 40403, "message": "not found"})).encode()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def loading() -> Iterator[Registry]:
    """A client of a registry that is still loading."""
    with HTTPServer(("127.0.0.1", 0), _Loading) as server:
        serving = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        yield Registry(RegistrySettings(url=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        serving.join()


def test_a_registry_without_any_schema_is_away_and_refuses_no_record(loading: Registry) -> None:
    """Its "not found" is no answer yet: the worker must wait, not dead-letter or give up for good."""
    with pytest.raises(RegistryError, match="none at all"):
        loading.schema_text(1)
    with pytest.raises(RegistryError, match="schemas register"):
        loading.schema_id("notes-value", '"string"')
