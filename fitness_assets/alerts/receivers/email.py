"""Messages by e-mail."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from fitness_assets.alerts.incidents import Notification
from fitness_assets.alerts.receivers.wording import headline, link, period, sentences, title
from fitness_assets.errors import ReceiverError
from fitness_assets.settings.alerts import AlertSettings


class EmailReceiver:
    """One address: where it is dead, the others are told all the same, and once."""

    def __init__(self, address: str, settings: AlertSettings) -> None:
        self._address = address
        self._settings = settings
        self.name = f"email {address}"

    def send(self, notifications: Sequence[Notification]) -> None:
        """
        Raises:
            ReceiverError: the mail server cannot be reached, or does not take the message.
        """
        message = self._message(notifications)
        try:
            with self._connect() as server:
                if self._settings.smtp_user:
                    server.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise ReceiverError(f"The mail server {self._settings.smtp_host} did not take it: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        place = (self._settings.smtp_host, self._settings.smtp_port)
        seconds = self._settings.receiver_seconds
        if self._settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(*place, timeout=seconds, context=ssl.create_default_context())
        server = smtplib.SMTP(*place, timeout=seconds)
        if self._settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server

    def _message(self, notifications: Sequence[Notification]) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(title(notifications, self._settings.environment).split())
        message["From"] = self._settings.email_from
        message["To"] = self._address
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="fitness-assets.invalid")
        message.set_content("\n\n".join(self._paragraph(notification) for notification in notifications))
        return message

    def _paragraph(self, notification: Notification) -> str:
        lines = [f"{headline(notification)} ({period(notification)})", sentences(notification)]
        return "\n".join([*lines, *filter(None, [link(notification, self._settings.ui_url)])])
