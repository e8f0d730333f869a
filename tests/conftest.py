"""What tests share: the real broker, registry and object store, and a corner of each of their own.

They are processes of this machine; ``CMC_TEST_SERVICES=containers`` takes containers, ``auto`` does
where a Docker engine answers. ``CMC_TEST_KAFKA_BOOTSTRAP_SERVERS`` and ``CMC_TEST_REGISTRY_URL`` make the
tests use services that run already; the object store is then that of ``codemychart up``.
"""

import signal
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import hypothesis
import pytest
import structlog
from dotenv import dotenv_values
from hypothesis import settings as examples
from pydantic import SecretStr

from runtime.embedded import services as embedded
from runtime.kafka_topics import create_topics
from runtime.progress import silent
from runtime.registry import Registry
from runtime.settings import (
    SERVICES_ENV,
    FolderSettings,
    KafkaSettings,
    LandingSettings,
    RegistrySettings,
    ServicesUnderTest,
    read,
)
from schemas.topics import Topics, topics

examples.register_profile("shared machine", deadline=None)  # a slow example there is no fault
examples.load_profile("shared machine")


def pytest_configure() -> None:
    """Let children get Ctrl-C: started in a shell's background, pytest would pass on that it is ignored.

    Generated examples have no deadline: speed is not asserted in tests.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")


def pytest_runtest_teardown() -> None:
    """Log settings end with the test that made them: they write to where its output was captured."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def own_folders() -> FolderSettings:
    """The folders of who runs the tests: the cache is theirs, so no jar is fetched twice."""
    return read(FolderSettings)


@pytest.fixture(scope="session")
def services(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The CMC_ variables of a running broker, registry and object store; started once a run."""
    given = read(ServicesUnderTest)
    if given.kafka_bootstrap_servers and given.registry_url:
        up = {n: v for n, v in dotenv_values(own_folders.state_dir / SERVICES_ENV).items() if v}
        yield up | {
            "CMC_KAFKA_BOOTSTRAP_SERVERS": given.kafka_bootstrap_servers,
            "CMC_REGISTRY_URL": given.registry_url,
        }
    elif given.services != "embedded" and (containers := _containers(given.services)):
        with containers as variables:
            yield variables
    else:
        folders = FolderSettings(
            state_dir=tmp_path_factory.mktemp("state"), cache_dir=own_folders.cache_dir
        )
        yield embedded.start(folders, silent)
        embedded.stop(folders)


def _containers(asked: str) -> AbstractContextManager[dict[str, str]] | None:
    """The three in containers; None where nobody insists and no Docker engine answers."""
    from tests.containers import (  # noqa: PLC0415 - asked for only
        engine_answers,
        running_containers,
    )

    return running_containers() if asked == "containers" or engine_answers() else None


@pytest.fixture
def kafka_settings(services: dict[str, str]) -> KafkaSettings:
    """The broker, under a topic prefix of this test's own; its topics exist."""
    settings = KafkaSettings(
        bootstrap_servers=services["CMC_KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=f"test-{uuid.uuid4().hex[:8]}.",
    )
    create_topics(settings, [topic.name for topic in topics(settings.topic_prefix)])
    return settings


@pytest.fixture
def registry_settings(services: dict[str, str]) -> RegistrySettings:
    """The schema registry."""
    return RegistrySettings(url=services["CMC_REGISTRY_URL"])


@pytest.fixture
def registry(registry_settings: RegistrySettings) -> Registry:
    """A client of the schema registry with an empty cache."""
    return Registry(registry_settings)


@pytest.fixture
def registered(kafka_settings: KafkaSettings, registry: Registry) -> dict[str, int]:
    """The schema id of every subject under the test's prefix; all are registered."""
    subjects = topics(kafka_settings.topic_prefix).subjects()
    return {subject: registry.register(subject, text) for subject, text in subjects.items()}


@pytest.fixture
def lake_settings(services: dict[str, str]) -> LandingSettings:
    """A lake of this test's own on the object store."""
    return LandingSettings(
        lake=f"{services['CMC_LANDING_LAKE']}/test-{uuid.uuid4().hex[:8]}",
        s3_endpoint=services["CMC_LANDING_S3_ENDPOINT"],
        s3_access_key=services["CMC_LANDING_S3_ACCESS_KEY"],
        s3_secret_key=SecretStr(services["CMC_LANDING_S3_SECRET_KEY"]),
        trigger_s=0.2,
    )


@pytest.fixture
def names(kafka_settings: KafkaSettings) -> Topics:
    """The test's own topics."""
    return topics(kafka_settings.topic_prefix)


@pytest.fixture
def process_variables(
    services: dict[str, str],
    kafka_settings: KafkaSettings,
    lake_settings: LandingSettings,
    own_folders: FolderSettings,
    tmp_path: Path,
) -> dict[str, str]:
    """What a process of this test gets: the services, and its own topics, group, lake and state."""
    return services | {
        "CMC_KAFKA_TOPIC_PREFIX": kafka_settings.topic_prefix,
        "CMC_WORKER_GROUP": f"{kafka_settings.topic_prefix}worker",
        "CMC_LANDING_LAKE": lake_settings.lake,
        "CMC_STATE_DIR": str(tmp_path / "state"),
        "CMC_CACHE_DIR": str(own_folders.cache_dir),
    }
