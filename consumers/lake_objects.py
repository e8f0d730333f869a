"""What lies in the lake as objects by name: on S3 or in a folder, each created whole and never changed.

A name is relative to its place and has ``/`` between its parts. Names with a part that begins with ``_``
or ``.`` hold no rows: pyarrow, pandas and Spark pass them over.
"""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import boto3
import duckdb
import pyarrow as pa
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import fs

from clinical_coding.errors import SettingsError, StorageError
from runtime.settings import LandingSettings

S3A = "s3a://"
AT_ONCE = 1000  # objects that S3 removes with one request
EXISTS = ("PreconditionFailed", "ConditionalRequestConflict")
ABSENT = "NoSuchKey"


class Objects(Protocol):
    """Objects of one place. Every method raises StorageError when the store does not answer."""

    def names(self, under: str) -> list[str]:
        """Every object's name below ``under``, in order; none where nothing is there."""

    def read(self, name: str) -> bytes | None:
        """What the object holds, None where there is none."""

    def create(self, name: str, content: bytes | Path) -> bool:
        """Make it, seen whole or not at all; False, and nothing changed, where there is one."""

    def delete(self, names: Sequence[str]) -> None:
        """Remove these; one that is not there is no error."""


@dataclass(frozen=True, slots=True)
class FolderObjects:
    """Files of a folder."""

    folder: Path

    def names(self, under: str) -> list[str]:
        """Meets Objects."""
        with translated(str(self.folder)):
            return sorted(
                (Path(place) / name).relative_to(self.folder).as_posix()
                for place, _, names in os.walk(self.folder / under, onerror=_raise_unless_gone)
                for name in names
            )

    def read(self, name: str) -> bytes | None:
        """Meets Objects."""
        with translated(str(self.folder)):
            with suppress(FileNotFoundError):
                return (self.folder / name).read_bytes()
            return None

    def create(self, name: str, content: bytes | Path) -> bool:
        """Meets Objects: written under another name, then linked, which fails where there is one."""
        path = self.folder / name
        unseen = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        with translated(str(self.folder)):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write_to_disk(unseen, content)
                os.link(unseen, path)
            except FileExistsError:
                return False
            finally:
                unseen.unlink(missing_ok=True)
        return True

    def delete(self, names: Sequence[str]) -> None:
        """Meets Objects; a file's folder and the one above go when they are empty."""
        with translated(str(self.folder)):
            for name in names:
                path = self.folder / name
                path.unlink(missing_ok=True)
                if _is_emptied(path.parent):
                    _is_emptied(path.parents[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Objects:
    """Keys of a bucket below a prefix; ``encryption`` are the headers of a PUT that ask for it."""

    client: Any = field(repr=False)  # boto3's, untyped
    bucket: str
    prefix: str
    encryption: Mapping[str, str]

    def names(self, under: str) -> list[str]:
        """Meets Objects."""
        pages = self.client.get_paginator("list_objects_v2")
        with translated(self._place):
            found = pages.paginate(Bucket=self.bucket, Prefix=self._key(f"{under}/"))
            keys = [entry["Key"] for page in found for entry in page.get("Contents", ())]
        return sorted(key.removeprefix(self._key("")) for key in keys if not key.endswith("/"))

    def read(self, name: str) -> bytes | None:
        """Meets Objects."""
        with translated(self._place):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=self._key(name))
                return bytes(found["Body"].read())
            except ClientError as error:
                if _code(error) != ABSENT:
                    raise
                return None

    def create(self, name: str, content: bytes | Path) -> bool:
        """Meets Objects: one PUT that the store refuses where there is one.

        Raises StorageError when encryption was asked for and the store did not confirm it.
        """
        body = content.read_bytes() if isinstance(content, Path) else content
        with translated(self._place):
            try:
                told = self.client.put_object(
                    Bucket=self.bucket,
                    Key=self._key(name),
                    Body=body,
                    IfNoneMatch="*",
                    **self.encryption,
                )
            except ClientError as error:
                if _code(error) not in EXISTS:
                    raise
                return False
        asked, confirmed = (h.get("ServerSideEncryption") for h in (self.encryption, told))
        if asked and confirmed != asked:
            self.delete([name])
            raise StorageError(
                f"expected {self._place} to confirm encryption by {asked}; got {confirmed}; the object "
                "was removed again: use a store that encrypts, or leave CMC_LANDING_S3_ENCRYPTION out"
            )
        return True

    def delete(self, names: Sequence[str]) -> None:
        """Meets Objects."""
        with translated(self._place):
            for first in range(0, len(names), AT_ONCE):
                keys = [{"Key": self._key(name)} for name in names[first : first + AT_ONCE]]
                self.client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True}
                )

    @property
    def _place(self) -> str:
        return f"{S3A}{self.bucket}/{self.prefix}"

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


