"""A broker that asks for a password over TLS, as Event Hubs and Confluent do, with a certificate of our own."""

import ipaddress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import LOOPBACK, free_port

USER, PASSWORD = "fitness", "s3cret/pass@word"
_LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


def secure_broker(folder: Path) -> Broker:
    """It is not started yet. `folder/trusted.pem` is the certificate that clients are to trust."""
    write_certificate(folder)
    accounts = f'username="broker" password="its own" user_broker="its own" user_{USER}="{PASSWORD}"'
    settings = {
        "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": f"{_LOGIN_MODULE} required {accounts};",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "trusted.pem"),
    }
    return Broker(folder / "broker", free_port(), settings)


def write_certificate(folder: Path) -> None:
    """`broker.pem` with key and certificate for loopback, and `trusted.pem` with the certificate alone."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fitness_assets test broker")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "broker.pem").write_bytes(private_key + certificate)
    (folder / "trusted.pem").write_bytes(certificate)
