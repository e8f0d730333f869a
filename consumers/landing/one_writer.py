"""One landing a checkpoint on one machine, held by Spark's own process.

Two Sparks on one checkpoint could write the same batch at once, and both would stay. It takes no
second `land` for that: after kill -9 of this process its JVM lives on for about two seconds and may
still commit. So the JVM holds the lock: it is free when the last writer is gone, not before.
"""

import hashlib
import time
from pathlib import Path

from py4j.java_gateway import JavaObject
from pyspark.sql import SparkSession

from clinical_coding.errors import SettingsError

TICK_S = 0.2


def hold(spark: SparkSession, checkpoint: str, folder: Path, wait_s: float) -> JavaObject:
    """Wait for the checkpoint's lock and return it; it is held as long as the answer is kept.

    Raises SettingsError when another landing still holds it after ``wait_s``.
    """
    name = hashlib.sha256(checkpoint.encode()).hexdigest()[:16]
    java_io = spark.sparkContext._jvm.java.io  # type: ignore[union-attr] # noqa: SLF001 - there is no public way to the JVM
    channel = java_io.RandomAccessFile(str(folder / f"{name}.lock"), "rw").getChannel()
    deadline = time.monotonic() + wait_s
    while (lock := channel.tryLock()) is None:
        if time.monotonic() > deadline:
            raise SettingsError(
                f"expected no other landing on the checkpoint {checkpoint}; got one that runs on "
                "this machine; stop it, or land elsewhere with CMC_LANDING_LAKE"
            )
        time.sleep(TICK_S)
    return lock
