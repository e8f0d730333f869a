"""Keys and certificates for services that listen on this machine only (X.509, RFC 5280; PEM)."""

import datetime
import ipaddress
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from runtime.embedded.ports import LOOPBACK

VALID = datetime.timedelta(days=730)
CLOCKS_DIFFER = datetime.timedelta(hours=1)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A private key (PKCS#8, which Kafka's Java client reads) and its certificate."""

    key: bytes = field(repr=False)
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A CA whose key is never written: what it does not sign before it is gone, nobody signs."""

    name: x509.Name
    key: Key = field(repr=False)
    certificate: bytes
    now: datetime.datetime

    def issue(self, name: str, locked_by: str | None = None) -> Issued:
        """A certificate under the common name ``name`` for 127.0.0.1, for server and client alike.

        The key is encrypted with the password ``locked_by`` where one is given.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject, loopback = _name(name), x509.IPAddress(ipaddress.ip_address(LOOPBACK))
        signed = (
            _builder(subject, self.name, key, self.now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        lock = BestAvailableEncryption(locked_by.encode()) if locked_by else NoEncryption()
        return Issued(
            key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock),
            certificate=signed.public_bytes(Encoding.PEM),
        )


def new_authority(name: str, now: datetime.datetime) -> Authority:
    """A CA that signs from ``now`` on; it and what it signs are valid for two years."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), _name(name)
    signed = (
        _builder(subject, subject, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(name=subject, key=key, certificate=signed.public_bytes(Encoding.PEM), now=now)


def valid_until(certificate: bytes) -> datetime.datetime:
    """When the first certificate of a PEM file ends, UTC. Raises ValueError when there is none."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + VALID)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
