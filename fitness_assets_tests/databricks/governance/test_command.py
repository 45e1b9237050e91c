"""The command as a person uses it, and as it dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fitness_assets.cli.main import main
from fitness_assets.databricks.governance.access.access_matrix import access_matrix
from fitness_assets.databricks.governance.securables.privileges import Grant, Securable, SecurableType, validate_grants
from fitness_assets.databricks.workspace import Role, Workspace
from fitness_assets.errors import GovernanceError
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace

CHECKOUT = Path(__file__).parents[3]


def settings(server: FakeServer) -> dict[str, str]:
    return {
        "DATABRICKS_HOST": server.host,
        "DATABRICKS_TOKEN": "secret-token",
        "FITNESS_SQL_WAREHOUSE": "warehouse-1",
        "FITNESS_GYM_GROUPS": "fitness_gym_5=5,fitness_all_gyms=*",
    }


@pytest.fixture
def configured(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    for name, value in settings(server).items():
        monkeypatch.setenv(name, value)
    return server


def test_plan_apply_and_verify(configured: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["governance", "plan", "--env", "qa"]) == 0
    out = capsys.readouterr().out
    assert "  + catalog qa\n" in out and f"changes to make in catalog qa of {configured.host}.\n" in out
    assert configured.writes == 0
    assert main(["governance", "apply", "--env", "qa"]) == 0
    configured.catalog.create_pipeline_tables("qa")
    assert main(["governance", "apply", "--env", "qa"]) == 0
    assert main(["governance", "verify", "--env", "qa"]) == 0
    assert f"All is as declared in catalog qa of {configured.host}.\n" in capsys.readouterr().out
    assert main(["governance", "plan", "--env", "qa"]) == 0
    assert f"Nothing to change in catalog qa of {configured.host}.\n" in capsys.readouterr().out
    configured.catalog.securables["qa.silver_db.user_profile"].grants["fitness_analysts"] = {"SELECT"}
    assert main(["governance", "verify", "--env", "qa"]) == 1
    assert capsys.readouterr().out == (
        "  fitness_analysts has SELECT on table qa.silver_db.user_profile, which nobody declared.\n"
        f"1 findings in catalog qa of {configured.host}.\n"
    )


def test_groups_are_printed_and_made_only_when_asked(
    configured: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    configured.catalog.principals.groups["fitness_owners"].clear()
    arguments = ["governance", "groups", "--env", "dev", "--member", "fitness_owners=deployer@example.com"]
    line = "  + member deployer@example.com of fitness_owners\n"
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{line}1 to do in {configured.host}.\n" and configured.writes == 0
    assert main([*arguments, "--create"]) == 0
    assert capsys.readouterr().out == f"{line}1 done in {configured.host}.\n"
    assert main(arguments) == 0 and capsys.readouterr().out == "No group lacks anything.\n"
    assert main([*arguments, "--member", "fitness_owners"]) == 2
    assert "'fitness_owners' is no GROUP=WHO." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATABRICKS_HOST", None, "DATABRICKS_HOST is not set"),
        ("DATABRICKS_TOKEN", None, "Databricks credentials are missing or wrong: set DATABRICKS_TOKEN"),
        ("FITNESS_SQL_WAREHOUSE", None, "FITNESS_SQL_WAREHOUSE is not set"),
        ("FITNESS_ENV", "staging", "FITNESS_ENV is 'staging'"),
        ("FITNESS_CATALOG", "a.b", "FITNESS_CATALOG is 'a.b'"),
        ("FITNESS_GROUP_ANALYSTS", "Account Users", "FITNESS_GROUP_ANALYSTS is 'Account Users', which is everybody"),
        ("FITNESS_GROUP_ANALYSTS", "fitness_engineers", "Two of FITNESS_GROUP_... name one principal"),
        ("FITNESS_GYM_GROUPS", "a=b", "FITNESS_GYM_GROUPS has 'a=b'"),
        ("FITNESS_GYM_GROUPS", "a=1,a=2", "FITNESS_GYM_GROUPS has 'a=2'"),
        ("FITNESS_GYM_GROUPS", "users=1", "FITNESS_GYM_GROUPS names 'users', which is everybody"),
        ("DATABRICKS_TOKEN", "wrong", "cannot be worked with: no token"),
    ],
)
def test_a_missing_or_wrong_setting_is_one_line_that_names_it(
    configured: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str | None,
    message: str,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert main(["governance", "plan"]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("write", [1, 9, 40, 150, 215])
def test_a_process_killed_before_it_has_its_answer_is_finished_by_the_next(server: FakeServer, write: int) -> None:
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev")
    writes_before = server.writes
    command = [sys.executable, "-m", "fitness_assets.cli.main", "governance", "apply"]
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**inherited, **settings(server), "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    server.on_write = lambda number: process.kill() if number == writes_before + write else None
    _, error = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, error
    server.on_write = lambda number: None
    list(governed_workspace(server).apply())
    assert governed_workspace(server).verify() == [] and server.catalog.leaks == []


def test_a_workspace_that_goes_away_in_the_middle_is_one_line(
    configured: FakeServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from databricks.sdk.core import ApiClient

    do = ApiClient.do

    def time_out_on_post(self: ApiClient, method: str, *args: object, **kwargs: object) -> object:
        if method == "POST":
            raise TimeoutError("Timed out after 0:01:00")
        return do(self, method, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(ApiClient, "do", time_out_on_post)
    monkeypatch.setattr("fitness_assets.databricks.governance.governed_workspace.RETRY_SECONDS", 1.0)
    assert main(["governance", "apply"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("fitness-assets: The workspace refused: + catalog dev. ") and error.count("\n") == 1
    assert f" of {configured.host}: Timed out after 0:01:00. It was tried for 1 s. " in error


def test_a_declaration_that_unity_catalog_would_refuse_is_refused_before_it_is_sent() -> None:
    volume = Securable(SecurableType.VOLUME, "dev.bronz_db.landing_zone")
    with pytest.raises(GovernanceError, match="SELECT cannot be granted on a volume"):
        validate_grants([Grant(volume, "fitness_analysts", "SELECT")])
    with pytest.raises(GovernanceError, match="would go to everybody"):
        validate_grants([Grant(volume, "account users", "READ_VOLUME")])


def test_a_service_principal_by_itself_can_be_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    from fitness_assets.databricks.governance.access.masks import gym_filter

    monkeypatch.setenv("FITNESS_GROUP_SERVICE", "0a1b2c3d-0000-4000-8000-123456789abc")
    workspace = Workspace.from_env("prod", needs_warehouse=False)
    assert "current_user() = '0a1b2c3d-0000-4000-8000-123456789abc'" in gym_filter(workspace).body


def test_the_document_shows_the_matrix_that_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    document = (CHECKOUT / "docs" / "governance.md").read_text(encoding="utf-8")
    assert access_matrix(Workspace("prod", "prod")) in document
    assert main(["governance", "matrix", "--env", "prod"]) == 0
    assert capsys.readouterr().out.strip() in document
    assert all(role.setting in document for role in Role)
