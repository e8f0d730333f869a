"""The Spark session that lands claims."""

import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from clinical_coding.errors import EmbeddedServiceError
from consumers.lake_objects import S3A, checkpoint_of
from runtime.java import Java
from runtime.settings import LandingSettings

LOCAL = "local"  # a master on this machine, in one process
FAST_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"  # half the start-up
S3_COMMITTER = {  # a task's files become visible when the job commits, with no rename
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
}
S3_CHECKPOINT = {
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager"
    ),
}
# Fewer requests a file, half the time of a batch with many dates: the list of a task's uploads
# stays in its memory, small files too, and nobody looks whether a new file is there already.
S3_FEW_REQUESTS = {
    "spark.hadoop.fs.s3a.committer.magic.track.commits.in.memory.enabled": "true",
    "spark.hadoop.fs.s3a.performance.flags": "create,delete,mkdir",
    "spark.hadoop.fs.s3a.fast.upload.buffer": "bytebuffer",
}
S3A_ENCRYPTION = {None: None, "SSE-S3": "AES256", "SSE-KMS": "SSE-KMS"}  # as S3A names them
S3_PATIENCE = {  # a store that is away ends the landing in about a minute, not in a quarter of an hour
    "spark.hadoop.fs.s3a.attempts.maximum": "3",
    "spark.hadoop.fs.s3a.retry.limit": "4",
    "spark.hadoop.fs.s3a.connection.establish.timeout": "15s",
    "spark.hadoop.fs.s3a.connection.timeout": "30s",
}


def session(
    settings: LandingSettings, java: Java, jars: Sequence[Path], work_dir: Path
) -> SparkSession:
    """Start Spark; what it writes beside the lake lies in ``work_dir``.

    Raises EmbeddedServiceError when it does not start.
    """
    _point_children_at(java, is_local=settings.master.startswith(LOCAL))
    builder = SparkSession.builder.appName("codemychart-landing").master(settings.master)
    try:
        (work_dir / "tmp").mkdir(parents=True, exist_ok=True)
        for name, value in spark_options(settings, jars, work_dir).items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        for name, value in s3_keys(settings).items():
            spark.conf.set(name, value)
    except (OSError, PySparkException, Py4JError) as error:
        raise EmbeddedServiceError(
            f"cannot start Spark on {settings.master} with {settings.driver_memory}: "
            f"{type(error).__name__}; check CMC_LANDING_MASTER, CMC_LANDING_DRIVER_MEMORY, the "
            f"space in {work_dir} and what Java said above"
        ) from None
    return spark


def spark_options(
    settings: LandingSettings, jars: Sequence[Path], work_dir: Path
) -> dict[str, str]:
    """What Spark is started with; it stands in the list of processes, so no secret is among it."""
    log = files("consumers.landing") / "log4j2.properties"
    options = {
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraJavaOptions": (
            f"{FAST_START} -Duser.timezone=UTC -Dlog4j2.configurationFile={Path(str(log)).as_uri()} "
            f'"-Djava.io.tmpdir={work_dir / "tmp"}"'
        ),
        "spark.hadoop.hadoop.tmp.dir": str(work_dir / "tmp"),
        "spark.local.dir": str(work_dir / "tmp"),
        "spark.sql.warehouse.dir": str(work_dir / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.pyspark.jvmStacktrace.enabled": "true",  # so that an error names its cause
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.inMemoryColumnarStorage.compressed": "false",  # a batch is kept for seconds
        "spark.sql.shuffle.partitions": "1",  # what is shuffled without a number of its own are counts
        "spark.sql.adaptive.enabled": "false",  # plans anew after each step: dear for small batches
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }
    options |= _where(settings.master, jars)
    if settings.lake.startswith(S3A):
        options |= _s3_place(settings) | S3_COMMITTER | S3_FEW_REQUESTS | S3_PATIENCE
    if checkpoint_of(settings).startswith(S3A):
        options |= _s3_place(settings) | S3_CHECKPOINT
    return options


def s3_keys(settings: LandingSettings) -> dict[str, str]:
    """The store's keys, set when Spark is up; without them S3A looks where AWS keeps its own."""
    if not (settings.s3_access_key and settings.s3_secret_key):
        return {}
    return {
        "fs.s3a.access.key": settings.s3_access_key,
        "fs.s3a.secret.key": settings.s3_secret_key.get_secret_value(),
    }


def _where(master: str, jars: Sequence[Path]) -> dict[str, str]:
    if not master.startswith(LOCAL):
        return {"spark.jars": ",".join(map(str, jars))}  # copied to every executor
    return {
        "spark.driver.extraClassPath": ":".join(map(str, jars)),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }


def _s3_place(settings: LandingSettings) -> dict[str, str]:
    given = {
        "spark.hadoop.fs.s3a.endpoint": settings.s3_endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": settings.s3_region,
        "spark.hadoop.fs.s3a.path.style.access": str(settings.s3_path_style).lower(),
        "spark.hadoop.fs.s3a.encryption.algorithm": S3A_ENCRYPTION[settings.s3_encryption],
        "spark.hadoop.fs.s3a.encryption.key": settings.s3_kms_key,
    }
    return {name: value for name, value in given.items() if value}


def _point_children_at(java: Java, *, is_local: bool) -> None:
    """Spark's scripts and workers look into the environment for their Java, Spark and Python."""
    spark = find_spec("pyspark")
    if spark is None or spark.origin is None:
        raise EmbeddedServiceError("expected pyspark; got none; install the extra `landing`")
    os.environ |= {  # noqa: TID251 - set for children, not read
        "JAVA_HOME": str(java.home),
        "SPARK_HOME": str(Path(spark.origin).parent),  # not another Spark of this machine
        "PYSPARK_PYTHON": sys.executable,  # a `python3` of the PATH may lack pyarrow
    }
    if is_local:  # executors elsewhere must reach the driver
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"  # noqa: TID251 - set for children, not read
