"""The certificates that this machine trusts, for a Java that brings only its own."""

import os
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.utils import CryptographyDeprecationWarning

_NAMED_BY = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
_USUAL = "/etc/ssl/certs/ca-certificates.crt"
_PASSWORD = "changeit"
_END = "-----END CERTIFICATE-----"


def bundle() -> Path | None:
    """The machine's bundle of certificates: the one that a variable names, OpenSSL's, or the usual place's."""
    named = [os.environ.get(name) for name in _NAMED_BY]
    for path in [*named, ssl.get_default_verify_paths().cafile, _USUAL]:
        if path and Path(path).is_file():
            return Path(path)
    return None


def java_options(folder: Path) -> list[str]:
    """Options with which Java trusts what the machine trusts; none where the machine has no bundle.

    Args:
        folder: where the trust store is written.
    """
    found = bundle()
    certificates = _certificates(found.read_text(encoding="utf-8", errors="replace")) if found else []
    if not certificates:
        return []
    store = folder / "trusted.p12"
    encryption = BestAvailableEncryption(_PASSWORD.encode())
    named = [PKCS12Certificate(one, f"trusted-{number}".encode()) for number, one in enumerate(certificates)]
    store.write_bytes(serialize_java_truststore(named, encryption))
    prefix = "-Djavax.net.ssl.trustStore"
    return [f"{prefix}={store}", f"{prefix}Password={_PASSWORD}", f"{prefix}Type=PKCS12"]


def _certificates(text: str) -> list[x509.Certificate]:
    """All certificates of a bundle that can be read; old roots that break today's rules are left out."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in text.split(_END)[:-1]:
            start = block.find("-----BEGIN CERTIFICATE-----")
            try:
                found.append(x509.load_pem_x509_certificate((block[max(start, 0) :] + _END).encode()))
            except ValueError:
                continue
    return found
