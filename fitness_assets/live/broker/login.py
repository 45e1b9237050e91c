"""Who may talk to the live stack's broker: one user with a password of ours, kept in a file for its owner alone."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fitness_assets.errors import StackError
from fitness_assets.private_files import write_private
from fitness_assets.settings import Settings

_LOGIN_MODULES = "org.apache.kafka.common.security"
_CLIENTS_MECHANISM = "SCRAM-SHA-256"
"""It proves both sides to each other: who listens in the broker's place while it is down learns no password."""


@dataclass(frozen=True)
class BrokerLogin:
    """What a client of the broker says of itself."""

    username: str
    password: str = field(repr=False)

    @classmethod
    def new(cls, username: str) -> "BrokerLogin":
        """One with a password that nobody has had."""
        return cls(username, secrets.token_urlsafe(24))

    @property
    def for_librdkafka(self) -> dict[str, str]:
        """What a client is set to beside the broker's address."""
        return {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": _CLIENTS_MECHANISM,
            "sasl.username": self.username,
            "sasl.password": self.password,
        }

    def variables(self, servers: str) -> dict[str, str]:
        """The variables by which our own programs reach the broker."""
        client = {f"FITNESS_KAFKA_{name.upper().replace('.', '_')}": text for name, text in self.for_librdkafka.items()}
        return {"KAFKA_BOOTSTRAP_SERVERS": servers, **client}


def login_of(folder: Path) -> BrokerLogin:
    """The login of the broker in a folder: the one of before, which people's shells may have, or a new one."""
    file = folder / "login.json"
    try:
        return BrokerLogin(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        login = BrokerLogin.new("fitness")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(asdict(login)))
        return login


def live_broker_variables(settings: Settings) -> dict[str, str]:
    """The variables by which a shell reaches the broker of this base folder's live stack.

    Raises:
        StackError: no live stack was started on it.
    """
    folder = settings.base_dir / "live" / "broker"
    try:
        servers = (folder / "address").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StackError(f"No live stack was started on {settings.base_dir}. Start it: make live.") from None
    return login_of(folder).variables(servers)


def server_settings(own: BrokerLogin) -> dict[str, str]:
    """Settings with which a broker asks everybody who they are.

    Args:
        own: with what the broker talks to itself, and we to it until users are there. It is sent as it is, so it goes
            to none but a broker that holds its ports already, and is another one at each start.
    """
    accounts = f'username="{own.username}" password="{own.password}" user_{own.username}="{own.password}"'
    plain = f"{_LOGIN_MODULES}.plain.PlainLoginModule required {accounts};"
    return {
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": plain,
        "listener.name.clients.sasl.enabled.mechanisms": f"{_CLIENTS_MECHANISM},PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": plain,
        f"listener.name.clients.{_CLIENTS_MECHANISM.lower()}.sasl.jaas.config": (
            f"{_LOGIN_MODULES}.scram.ScramLoginModule required;"
        ),
    }
