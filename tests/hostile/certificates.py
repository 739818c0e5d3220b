"""Certificates that no client should believe, made when they are asked for."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEAR = dt.timedelta(days=365)
ENDED = {"self-signed": YEAR, "expired": -YEAR}  # when it ends, from now


def context_of(certificate: str) -> ssl.SSLContext | None:
    """A server's context with a certificate of this kind that nobody else has signed; None where none is named."""
    if not certificate:
        return None
    key = ec.generate_private_key(ec.SECP256R1())
    name, end = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outlet.test")]), ENDED[certificate]
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - 2 * YEAR, now + end)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(path)
    return context