def objects_of(settings: LandingSettings, place: str) -> Objects:
    """The objects of a place of the landing: the lake or a checkpoint."""
    if not place.startswith(S3A):
        return FolderObjects(Path(place))
    bucket, _, prefix = place.removeprefix(S3A).partition("/")
    secret = settings.s3_secret_key
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=Config(
            connect_timeout=10,
            read_timeout=30,
            s3={"addressing_style": "path" if settings.s3_path_style else "virtual"},
            # Stores other than AWS may not know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    return S3Objects(
        client=client,
        bucket=bucket,
        prefix=prefix.strip("/"),
        encryption=_encryption_headers(settings),
    )


def refuse_unencrypted(settings: LandingSettings) -> None:
    """Make an object as the landing will and remove it again, where encryption is asked for.

    Raises StorageError when the store refuses it or does not confirm it, SettingsError where it is
    asked of a folder.
    """
    if not settings.s3_encryption:
        return
    if not settings.lake.startswith(S3A):
        raise SettingsError(
            f"expected a lake on S3 for CMC_LANDING_S3_ENCRYPTION; got {settings.lake}; encrypt the "
            "folder's disk instead and leave the setting out"
        )
    objects, name = objects_of(settings, settings.lake), f"_encryption/{uuid.uuid4().hex}"
    objects.create(name, b"")
    objects.delete([name])


def _encryption_headers(settings: LandingSettings) -> dict[str, str]:
    """Of a PUT, as boto3 names them."""
    if settings.s3_kms_key and settings.s3_encryption != "SSE-KMS":
        raise SettingsError(
            "expected CMC_LANDING_S3_ENCRYPTION=SSE-KMS beside CMC_LANDING_S3_KMS_KEY; got "
            f"{settings.s3_encryption}; set both"
        )
    if settings.s3_encryption is None:
        return {}
    if settings.s3_encryption == "SSE-S3":
        return {"ServerSideEncryption": "AES256"}
    key = {"SSEKMSKeyId": settings.s3_kms_key} if settings.s3_kms_key else {}
    return {"ServerSideEncryption": "aws:kms", **key}


def file_system(settings: LandingSettings) -> tuple[fs.FileSystem, str]:
    """Pyarrow's way to the lake's files, and the path of its root there."""
    if not settings.lake.startswith(S3A):
        return fs.LocalFileSystem(), str(Path(settings.lake).absolute())
    return _store(settings), settings.lake.removeprefix(S3A)


def make_bucket(settings: LandingSettings) -> None:
    """Have the bucket of a lake on S3; one that is there stays as it is, a folder needs none.

    Raises StorageError when the store refuses or does not answer.
    """
    if settings.lake.startswith(S3A):
        bucket = settings.lake.removeprefix(S3A).split("/")[0]
        with translated(settings.lake):
            _store(settings, allow_bucket_creation=True).create_dir(bucket, recursive=False)


def _store(settings: LandingSettings, *, allow_bucket_creation: bool = False) -> fs.S3FileSystem:
    endpoint = settings.s3_endpoint or ""
    secret = settings.s3_secret_key
    return fs.S3FileSystem(
        access_key=settings.s3_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        endpoint_override=endpoint.split("://")[-1] or None,
        scheme="http" if endpoint.startswith("http:") else "https",
        region=settings.s3_region,
        force_virtual_addressing=not settings.s3_path_style,
        connect_timeout=10,
        request_timeout=30,
        allow_bucket_creation=allow_bucket_creation,
    )


def checkpoint_of(settings: LandingSettings) -> str:
    """Where the landing's query keeps its place."""
    return settings.checkpoint or f"{settings.lake}/_checkpoints/claims"


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Errors of the libraries that reach a store as StorageError."""
    try:
        yield
    except (
        OSError, pa.ArrowException, duckdb.OperationalError, duckdb.InternalError, BotoCoreError, ClientError,
    ) as error:  # fmt: skip
        raise StorageError(
            f"cannot reach the lake {place}: {_code(error)}; check CMC_LANDING_LAKE, the store's "
            "endpoint and keys"
        ) from None


def _code(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "ClientError"))
    return type(error).__name__


def _write_to_disk(path: Path, content: bytes | Path) -> None:
    with path.open("xb") as file:
        file.write(content.read_bytes() if isinstance(content, Path) else content)
        file.flush()
        os.fsync(file.fileno())


def _raise_unless_gone(error: OSError) -> None:
    """What a writer moves away while its folder is walked through is not there: no fault."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_emptied(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
