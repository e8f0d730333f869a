"""What a deployment needs before its first note: topics, registered schemas, permissions."""

from cli.permissions import permissions
from runtime.embedded import services
from runtime.kafka_access import allow
from runtime.kafka_topics import create_topics
from runtime.registry import Registry
from runtime.roles import Role
from runtime.settings import FolderSettings, KafkaSettings, RegistrySettings, WorkerSettings, read
from schemas.topics import topics


def prepare() -> None:
    """Create the topics that do not exist and register the schemas; harmless when repeated.

    On a secured broker that was started here each process gets its permissions. Raises UnavailableError when broker or registry do not answer, MisconfiguredError when the
    registry refuses a schema.
    """
    kafka = read(KafkaSettings, Role.ADMIN)
    names = topics(kafka.topic_prefix)
    create_topics(kafka, (topic.name for topic in names))
    registry = Registry(read(RegistrySettings))
    for subject, text in names.subjects().items():
        registry.register(subject, text)
    if services.is_secured(read(FolderSettings)):
        allow(kafka, permissions(kafka, read(WorkerSettings).group))
