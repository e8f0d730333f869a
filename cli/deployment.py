"""What a deployment needs before its first note: topics and registered schemas."""

from runtime.kafka_topics import create_topics
from runtime.registry import Registry
from runtime.settings import KafkaSettings, RegistrySettings, read
from schemas.topics import topics


def prepare() -> None:
    """Create the topics that do not exist and register the schemas; harmless when repeated.

    Raises UnavailableError when broker or registry do not answer, MisconfiguredError when the
    registry refuses a schema.
    """
    kafka = read(KafkaSettings)
    names = topics(kafka.topic_prefix)
    create_topics(kafka, (topic.name for topic in names))
    registry = Registry(read(RegistrySettings))
    for subject, text in names.subjects().items():
        registry.register(subject, text)
