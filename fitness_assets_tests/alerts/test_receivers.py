"""Real receivers: web servers, and a mail server that asks for TLS and a password."""

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pydantic import SecretStr

from fitness_assets.alerts import Alert, receivers
from fitness_assets.alerts.incidents import News, Notification
from fitness_assets.errors import ReceiverError
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings.alerts import AlertSettings, Webhook, WebhookKind
from fitness_assets_tests.alerts.http_receiver import HttpReceiver, http_receiver
from fitness_assets_tests.alerts.mail_server import PASSWORD, USER, mail_server

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ALERT = Alert("lag_growing", "bpm", "bpm has 5 <unread> & old records.", "Look.", "/assets/kafka/bpm")
BEGINS = Notification(News.BEGINS, ALERT, NOON)
ENDS = Notification(News.ENDS, ALERT, NOON, NOON.replace(hour=13))


@pytest.fixture
def web() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def send(web: HttpReceiver, kind: WebhookKind, *notifications: Notification) -> None:
    webhook = Webhook(kind, SecretStr(web.url))
    (receiver,) = receivers(AlertSettings(webhooks=(webhook,), ui_url="https://dagster.example/", environment="prod"))
    receiver.send(notifications)


def test_plain_json_has_a_field_for_everything(web: HttpReceiver) -> None:
    send(web, "json", BEGINS, ENDS)
    (message,) = web.messages
    assert message["source"] == "fitness_assets"
    assert message["environment"] == "prod"
    assert message["title"] == "fitness_assets prod: ALERT lag growing: bpm and 1 more"
    assert message["notifications"] == [
        {
            "id": "lag_growing:bpm 2026-03-01T12:00:00+00:00",
            "news": "begins",
            "rule": "lag_growing",
            "subject": "bpm",
            "summary": "bpm has 5 <unread> & old records.",
            "advice": "Look.",
            "since": "2026-03-01T12:00:00+00:00",
            "ended_at": None,
            "link": "https://dagster.example/assets/kafka/bpm",
        },
        {
            **message["notifications"][0],
            "news": "ends",
            "ended_at": "2026-03-01T13:00:00+00:00",
        },
    ]


def test_slack_gets_blocks_in_which_nothing_becomes_a_mention_or_a_link(web: HttpReceiver) -> None:
    send(web, "slack", BEGINS, ENDS)
    (message,) = web.messages
    texts = [block["text"]["text"] for block in message["blocks"]]
    assert texts == [
        "*ALERT lag growing: bpm* (since 2026-03-01 12:00 UTC)\n"
        "bpm has 5 &lt;unread&gt; &amp; old records. Look.\n"
        "<https://dagster.example/assets/kafka/bpm|Open in Dagster>",
        "*OVER lag growing: bpm* (from 2026-03-01 12:00 to 2026-03-01 13:00 UTC)\n"
        "bpm has 5 &lt;unread&gt; &amp; old records.\n"
        "<https://dagster.example/assets/kafka/bpm|Open in Dagster>",
    ]


def test_teams_gets_an_adaptive_card(web: HttpReceiver) -> None:
    send(web, "teams", BEGINS)
    (attachment,) = web.messages[0]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    texts = [block["text"] for block in card["body"]]
    assert texts[0] == "fitness_assets prod: ALERT lag growing: bpm"
    assert texts[-1] == "[Open in Dagster](https://dagster.example/assets/kafka/bpm)"
    odd = Notification(News.BEGINS, Alert("run_failed", "x", "It says [ok](https://evil.example).", "y"), NOON)
    send(web, "teams", odd)
    assert "](https://evil" not in str(web.messages[1])


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_storm_fits_into_one_message(web: HttpReceiver, kind: WebhookKind) -> None:
    long = Notification(News.BEGINS, Alert("run_failed", "job", "x" * 5_000, "y"), NOON)
    send(web, kind, *[long] * 100)
    (message,) = web.messages
    assert "and 80 more" in str(message)
    for block in message.get("blocks", []):
        assert len(block["text"]["text"]) <= 3_000
    assert len(message.get("blocks", [])) <= 50


@pytest.mark.parametrize("status", [400, 404, 500, 302])
def test_an_answer_that_is_no_success_is_an_error_without_the_address(web: HttpReceiver, status: int) -> None:
    web.status = status
    with pytest.raises(ReceiverError, match=str(status)) as raised:
        send(web, "json", BEGINS)
    assert "secret-path" not in str(raised.value)


def test_an_address_that_is_not_there_is_an_error_without_the_address() -> None:
    webhook = Webhook("json", SecretStr(f"http://127.0.0.1:{free_port()}/secret-path"))
    (receiver,) = receivers(AlertSettings(webhooks=(webhook,)))
    with pytest.raises(ReceiverError, match="cannot be reached") as raised:
        receiver.send([BEGINS])
    assert "secret-path" not in f"{raised.value}{receiver.name}{raised.value.__cause__}"


def mail_settings(port: int, **changes: object) -> AlertSettings:
    settings = AlertSettings(
        email_to=("a@example.org", "b@example.org"),
        email_from="fitness@example.org",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_user=USER,
        smtp_password=SecretStr(PASSWORD),
        environment="prod",
    )
    return settings.model_copy(update=changes)


def test_mail_goes_by_tls_with_a_password_to_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, certificate = free_port(), tmp_path / "server.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate, port) as mailbox:
        for receiver in receivers(mail_settings(port)):
            receiver.send([BEGINS, ENDS])
        message, other = mailbox.messages
        assert message["Subject"] == "fitness_assets prod: ALERT lag growing: bpm and 1 more"
        assert (message["To"], other["To"]) == ("a@example.org", "b@example.org")
        text = message.get_content()
        assert "ALERT lag growing: bpm (since 2026-03-01 12:00 UTC)" in text
        assert "OVER lag growing: bpm" in text
        wrong, _ = receivers(mail_settings(port, smtp_password=SecretStr("wrong")))
        with pytest.raises(ReceiverError, match="did not take it"):
            wrong.send([BEGINS])
        plain, _ = receivers(mail_settings(port, smtp_security="none", smtp_user=""))
        with pytest.raises(ReceiverError, match="did not take it"):
            plain.send([BEGINS])


def test_a_mail_server_whose_certificate_nobody_trusts_gets_no_password(tmp_path: Path) -> None:
    port = free_port()
    with mail_server(tmp_path / "server.pem", port) as mailbox:
        receiver, _ = receivers(mail_settings(port))
        with pytest.raises(ReceiverError, match="certificate"):
            receiver.send([BEGINS])
        assert mailbox.messages == []


def test_a_mail_server_that_is_not_there_is_an_error() -> None:
    receiver, _ = receivers(mail_settings(free_port()))
    with pytest.raises(ReceiverError, match=r"127\.0\.0\.1 did not take it"):
        receiver.send([BEGINS])


def test_a_subject_has_no_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, certificate = free_port(), tmp_path / "server.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    odd = Notification(News.BEGINS, Alert("run_failed", "job\r\nBcc: c@example.org", "x", "y"), NOON)
    with mail_server(certificate, port) as mailbox:
        receiver, _ = receivers(mail_settings(port))
        receiver.send([odd])
        assert mailbox.messages[0]["Bcc"] is None
