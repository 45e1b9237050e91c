"""The certificates that this machine trusts, for a Java that brings only its own."""

import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.utils import CryptographyDeprecationWarning

from fitness_assets.settings.engine import MachineSettings

_USUAL_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_PASSWORD = "changeit"
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


def certificate_bundle() -> Path | None:
    """The machine's bundle of certificates: the one that a variable names, OpenSSL's, or the usual place's."""
    named = MachineSettings.from_env().certificate_bundles
    usual = [Path(path) for path in (ssl.get_default_verify_paths().cafile, _USUAL_BUNDLE) if path]
    return next((path for path in [*named, *usual] if path.is_file()), None)


def truststore_options(folder: Path) -> list[str]:
    """Options with which Java trusts what the machine trusts; none where the machine has no bundle.

    Args:
        folder: where the trust store is written.
    """
    bundle = certificate_bundle()
    certificates = _certificates(bundle.read_text(encoding="utf-8", errors="replace")) if bundle else []
    if not certificates:
        return []
    truststore = folder / "trusted.p12"
    encryption = BestAvailableEncryption(_PASSWORD.encode())
    entries = [
        PKCS12Certificate(certificate, f"trusted-{number}".encode()) for number, certificate in enumerate(certificates)
    ]
    truststore.write_bytes(serialize_java_truststore(entries, encryption))
    prefix = "-Djavax.net.ssl.trustStore"
    return [f"{prefix}={truststore}", f"{prefix}Password={_PASSWORD}", f"{prefix}Type=PKCS12"]


def _certificates(bundle: str) -> list[x509.Certificate]:
    """All certificates of a bundle that can be read; old roots that break today's rules are left out."""
    certificates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in bundle.split(_END)[:-1]:
            start = max(block.find(_BEGIN), 0)
            try:
                certificates.append(x509.load_pem_x509_certificate((block[start:] + _END).encode()))
            except ValueError:
                continue
    return certificates
