"""A certificate of the sandbox's own, for clients that insist on https."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 30
NAMES = ("localhost", "api.hubapi.com", "api.hsforms.com", "login.salesforce.com", "*.my.salesforce.com")


@dataclass(frozen=True)
class Certificate:
    """Files in PEM: what the server shows, its key, and the authority that a client must trust."""

    chain: Path
    key: Path
    authority: Path


@contextmanager
def certificate(host: str) -> Iterator[Certificate]:
    """A new authority and a server certificate for this address and the vendors' own hosts; gone afterwards.

    The vendors' hosts are among the names for clients whose host cannot be set, on machines that point them here.
    """
    with tempfile.TemporaryDirectory(prefix="sandbox-tls-") as folder:
        made = Certificate(*(Path(folder, name) for name in ("server.pem", "server.key", "ca.pem")))
        ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        ca_name = _name("Sandbox authority")
        ca = (
            _builder(ca_name, ca_name, ca_key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(ca_key, hashes.SHA256())
        )
        names = [x509.IPAddress(ip_address(host)), *map(x509.DNSName, NAMES)]
        server = (
            _builder(_name("Sandbox"), ca_name, key, signer=ca_key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .sign(ca_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        made.chain.write_bytes(server.public_bytes(pem) + ca.public_bytes(pem))
        made.authority.write_bytes(ca.public_bytes(pem))
        made.key.touch(mode=0o600)
        made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        yield made


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey | None = None,
) -> x509.CertificateBuilder:
    """Dated by the machine's clock, not the sandbox's: it is the client that checks it."""
    now = datetime.now(UTC)
    issuer_key = (signer or key).public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
