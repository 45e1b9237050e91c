"""The settings of alerts, as they stand in the environment."""

import pytest

from fitness_assets.errors import SettingError
from fitness_assets.settings.alerts import AlertSettings


def test_receivers_and_hours_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_ALERT_WEBHOOKS", "slack=https://hooks.example/a?b=c,d  json=http://127.0.0.1:1/x")
    monkeypatch.setenv("FITNESS_ALERT_EMAIL_TO", "a@example.org, b@example.org")
    monkeypatch.setenv("FITNESS_SMTP_HOST", "mail.example")
    monkeypatch.setenv("FITNESS_ALERT_SILENT_HOURS", "bpm=0.5 gym_logins_bz=24")
    settings = AlertSettings.from_env()
    assert [(webhook.kind, webhook.url.get_secret_value()) for webhook in settings.webhooks] == [
        ("slack", "https://hooks.example/a?b=c,d"),
        ("json", "http://127.0.0.1:1/x"),
    ]
    assert settings.email_to == ("a@example.org", "b@example.org")
    assert settings.silent_hours == {"bpm": 0.5, "gym_logins_bz": 24.0}
    assert "hooks.example" not in repr(settings)


def test_nothing_set_means_nobody_is_told() -> None:
    settings = AlertSettings.from_env()
    assert not settings.webhooks and not settings.email_to
    assert settings.silent_hours == {"gym_logins_bz": 26.0, "kafka_multiplex_bz": 26.0}


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("FITNESS_ALERT_WEBHOOKS", "https://hooks.example/secret", "FITNESS_ALERT_WEBHOOKS has a part, number 1"),
        ("FITNESS_ALERT_WEBHOOKS", "json=https://a.example pager=https://secret", "number 2"),
        ("FITNESS_ALERT_WEBHOOKS", "json=ftp://secret", "number 1"),
        ("FITNESS_ALERT_EMAIL_TO", "nobody", "'nobody', which is no e-mail address"),
        ("FITNESS_ALERT_EMAIL_TO", "a@example.org", "FITNESS_SMTP_HOST is not set"),
        ("FITNESS_ALERT_SILENT_HOURS", "bpm", "'bpm'; each part is a topic or folder"),
        ("FITNESS_ALERT_SILENT_HOURS", "bpm=-1", "'bpm=-1'"),
        ("FITNESS_ALERT_RECEIVER_SECONDS", "60", "it must be above 0, up to 30"),
        ("FITNESS_ALERT_REFUSED_SHARE", "5", "FITNESS_ALERT_REFUSED_SHARE is '5'; it must be above 0, up to 1"),
    ],
)
def test_what_cannot_be_understood_is_named_and_a_secret_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, message: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingError, match=message) as raised:
        AlertSettings.from_env()
    assert "secret" not in str(raised.value)
