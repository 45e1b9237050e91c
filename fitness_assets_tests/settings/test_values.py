"""What the environment says, as values, and as one sentence where it cannot be understood."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fitness_assets.errors import SettingError
from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets.settings.dagster import DagsterSettings, Target
from fitness_assets.settings.dashboard import DashboardSettings
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets.settings.engine import EngineSettings, MachineSettings, is_databricks_runtime
from fitness_assets.settings.governance import GovernanceSettings
from fitness_assets.settings.sql_source import SqlSettings

SET = {
    "FITNESS_WHEEL": "a.whl",
    "KAFKA_BOOTSTRAP_SERVERS": "hub:9093",
    "FITNESS_SQL_URL": "mssql+mssqlpython://me:hunter2@server/db",
}


@pytest.mark.parametrize(
    ("read", "variable", "value", "sentence"),
    [
        (Settings.from_env, "FITNESS_ENV", "staging", "is 'staging'; it must be one of dev, qa, prod."),
        (Settings.from_env, "FITNESS_AS_OF", "31.01.2026", "is '31.01.2026'; it must be a day such as 2026-01-31."),
        (Settings.from_env, "FITNESS_AS_OF", "0", "is '0'; it must be a day such as 2026-01-31."),
        (Settings.from_env, "FITNESS_KAFKA_LAG_SECONDS", "soon", "is 'soon'; it must be a number above 0."),
        (KafkaSettings.from_env, "FITNESS_KAFKA_LAG_RECORDS", "0", "is '0'; it must be a number above 0."),
        (SqlSettings.from_env, "FITNESS_SQL_AUTH", "kerberos", "is 'kerberos'; it must be one of password, entra."),
        (DagsterSettings.from_env, "FITNESS_TARGET", "cloud", "is 'cloud'; it must be local or databricks."),
        (DagsterSettings.from_env, "FITNESS_AUTOMATIC", "always", "is 'always'; it must be 1 or 0."),
        (DashboardSettings.from_env, "FITNESS_SHOW_NAMES", "true", "is 'true'; it must be 1 or 0."),
        (DatabricksSettings.from_env, "FITNESS_ENV", "staging", "is 'staging'; it must be one of dev, qa, prod."),
        (DatabricksSettings.from_env, "FITNESS_COMPUTE", "big", "is 'big'; it must be serverless, existing or job."),
        (DatabricksSettings.from_env, "FITNESS_WORKERS", "2.5", "is '2.5'; it must be a whole number, 0 or more."),
        (DatabricksSettings.from_env, "FITNESS_POLL_SECONDS", "-1", "is '-1'; it must be a number, 0 or more."),
        (DatabricksSettings.from_env, "FITNESS_AS_OF", "today", "is 'today'; it must be a day such as 2026-01-31."),
        (
            DatabricksSettings.from_env,
            "FITNESS_WHEEL",
            "",
            "is not set; FITNESS_TARGET=databricks needs it: our wheel: a file, which is uploaded under a folder of "
            "its content, or one in a volume (`/Volumes/…`).",
        ),
        (GovernanceSettings.from_env, "FITNESS_CATALOG", "a.B", "is 'a.B'; it must be letters, digits, - and _ alone."),
        (
            GovernanceSettings.from_env,
            "FITNESS_GROUP_SERVICE",
            "Users",
            "is 'Users', which is everybody; name a group of those who need it.",
        ),
        (
            GovernanceSettings.from_env,
            "FITNESS_GYM_GROUPS",
            "a=1,b=x",
            "has 'b=x'; each group stands once, such as group=5, group=1|2 or group=*.",
        ),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(
    read: Callable[[], object], variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {**SET, variable: value}.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SettingError) as error:
        read()
    assert str(error.value) == f"{variable} {sentence}"


def test_an_existing_cluster_needs_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_WHEEL", "a.whl")
    monkeypatch.setenv("FITNESS_COMPUTE", "existing")
    with pytest.raises(SettingError, match=r"^FITNESS_CLUSTER_ID is not set; FITNESS_TARGET=databricks needs it"):
        DatabricksSettings.from_env()
    monkeypatch.setenv("FITNESS_CLUSTER_ID", "1124-000000-abcdefgh")
    assert DatabricksSettings.from_env().cluster_id == "1124-000000-abcdefgh"


def test_zones_days_and_the_broker_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, text in {
        "FITNESS_ENV": "qa",
        "FITNESS_BASE_DIR": "~/base",
        "FITNESS_AS_OF": "2026-02-28",
        "FITNESS_CATALOG": "Main",
        "FITNESS_LANDING_ZONE": "landing",
        "KAFKA_BOOTSTRAP_SERVERS": " hub:9093 ",
    }.items():
        monkeypatch.setenv(name, text)
    settings = Settings.from_env()
    assert settings == Settings(
        environment="qa",
        base_dir=tmp_path / "home" / "base",
        as_of_override=date(2026, 2, 28),
        catalog="Main",
        landing=tmp_path / "landing",
        kafka=KafkaSettings(servers="hub:9093", group="fitness_assets_qa"),
    )
    assert settings.landing_zone == tmp_path / "landing" and settings.as_of == date(2026, 2, 28)
    assert settings.checkpoint_zone == tmp_path / "home" / "base" / "chkpt_zone"


def test_each_environment_has_a_base_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_ENV", "prod")
    assert Settings.from_env().base_dir.parts[-2:] == (".fitness", "prod")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("0", False), ("", False)])
def test_switches_are_on_or_off(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_AUTOMATIC", text)
    monkeypatch.setenv("FITNESS_SHOW_NAMES", text)
    assert DagsterSettings.from_env().is_automatic is value
    assert DashboardSettings.from_env().shows_names is value


def test_the_target_is_here_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DagsterSettings.from_env().target is Target.LOCAL
    monkeypatch.setenv("FITNESS_TARGET", "databricks")
    assert DagsterSettings.from_env().target is Target.DATABRICKS


def test_a_machine_of_databricks_has_their_engine_unless_a_master_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_databricks_runtime() and EngineSettings.from_env().master == "local[*]"
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    assert is_databricks_runtime()
    monkeypatch.setenv("FITNESS_MASTER", "local[2]")
    assert not is_databricks_runtime() and EngineSettings.from_env().master == "local[2]"


def test_the_first_bundle_of_certificates_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "pip.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ssl.pem")
    assert MachineSettings.from_env().certificate_bundles == [Path("ssl.pem"), Path("pip.pem")]


def test_gyms_and_groups_are_read_and_names_have_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_ENV", "qa")
    monkeypatch.setenv("FITNESS_GYM_GROUPS", "fitness_gym_5=5, fitness_north = 1 | 2 ,fitness_all_gyms=*")
    monkeypatch.setenv("FITNESS_GROUP_OWNERS", "platform")
    settings = GovernanceSettings.from_env()
    assert settings.gym_groups == {
        "fitness_gym_5": frozenset({5}),
        "fitness_north": frozenset({1, 2}),
        "fitness_all_gyms": None,
    }
    assert (settings.catalog, settings.owners, settings.analysts) == ("qa", "platform", "fitness_analysts")
    monkeypatch.setenv("FITNESS_CATALOG", "Main")
    assert GovernanceSettings.from_env("prod").catalog == "main"
    assert GovernanceSettings.from_env("prod").environment == "prod"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {**SET, "FITNESS_KAFKA_SASL_PASSWORD": "hunter3"}.items():
        monkeypatch.setenv(name, text)
    settings, database = Settings.from_env(), SqlSettings.from_env()
    assert settings.kafka is not None and settings.kafka.client == {"sasl.password": "hunter3"}
    assert database is not None and database.url.get_secret_value().endswith("hunter2@server/db")
    assert "hunter" not in repr(settings) + str(settings.kafka) + repr(database) + str(database)
