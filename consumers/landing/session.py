"""The Spark session that lands claims, and how its Kafka source connects."""

import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pyspark.sql import SparkSession

from runtime.settings import KafkaSettings, LandingSettings

S3A = "s3a://"
JVM_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC"  # half the start-up
MAGIC_COMMITTER = {  # a task's files become visible when the job commits, with no rename
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.hadoop.fs.s3a.committer.magic.enabled": "true",
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    ),
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
    ),
    "spark.sql.parquet.output.committer.class": (
        "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"
    ),
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager"
    ),
}


def session(settings: LandingSettings, jars: Sequence[Path], work_dir: Path) -> SparkSession:
    """Start Spark; what it writes beside the lake lies in ``work_dir``."""
    os.environ["PYSPARK_PYTHON"] = sys.executable  # noqa: TID251 - set for Spark's workers, not read
    work_dir.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.master(settings.master).appName("codemychart-landing")
    for name, value in _options(settings, jars, work_dir).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def kafka_options(kafka: KafkaSettings) -> dict[str, str]:
    """The Kafka source's connection: TLS by PEM files and SASL by a JAAS line, as Java wants them."""
    given = {
        "kafka.bootstrap.servers": kafka.bootstrap_servers,
        "kafka.security.protocol": kafka.security_protocol,
        "kafka.ssl.truststore.location": kafka.ssl_ca_location,
        "kafka.ssl.truststore.type": kafka.ssl_ca_location and "PEM",
    }
    if kafka.security_protocol.startswith("SASL"):
        given |= {
            "kafka.sasl.mechanism": kafka.sasl_mechanism,
            "kafka.sasl.jaas.config": _jaas(kafka),
        }
    return {name: str(value) for name, value in given.items() if value}


def _options(settings: LandingSettings, jars: Sequence[Path], work_dir: Path) -> dict[str, str]:
    log = files("consumers.landing") / "log4j2.properties"
    options = {
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"{JVM_OPTIONS} -Dlog4j2.configurationFile=file:{log}",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(work_dir / "warehouse"),
        "spark.local.dir": str(work_dir / "local"),
        "spark.sql.streaming.stopTimeout": "30s",
    }
    if settings.master.startswith("local"):
        options["spark.driver.extraClassPath"] = ":".join(map(str, jars))  # no copy of 100 MB
    else:
        options["spark.jars"] = ",".join(map(str, jars))
        del options["spark.driver.bindAddress"], options["spark.driver.host"]
    return options | (_s3_options(settings) if settings.lake.startswith(S3A) else {})


def _s3_options(settings: LandingSettings) -> dict[str, str]:
    secret = settings.s3_secret_key
    given = {
        "spark.hadoop.fs.s3a.endpoint": settings.s3_endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": settings.s3_region,
        "spark.hadoop.fs.s3a.path.style.access": str(settings.s3_path_style).lower(),
        "spark.hadoop.fs.s3a.access.key": settings.s3_access_key,
        "spark.hadoop.fs.s3a.secret.key": secret.get_secret_value() if secret else None,
        "spark.hadoop.fs.s3a.connection.ssl.enabled": str(
            not (settings.s3_endpoint or "").startswith("http:")
        ).lower(),
    }
    return {name: value for name, value in given.items() if value} | MAGIC_COMMITTER


def _jaas(kafka: KafkaSettings) -> str:
    module = (
        "plain.PlainLoginModule" if kafka.sasl_mechanism == "PLAIN" else "scram.ScramLoginModule"
    )
    secret = kafka.sasl_password.get_secret_value() if kafka.sasl_password else ""
    return (
        f"org.apache.kafka.common.security.{module} required "
        f'username="{kafka.sasl_username}" password="{secret}";'
    )
