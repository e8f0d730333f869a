"""How settings reach Spark and Kafka's Java client, and which never stand in a process list."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from clinical_coding.errors import BrokerError, SettingsError, StorageError
from consumers.lake_objects import checkpoint_of
from consumers.landing.__main__ import ended, innermost_class
from consumers.landing.kafka_source import connection
from consumers.landing.session import s3_keys, spark_options
from runtime.settings import KafkaSettings, LandingSettings

SECRET = 'pa55\\w"ord'  # noqa: S105 - a made one, with what must be quoted
S3 = LandingSettings(
    lake="s3a://bucket/lake",
    s3_endpoint="https://store:9000",
    s3_access_key="key-1",
    s3_secret_key=SecretStr(SECRET),
)


def test_a_plain_broker_needs_its_address_only() -> None:
    options = connection(KafkaSettings(bootstrap_servers="kafka:9092"))

    assert options["kafka.bootstrap.servers"] == "kafka:9092"
    assert not [name for name in options if "ssl." in name or "sasl." in name]


def test_tls_goes_by_the_content_of_its_pem_files_and_sasl_by_a_quoted_jaas_line(
    tmp_path: Path,
) -> None:
    ca, certificate, key = (tmp_path / name for name in ("ca.pem", "client.pem", "key.pem"))
    ca.write_text("-----BEGIN CERTIFICATE-----ca")
    certificate.write_text("-----BEGIN CERTIFICATE-----client")
    key.write_text("-----BEGIN PRIVATE KEY-----")

    options = connection(
        KafkaSettings(
            bootstrap_servers="kafka:9093",
            security_protocol="SASL_SSL",
            sasl_username="lander",
            sasl_password=SecretStr(SECRET),
            ssl_ca_location=ca,
            ssl_certificate_location=certificate,
            ssl_key_location=key,
        )
    )

    assert options["kafka.security.protocol"] == "SASL_SSL"
    assert options["kafka.ssl.truststore.certificates"] == ca.read_text()
    assert options["kafka.ssl.keystore.certificate.chain"] == certificate.read_text()
    assert options["kafka.ssl.keystore.key"] == key.read_text()
    assert options["kafka.sasl.mechanism"] == "SCRAM-SHA-512"
    assert options["kafka.sasl.jaas.config"] == (
        "org.apache.kafka.common.security.scram.ScramLoginModule required "
        'username="lander" password="pa55\\\\w\\"ord";'
    )


@pytest.mark.parametrize("text", [None, "-----BEGIN RSA PRIVATE KEY-----"])
def test_a_pem_file_that_java_cannot_use_is_refused_by_name(
    text: str | None, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    if text is not None:
        key.write_text(text)
    (tmp_path / "client.pem").write_text("-----BEGIN CERTIFICATE-----")

    with pytest.raises(SettingsError, match=r"key\.pem"):
        connection(
            KafkaSettings(
                bootstrap_servers="kafka:9093",
                security_protocol="SSL",
                ssl_certificate_location=tmp_path / "client.pem",
                ssl_key_location=key,
            )
        )


def test_no_secret_is_among_the_options_that_spark_is_started_with(tmp_path: Path) -> None:
    """They stand in the list of processes, which every user of the machine may read."""
    options = spark_options(S3, [tmp_path / "a.jar"], tmp_path)

    assert not [value for value in options.values() if SECRET in value or "key-1" in value]
    assert s3_keys(S3) == {"fs.s3a.access.key": "key-1", "fs.s3a.secret.key": SECRET}
    assert s3_keys(LandingSettings(lake="s3a://bucket/lake")) == {}


def test_a_lake_in_a_folder_needs_nothing_of_s3(tmp_path: Path) -> None:
    options = spark_options(LandingSettings(lake="/data/lake"), [tmp_path / "a.jar"], tmp_path)

    assert not [name for name in options if "s3a" in name or "commit" in name.lower()[:30]]


def test_all_that_spark_writes_beside_the_lake_is_in_its_work_folder(tmp_path: Path) -> None:
    options = spark_options(S3, [tmp_path / "a.jar"], tmp_path)

    for name in ("spark.local.dir", "spark.sql.warehouse.dir", "spark.hadoop.hadoop.tmp.dir"):
        assert options[name].startswith(str(tmp_path))
    assert f"-Djava.io.tmpdir={tmp_path}" in options["spark.driver.extraJavaOptions"]


def test_on_a_cluster_the_jars_travel_and_the_driver_is_reachable(tmp_path: Path) -> None:
    settings = LandingSettings(lake="s3a://bucket/lake", master="spark://head:7077")

    options = spark_options(settings, [tmp_path / "a.jar", tmp_path / "b.jar"], tmp_path)

    assert options["spark.jars"] == f"{tmp_path}/a.jar,{tmp_path}/b.jar"
    assert "spark.driver.host" not in options


def test_the_checkpoint_is_beside_its_lake_unless_told_otherwise() -> None:
    assert checkpoint_of(S3) == "s3a://bucket/lake/_checkpoints/claims"
    assert checkpoint_of(LandingSettings(lake="/l", checkpoint="/c")) == "/c"


def test_the_end_of_a_query_is_told_by_the_class_of_its_cause_and_never_by_its_words() -> None:
    told = innermost_class(
        ValueError(
            "[STREAM_FAILED] Query terminated with exception: patient Smith\n"
            "java.lang.RuntimeException: patient Smith\n"
            "\tat org.apache.spark.Wrong.Exception(Task.scala:1)\n"
            "Caused by: org.apache.kafka.common.errors.TimeoutException: patient Smith\n"
        )
    )

    assert told == "org.apache.kafka.common.errors.TimeoutException"
    assert isinstance(ended(told), BrokerError)
    assert isinstance(ended("java.net.ConnectException"), StorageError)
    assert innermost_class(ValueError("patient Smith")) == "ValueError"
