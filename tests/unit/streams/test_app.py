"""The way to the broker, from settings alone."""

from pathlib import Path

import faust
import pytest
from faust.types.auth import AuthProtocol
from pydantic import SecretStr

from clinical_coding.errors import SettingsError
from runtime.settings import KafkaSettings, WorkerSettings
from streams.app import make_app

PLAIN = KafkaSettings(bootstrap_servers="one:9092, two:9092")


def test_what_the_loss_free_pattern_needs_is_set(tmp_path: Path) -> None:
    """Without stream_wait_empty a SIGTERM commits the batch in flight; a declared topic has our partitions.

    A leader with old metadata of a broker that had just started gives nobody a partition.
    """
    conf = make_app(PLAIN, WorkerSettings(batch_notes=8), tmp_path).conf

    assert conf.stream_wait_empty
    assert not conf.topic_allow_declare
    assert conf.producer_acks == -1
    assert conf.stream_buffer_maxsize == 32
    assert conf.consumer_metadata_max_age_ms <= 10_000
    assert [str(url) for url in conf.broker] == ["kafka://one:9092", "kafka://two:9092"]


def test_making_an_app_writes_nothing_and_keeps_its_files_in_the_state_folder(
    tmp_path: Path,
) -> None:
    app = make_app(PLAIN, WorkerSettings(), tmp_path / "state")

    assert tmp_path / "state" in app.conf.datadir.parents
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_sasl_passes_through(protocol: str, mechanism: str, tmp_path: Path) -> None:
    settings = KafkaSettings.model_validate(
        {
            "bootstrap_servers": "one:9093",
            "security_protocol": protocol,
            "sasl_mechanism": mechanism,
            "sasl_username": "worker",
            "sasl_password": SecretStr("secret"),
        }
    )

    credentials = make_app(settings, WorkerSettings(), tmp_path).conf.broker_credentials

    assert isinstance(credentials, faust.SASLCredentials)
    assert credentials.protocol is AuthProtocol(protocol)
    assert credentials.mechanism.value == mechanism
    assert (credentials.username, credentials.password) == ("worker", "secret")
    assert "secret" not in repr(credentials)


def test_tls_alone_checks_the_brokers_name(tmp_path: Path) -> None:
    settings = PLAIN.model_copy(update={"security_protocol": "SSL"})

    credentials = make_app(settings, WorkerSettings(), tmp_path).conf.broker_credentials

    assert isinstance(credentials, faust.SSLCredentials)
    assert credentials.protocol is AuthProtocol.SSL
    assert credentials.context.check_hostname


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_read_is_a_matter_of_settings(
    content: str | None, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    if content:
        authority.write_text(content)
    settings = PLAIN.model_copy(update={"security_protocol": "SSL", "ssl_ca_location": authority})

    with pytest.raises(SettingsError, match="CMC_KAFKA_SSL_"):
        make_app(settings, WorkerSettings(), tmp_path)
