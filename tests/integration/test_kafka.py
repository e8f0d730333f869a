"""Our Kafka clients against real brokers: the embedded one, and one behind TLS and a password."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from clinical_coding.errors import BrokerError
from runtime.jars import fetch
from runtime.kafka import KafkaSender, TopicReader
from runtime.kafka_topics import MAX_RECORD_BYTES, ask, counts, create_topics, lag
from runtime.progress import silent
from runtime.settings import FolderSettings, KafkaSettings
from schemas.topics import topics
from tests.secured_broker import KEY_PASSWORD, PASSWORD, USER, SecuredBroker, secured_broker

NOBODY = KafkaSettings(bootstrap_servers="127.0.0.1:9", request_timeout_s=1)
TOPIC = "some.note.topic"


@pytest.fixture(scope="module")
def secured(
    own_folders: FolderSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecuredBroker]:
    """A broker that wants TLS and a password, or a certificate."""
    jars = fetch("kafka", own_folders.cache_dir, silent)
    with secured_broker(jars, tmp_path_factory.mktemp("secured")) as running:
        yield running


def _with_password(broker: SecuredBroker, password: str = PASSWORD) -> KafkaSettings:
    return KafkaSettings(
        bootstrap_servers=broker.by_password,
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username=USER,
        sasl_password=SecretStr(password),
        ssl_ca_location=broker.ca,
    )


def _with_certificate(broker: SecuredBroker) -> KafkaSettings:
    return KafkaSettings(
        bootstrap_servers=broker.by_certificate,
        security_protocol="SSL",
        ssl_ca_location=broker.ca,
        ssl_certificate_location=broker.certificate,
        ssl_key_location=broker.key,
        ssl_key_password=SecretStr(KEY_PASSWORD),
    )


def _sent_and_read(settings: KafkaSettings, topic: str) -> bytes | None:
    create_topics(settings, [topic])
    sender = KafkaSender(settings, "test")
    sender.send(topic, "encounter", b"a record", {})
    sender.flush(20)
    reader = TopicReader(settings, topic, "beginning")
    (record,) = reader.until_now()
    reader.close()
    return record.value


@pytest.mark.parametrize("way_in", [_with_password, _with_certificate])
def test_a_secured_broker_is_reached_by_settings_alone(
    secured: SecuredBroker, way_in: Callable[[SecuredBroker], KafkaSettings]
) -> None:
    assert _sent_and_read(way_in(secured), f"by.{way_in.__name__}") == b"a record"


def test_a_sender_with_a_wrong_password_says_that_it_is_wrong(secured: SecuredBroker) -> None:
    """The record only times out; the reason that the broker gave is in the error all the same."""
    sender = KafkaSender(_with_password(secured, "guessed"), "test")
    sender.send(TOPIC, "encounter", b"a record", {})

    with pytest.raises(BrokerError, match=r"1 waiting.*[Aa]uthentication") as told:
        sender.flush(2)

    assert "guessed" not in str(told.value)


@pytest.mark.parametrize(
    "use",
    [
        ask,
        lambda settings: create_topics(settings, [TOPIC]),
        lambda settings: counts(settings, TOPIC),
        lambda settings: lag(settings, "group", TOPIC),
        lambda settings: TopicReader(settings, TOPIC, "beginning"),
    ],
    ids=["ask", "create_topics", "counts", "lag", "TopicReader"],
)
def test_every_client_with_a_wrong_password_says_that_it_is_wrong(
    secured: SecuredBroker, use: Callable[[KafkaSettings], object]
) -> None:
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1.*[Aa]uthentication.*CMC_KAFKA_"):
        use(_with_password(secured, "guessed"))


def test_a_ca_that_did_not_sign_the_broker_is_named_as_the_reason(secured: SecuredBroker) -> None:
    stranger = _with_password(secured).model_copy(update={"ssl_ca_location": secured.wrong_ca})

    with pytest.raises(BrokerError, match="certificate"):
        ask(stranger)


@pytest.mark.parametrize(
    "use",
    [
        lambda: ask(NOBODY),
        lambda: create_topics(NOBODY, [TOPIC]),
        lambda: counts(NOBODY, TOPIC),
        lambda: lag(NOBODY, "group", TOPIC),
        lambda: TopicReader(NOBODY, TOPIC, "end"),
    ],
    ids=["ask", "create_topics", "counts", "lag", "TopicReader"],
)
def test_a_broker_that_is_not_there_is_one_line_that_names_its_setting(
    use: Callable[[], object],
) -> None:
    with pytest.raises(BrokerError, match="CMC_KAFKA_BOOTSTRAP_SERVERS") as told:
        use()

    assert "\n" not in str(told.value)


def test_a_record_over_the_limit_is_refused_before_it_is_queued(
    kafka_settings: KafkaSettings,
) -> None:
    sender = KafkaSender(kafka_settings, "test")

    with pytest.raises(BrokerError, match=f"the limit is {MAX_RECORD_BYTES} bytes"):
        sender.send(
            topics(kafka_settings.topic_prefix).notes.name,
            "encounter",
            b"x" * (MAX_RECORD_BYTES + 1),
            {},
        )


def test_a_topic_that_exists_is_not_created_again(kafka_settings: KafkaSettings) -> None:
    name = topics(kafka_settings.topic_prefix).notes.name

    assert create_topics(kafka_settings, [name]) == ()
    assert sum(end for _, end in counts(kafka_settings, name).values()) == 0
