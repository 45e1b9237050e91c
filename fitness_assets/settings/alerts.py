"""What is worth an alert, and who is told."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from fitness_assets.errors import SettingError
from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import (
    CountAboveZero,
    DefaultText,
    EnvironmentName,
    MustBe,
    SecondsAboveZero,
)

WebhookKind: TypeAlias = Literal["json", "slack", "teams"]
_KINDS: tuple[WebhookKind, ...] = get_args(WebhookKind)
_URL = re.compile(r"https?://[^\s/]+\S*")
_ADDRESS = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")


@dataclass(frozen=True)
class Webhook:
    """An address that takes messages by POST. The address itself is the secret of most of them."""

    kind: WebhookKind
    url: SecretStr


def _webhooks(text: object) -> object:
    """`slack=https://… teams=https://… json=https://…`, with blanks between them."""
    if not isinstance(text, str):
        return text
    webhooks = []
    for number, part in enumerate(text.split(), 1):
        kind, _, url = part.partition("=")
        # The message does not repeat the part: an address is a secret.
        if kind not in _KINDS or not _URL.fullmatch(url):
            raise ValueError(f"has a part, number {number}, that is no {'=…, '.join(_KINDS)}=… with an http(s) address")
        webhooks.append(Webhook(kind, SecretStr(url)))
    return tuple(webhooks)


def _addresses(text: object) -> object:
    if not isinstance(text, str):
        return text
    addresses = tuple(text.replace(",", " ").split())
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"has {address!r}, which is no e-mail address")
    return addresses


def _silent_hours(text: object) -> object:
    """`bpm=1 gym_logins_bz=24`: the hours by topic or landing folder."""
    if not isinstance(text, str):
        return text
    hours = {}
    for part in text.replace(",", " ").split():
        source, _, number = part.partition("=")
        try:
            hours[source] = float(number)
        except ValueError:
            raise ValueError(f"has {part!r}; each part is a topic or folder and its hours, such as bpm=1") from None
        if not source or not hours[source] > 0:
            raise ValueError(f"has {part!r}; each part is a topic or folder and its hours, such as bpm=1")
    return hours


class AlertSettings(EnvironmentSettings):
    """Thresholds and receivers.

    Attributes:
        webhooks: who is told by POST.
        email_to: who is told by e-mail.
        remind_hours: after which an alert that goes on is told again.
        window_minutes: over which refused records are compared with those that came.
        silent_hours: after which a source that brought nothing is silent, by topic or landing folder.
        tick_seconds: after which a sensor that is on and does not look is silent.
        receiver_seconds: how long a receiver may take for one message.
    """

    environment: EnvironmentName = Field(
        default="dev", validation_alias="FITNESS_ENV", description="`dev`, `qa` or `prod`"
    )
    webhooks: Annotated[tuple[Webhook, ...], NoDecode, BeforeValidator(_webhooks), DefaultText("nobody")] = Field(
        default=(),
        validation_alias="FITNESS_ALERT_WEBHOOKS",
        description="who is told: `slack=https://… teams=https://… json=https://…`, with blanks between them",
    )
    email_to: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses), DefaultText("nobody")] = Field(
        default=(), validation_alias="FITNESS_ALERT_EMAIL_TO", description="who is told by e-mail"
    )
    email_from: str = Field(
        default="fitness_assets@localhost", validation_alias="FITNESS_ALERT_EMAIL_FROM", description="the sender"
    )
    smtp_host: Annotated[str, DefaultText("must be set for e-mail")] = Field(
        default="", validation_alias="FITNESS_SMTP_HOST", description="the mail server"
    )
    smtp_port: CountAboveZero = Field(default=587, validation_alias="FITNESS_SMTP_PORT", description="its port")
    smtp_security: Annotated[Literal["starttls", "tls", "none"], MustBe("one of starttls, tls, none")] = Field(
        default="starttls",
        validation_alias="FITNESS_SMTP_SECURITY",
        description="`starttls`, `tls`, or `none` for a server of this machine",
    )
    smtp_user: Annotated[str, DefaultText("no sign-in")] = Field(
        default="", validation_alias="FITNESS_SMTP_USER", description="who signs in there"
    )
    smtp_password: Annotated[SecretStr, DefaultText("none")] = Field(
        default=SecretStr(""), validation_alias="FITNESS_SMTP_PASSWORD", description="the password"
    )
    ui_url: Annotated[str, DefaultText("messages have no links")] = Field(
        default="", validation_alias="FITNESS_UI_URL", description="where people reach Dagster's UI, for links"
    )
    remind_hours: SecondsAboveZero = Field(
        default=4.0,
        validation_alias="FITNESS_ALERT_REMIND_HOURS",
        description="after how many hours an alert that goes on is told again",
    )
    lag_records: CountAboveZero = Field(
        default=100_000,
        validation_alias="FITNESS_ALERT_LAG_RECORDS",
        description="so many unread records of one topic are an alert",
    )
    lag_seconds: SecondsAboveZero = Field(
        default=600.0,
        validation_alias="FITNESS_ALERT_LAG_SECONDS",
        description="or some that wait for so many seconds",
    )
    refused_records: CountAboveZero = Field(
        default=20,
        validation_alias="FITNESS_ALERT_REFUSED_RECORDS",
        description="so many refused records within the window are an alert",
    )
    refused_share: Annotated[float, Field(gt=0, le=1), MustBe("above 0, up to 1")] = Field(
        default=0.05,
        validation_alias="FITNESS_ALERT_REFUSED_SHARE",
        description="if they are also this share of those that came",
    )
    window_minutes: SecondsAboveZero = Field(
        default=60.0, validation_alias="FITNESS_ALERT_WINDOW_MINUTES", description="the window, in minutes"
    )
    silent_hours: Annotated[
        dict[str, float],
        NoDecode,
        BeforeValidator(_silent_hours),
        DefaultText("`gym_logins_bz=26 kafka_multiplex_bz=26`"),
    ] = Field(
        default={"gym_logins_bz": 26.0, "kafka_multiplex_bz": 26.0},
        validation_alias="FITNESS_ALERT_SILENT_HOURS",
        description="after how many hours without a record a topic or folder is silent",
    )
    tick_seconds: SecondsAboveZero = Field(
        default=300.0,
        validation_alias="FITNESS_ALERT_TICK_SECONDS",
        description="after how many seconds a sensor that does not look is silent",
    )
    receiver_seconds: Annotated[float, Field(gt=0, le=30), MustBe("above 0, up to 30")] = Field(
        default=8.0,
        validation_alias="FITNESS_ALERT_RECEIVER_SECONDS",
        description="how many seconds a receiver may take",
    )

    @classmethod
    def from_env(cls) -> "AlertSettings":
        """The settings of this process.

        Raises:
            SettingError: one of them cannot be understood, or e-mail has no server.
        """
        return cls._read()

    @model_validator(mode="after")
    def _has_a_mail_server(self) -> "AlertSettings":
        if self.email_to and not self.smtp_host:
            raise SettingError("FITNESS_SMTP_HOST is not set; FITNESS_ALERT_EMAIL_TO needs it: the mail server.")
        return self
