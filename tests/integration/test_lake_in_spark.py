"""The lake as Spark reads it, as docs/lake.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from runtime.java import find_java
from tests.older_files import NEW, OLD, land_before_and_after_new_fields

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(spark\..*?)^```", re.MULTILINE | re.DOTALL)
BEFORE = """
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .getOrCreate()
)
claims = (
"""
AFTER = """
)
print(sorted((row.note_id, row.warnings) for row in claims.collect()))
"""


def test_what_older_files_lack_is_null_for_spark_too(tmp_path: Path) -> None:
    land_before_and_after_new_fields(tmp_path / "lake")
    (example,) = BLOCK.findall((ROOT / "docs" / "lake.md").read_text())

    done = subprocess.run(
        [sys.executable, "-c", BEFORE + example + AFTER],
        cwd=tmp_path,
        env=os.environ | {"JAVA_HOME": str(find_java().home), "SPARK_LOCAL_IP": "127.0.0.1"},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == str([(NEW, []), (OLD, None)]), done.stderr[-3000:]
