"""An S3 store on a folder: s3proxy, for the lake of the demo and of tests."""

import http.client
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from runtime.embedded import jvm
from runtime.embedded.planned import Planned
from runtime.embedded.ports import LOOPBACK
from runtime.java import Java

NAME = "object-store"
BUCKET = "codemychart"
HEAP_MB = 256
PROPERTIES = """\
s3proxy.endpoint=http://{host}:{port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={access_key}
s3proxy.credential={secret_key}
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir={folder}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The one user of the store."""

    access_key: str
    secret_key: str = field(repr=False)


def planned(java: Java, jars: tuple[Path, ...], home: Path, port: int) -> Planned:
    """Write the store's settings and its bucket under ``home``; says how it is to run."""
    buckets = home / "buckets"
    (buckets / BUCKET).mkdir(parents=True, exist_ok=True)
    keys = keys_of(home)
    settings = home / "s3proxy.properties"
    settings.touch(mode=0o600)
    settings.write_text(
        PROPERTIES.format(
            host=LOOPBACK,
            port=port,
            access_key=keys.access_key,
            secret_key=keys.secret_key,
            folder=buckets,
        )
    )
    arguments = ("-jar", str(jars[0]), "--properties", str(settings))
    return Planned(
        name=NAME,
        address=f"http://{LOOPBACK}:{port}",
        command=jvm.command(java, HEAP_MB, home, arguments),
        is_healthy=lambda: is_healthy(port),
    )


def keys_of(home: Path) -> Keys:
    """The store's keys, made at the first call and kept under ``home``."""
    kept = home / "keys"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(f"{secrets.token_hex(10)} {secrets.token_hex(20)}")
    access_key, secret_key = kept.read_text().split()
    return Keys(access_key=access_key, secret_key=secret_key)


def is_healthy(port: int) -> bool:
    """Whether the store answers; a request without a key is refused, and that is an answer."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status in (http.client.OK, http.client.FORBIDDEN)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
