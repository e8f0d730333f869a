"""Server-side encryption is asked for with each object, and a store that does not confirm it is refused."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from clinical_coding.errors import SettingsError, StorageError
from consumers.lake_objects import objects_of, refuse_unencrypted
from consumers.landing.session import spark_options
from runtime.settings import LandingSettings
from tests.fakes.s3_store import Asked, s3_store

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
ALGORITHM, KEY_ID = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
)
Kind = Literal["SSE-S3", "SSE-KMS"]


def _settings(kind: Kind, key: str | None = None, endpoint: str | None = None) -> LandingSettings:
    return LandingSettings(
        lake="s3a://bucket/lake",
        s3_endpoint=endpoint,
        s3_access_key="k",
        s3_secret_key=SecretStr("s"),
        s3_encryption=kind,
        s3_kms_key=key,
    )


def _put(asked: Asked) -> dict[str, str | None]:
    """Of the first request: its headers of encryption."""
    method, _, headers = asked.requests[0]
    assert method == "PUT"
    return {name: headers.get(name) for name in (ALGORITHM, KEY_ID)}


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        ("SSE-S3", None, {ALGORITHM: "AES256", KEY_ID: None}),
        ("SSE-KMS", None, {ALGORITHM: "aws:kms", KEY_ID: None}),
        ("SSE-KMS", KEY, {ALGORITHM: "aws:kms", KEY_ID: KEY}),
    ],
)
def test_each_object_asks_for_what_is_set(
    kind: Kind, key: str | None, expected: dict[str, str | None]
) -> None:
    with s3_store({ALGORITHM: expected[ALGORITHM] or ""}) as asked:
        objects = objects_of(_settings(kind, key, asked.endpoint), "s3a://bucket/lake")

        assert objects.create("a", b"rows")

    assert _put(asked) == expected


def test_a_store_that_does_not_confirm_it_is_refused_and_keeps_nothing() -> None:
    """Some take the header and store in the clear."""
    with s3_store({}) as asked, pytest.raises(StorageError, match="AES256"):
        refuse_unencrypted(_settings("SSE-S3", endpoint=asked.endpoint))

    assert [method for method, _, _ in asked.requests] == ["PUT", "POST"]
    assert "?delete" in asked.requests[1][1]


def test_what_cannot_be_meant_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = LandingSettings(lake=str(tmp_path), s3_encryption="SSE-S3")
    with pytest.raises(SettingsError, match="disk"):
        refuse_unencrypted(folder)
    with pytest.raises(SettingsError, match="SSE-KMS"):
        refuse_unencrypted(_settings("SSE-S3", KEY))
    refuse_unencrypted(LandingSettings(lake=str(tmp_path)))


def test_spark_is_told_the_same(tmp_path: Path) -> None:
    name = "spark.hadoop.fs.s3a.encryption"

    sse_s3 = spark_options(_settings("SSE-S3"), [], tmp_path)
    sse_kms = spark_options(_settings("SSE-KMS", KEY), [], tmp_path)

    assert (sse_s3[f"{name}.algorithm"], f"{name}.key" in sse_s3) == ("AES256", False)
    assert (sse_kms[f"{name}.algorithm"], sse_kms[f"{name}.key"]) == ("SSE-KMS", KEY)
    assert not [
        n for n in spark_options(LandingSettings(lake="s3a://b/l"), [], tmp_path) if name in n
    ]
