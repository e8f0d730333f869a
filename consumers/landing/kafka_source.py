"""The claim topic as a Spark stream: Kafka's settings in the words of its Java client."""

from datetime import datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.readwriter import DataStreamReader

from clinical_coding.errors import SettingsError
from consumers.landing import GROUP_PREFIX
from runtime.settings import KafkaSettings, LandingSettings
from schemas.topics import topics

REQUEST_TIMEOUT_MS = 20_000  # Spark asks three times: without a broker it ends in a minute
PKCS8 = ("BEGIN PRIVATE KEY", "BEGIN ENCRYPTED PRIVATE KEY")


def claim_records(
    spark: SparkSession, kafka: KafkaSettings, landing: LandingSettings, *, with_headers: bool
) -> DataFrame:
    """Every record of the claim topic from its beginning; the checkpoint says where to go on.

    Records that expired before they landed end the query: they are not passed over in silence.
    """
    reader = _reader(spark, kafka, landing).option("startingOffsets", "earliest")
    return reader.option("includeHeaders", with_headers).load()


def window_records(
    spark: SparkSession, kafka: KafkaSettings, landing: LandingSettings, since: datetime
) -> DataFrame:
    """Every record of the claim topic from its first at or after a moment on."""
    reader = _reader(spark, kafka, landing)
    reader = reader.option("startingTimestamp", int(since.timestamp() * 1000))
    return reader.option("startingOffsetsByTimestampStrategy", "latest").load()


def _reader(
    spark: SparkSession, kafka: KafkaSettings, landing: LandingSettings
) -> DataStreamReader:
    return (
        spark.readStream.format("kafka")
        .options(**connection(kafka))
        .option("subscribe", topics(kafka.topic_prefix).claims.name)
        .option("groupIdPrefix", f"{kafka.topic_prefix}{GROUP_PREFIX}")
        .option("maxOffsetsPerTrigger", landing.max_offsets_per_batch)
        .option("failOnDataLoss", "true")
    )


def connection(kafka: KafkaSettings) -> dict[str, str]:
    """Options of Spark's Kafka source. PEM files go by their content: executors have no files.

    Raises SettingsError when a PEM file cannot be read or the Java client cannot use its key.
    """
    given = {
        "bootstrap.servers": kafka.bootstrap_servers,
        "security.protocol": kafka.security_protocol,
        "request.timeout.ms": str(REQUEST_TIMEOUT_MS),
        "default.api.timeout.ms": str(REQUEST_TIMEOUT_MS),
    }
    if kafka.ssl_ca_location:
        given["ssl.truststore.type"] = "PEM"
        given["ssl.truststore.certificates"] = _pem(kafka.ssl_ca_location)
    if kafka.ssl_certificate_location and kafka.ssl_key_location:
        given["ssl.keystore.type"] = "PEM"
        given["ssl.keystore.certificate.chain"] = _pem(kafka.ssl_certificate_location)
        given["ssl.keystore.key"] = _key(kafka.ssl_key_location)
    if kafka.ssl_key_password:
        given["ssl.key.password"] = kafka.ssl_key_password.get_secret_value()
    if kafka.security_protocol.startswith("SASL"):
        given["sasl.mechanism"] = kafka.sasl_mechanism
        given["sasl.jaas.config"] = _jaas(kafka)
    return {f"kafka.{name}": value for name, value in given.items()}


def _jaas(kafka: KafkaSettings) -> str:
    module = (
        "plain.PlainLoginModule" if kafka.sasl_mechanism == "PLAIN" else "scram.ScramLoginModule"
    )
    secret = kafka.sasl_password.get_secret_value() if kafka.sasl_password else ""
    return (
        f"org.apache.kafka.common.security.{module} required "
        f"username={_quoted(kafka.sasl_username or '')} password={_quoted(secret)};"
    )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(path: Path) -> str:
    text = _pem(path)
    if not any(header in text for header in PKCS8):
        raise SettingsError(
            f"expected a PKCS#8 key in {path}, the only kind that Kafka's Java client reads; got "
            "another; convert it with `openssl pkcs8 -topk8 -in KEY -out NEW_KEY`"
        )
    return text


def _pem(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"expected a PEM file at {path}; got {type(error).__name__}; check CMC_KAFKA_SSL_*"
        ) from None
