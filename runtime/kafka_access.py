"""Who may do what on the broker: users with passwords (SCRAM, RFC 5802) and permissions (ACLs)."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # they are there
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from clinical_coding.errors import BrokerError
from runtime.kafka_connection import admin, name
from runtime.settings import KafkaSettings

ITERATIONS = 8192  # of the password's hash; Kafka takes 4096 to 16384
LOOK_S = 0.05
ANY_HOST = "*"
Operation = Literal["read", "write", "create", "describe", "describe_configs"]
Kind = Literal["topic", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One user may do these things with a topic or group, or with all whose name begins so.

    ``user`` is the SCRAM name, or ``CN=...`` of a certificate. read and write imply describe.
    """

    user: str
    kind: Kind
    name: str
    operations: tuple[Operation, ...]
    is_prefix: bool = False


def set_passwords(settings: KafkaSettings, passwords: Mapping[str, SecretStr]) -> None:
    """Make the users, or give them these passwords. Raises BrokerError when the broker refuses."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    connection = admin(settings)
    answers = connection.client.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(user, how, password.get_secret_value().encode())
            for user, password in passwords.items()
        ],
        request_timeout=settings.request_timeout_s,
    )
    for user, answer in answers.items():
        try:
            answer.result()
        except KafkaException as error:
            raise BrokerError(f"cannot set the password of {user}: {name(error)}") from None


def allow(settings: KafkaSettings, permissions: Iterable[Permission]) -> None:
    """Add the permissions; back when the broker goes by them.

    Raises BrokerError when it refuses, has no authorizer, or takes longer than a request may.
    """
    wanted = {binding for permission in permissions for binding in _bindings(permission)}
    client, limit_s = admin(settings).client, settings.request_timeout_s
    deadline = time.monotonic() + limit_s
    try:
        for answer in client.create_acls(list(wanted), request_timeout=limit_s).values():
            answer.result()
        while not wanted <= set(client.describe_acls(_ANY, request_timeout=limit_s).result()):
            if time.monotonic() > deadline:
                raise BrokerError(f"expected new permissions in {limit_s:.0f} s; got none")
            time.sleep(LOOK_S)
    except KafkaException as error:
        raise BrokerError(f"cannot set permissions: {name(error)}") from None


def _bindings(permission: Permission) -> Iterable[AclBinding]:
    for operation in permission.operations:
        yield AclBinding(
            ResourceType[permission.kind.upper()],
            permission.name,
            ResourcePatternType.PREFIXED if permission.is_prefix else ResourcePatternType.LITERAL,
            f"User:{permission.user}",
            ANY_HOST,
            AclOperation[operation.upper()],
            AclPermissionType.ALLOW,
        )


_ANY = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type] # None is any name, and below any user and host
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)
