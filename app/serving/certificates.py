"""Certificates made on the spot: a desk's own authority, and what it signs for the server."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.serving.postgres_server import write_private

_AUTHORITY_DAYS = 3_650
_SERVER_DAYS = 397
_RENEW_DAYS = 30


class Certificates:
    """The authority and the server's certificate in one folder, made or renewed when needed.

    Attributes:
        root: the authority's certificate, which everybody who joins is given.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.root = folder / "root.pem"
        self._key = folder / "authority.key"
        self._server = folder / "server.pem"
        if not (self.root.exists() and self._key.exists()):
            self._make_authority()
        if not self._serves(names):
            self._make_server(names)

    def context(self) -> ssl.SSLContext:
        """Return the server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._server)
        return context

    def _make_authority(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named("Deskblotter desk authority")
        certificate = (
            _builder(name, name, key, _AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self._key, _pem(key))
        self.root.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._server.unlink(missing_ok=True)

    def _serves(self, names: Sequence[str]) -> bool:
        """Whether the server's certificate is there, for these names, and for some time yet."""
        if not self._server.exists():
            return False
        certificate = x509.load_pem_x509_certificate(self._server.read_bytes())
        left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
        has = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return left.days > _RENEW_DAYS and list(has) == list(_alternatives(names))

    def _make_server(self, names: Sequence[str]) -> None:
        authority = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        assert isinstance(authority, ec.EllipticCurvePrivateKey)
        root = x509.load_pem_x509_certificate(self.root.read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_named(names[0]), root.subject, key, _SERVER_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
            .sign(authority, hashes.SHA256())
        )
        public = certificate.public_bytes(serialization.Encoding.PEM).decode()
        write_private(self._server, public + _pem(key))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
