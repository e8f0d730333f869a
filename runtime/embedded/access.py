"""Who may use the secured broker: what belongs to it by certificate, our processes by password.

What each process may do with our topics is not decided here: those names are the wire's.
"""

from runtime.embedded.broker_keys import BrokerKeys
from runtime.kafka_access import Operation, Permission, allow, set_passwords
from runtime.roles import Role
from runtime.settings import KafkaSettings

USERS = tuple(role for role in Role if role is not Role.ADMIN)  # the admin has a certificate


def let_in(admin: KafkaSettings, keys: BrokerKeys) -> None:
    """Give every role its password and the registry its topics; harmless when repeated.

    Raises BrokerError when the broker does not take it.
    """
    set_passwords(admin, keys.passwords(USERS))
    user = f"CN={keys.registry.stem}"
    manage: tuple[Operation, ...] = ("create", "read", "write", "describe_configs")
    allow(
        admin,
        [
            Permission(
                user=user, kind="topic", name="kafkasql-", operations=manage, is_prefix=True
            ),
            Permission(user=user, kind="topic", name="registry-events", operations=manage),
            Permission(
                user=user, kind="group", name="apicurio-", operations=("read",), is_prefix=True
            ),
        ],
    )


def connection(address: str, keys: BrokerKeys) -> dict[str, str]:
    """The variables by which our processes find the broker and know it for the right one."""
    return {
        "CMC_KAFKA_BOOTSTRAP_SERVERS": address,
        "CMC_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "CMC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "CMC_KAFKA_SSL_CA_LOCATION": str(keys.ca),
    }


def credentials(admin: KafkaSettings, keys: BrokerKeys) -> dict[Role, dict[str, str]]:
    """The variables of each role that no other may know."""
    users = {
        Role(user): {
            "CMC_KAFKA_SASL_USERNAME": user,
            "CMC_KAFKA_SASL_PASSWORD": password.get_secret_value(),
        }
        for user, password in keys.passwords(USERS).items()
    }
    administrator = {
        "CMC_KAFKA_BOOTSTRAP_SERVERS": admin.bootstrap_servers,
        "CMC_KAFKA_SECURITY_PROTOCOL": admin.security_protocol,
        "CMC_KAFKA_SSL_CERTIFICATE_LOCATION": str(keys.admin),
        "CMC_KAFKA_SSL_KEY_LOCATION": str(keys.admin),
    }
    return {**users, Role.ADMIN: administrator}
