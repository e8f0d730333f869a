"""What each process may do on the broker, and by leaving it out what it may not.

The rules of least privilege for `up --secure`; the same table for a broker of your own is in
docs/security.md.
"""

from consumers.landing import GROUP_PREFIX
from runtime.kafka_access import Operation, Permission
from runtime.kafka_connection import UNUSED_GROUP
from runtime.roles import Role
from runtime.settings import KafkaSettings
from schemas.topics import Topic, topics


def permissions(kafka: KafkaSettings, worker_group: str) -> tuple[Permission, ...]:
    """Every permission of every role but the admin's, who may do all."""
    names = topics(kafka.topic_prefix)
    landing_groups = f"{kafka.topic_prefix}{GROUP_PREFIX}"
    return (
        _topic(Role.PRODUCER, names.notes, "write", "describe_configs"),
        _topic(Role.WORKER, names.notes, "read"),
        _group(Role.WORKER, worker_group, "read"),
        _topic(Role.WORKER, names.claims, "write"),
        _topic(Role.WORKER, names.dead_letters, "write"),
        _topic(Role.LANDING, names.claims, "read"),
        _group(Role.LANDING, landing_groups, "read", is_prefix=True),
        _topic(Role.UI, names.notes, "read"),
        _topic(Role.UI, names.claims, "read"),
        _topic(Role.UI, names.dead_letters, "read"),
        _topic(Role.UI, names.reviews, "read", "write"),
        _group(Role.UI, worker_group, "describe"),
        *(_topic(Role.READER, topic, "read") for topic in names),
        _group(Role.READER, worker_group, "describe"),
        _topic(Role.REDRIVER, names.notes, "write"),
        _topic(Role.REDRIVER, names.dead_letters, "write"),
        *(_group(role, UNUSED_GROUP, "describe") for role in Role if role is not Role.ADMIN),
    )


def _topic(role: Role, topic: Topic, *operations: Operation) -> Permission:
    return Permission(user=role, kind="topic", name=topic.name, operations=operations)


def _group(role: Role, name: str, *operations: Operation, is_prefix: bool = False) -> Permission:
    return Permission(
        user=role, kind="group", name=name, operations=operations, is_prefix=is_prefix
    )
