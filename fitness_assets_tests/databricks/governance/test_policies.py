"""Compute policies and the secret scope."""

import json
from typing import Any

import pytest

from fitness_assets.databricks.policies.attributes import validate_definition
from fitness_assets.databricks.policies.compute import compute_policies
from fitness_assets.databricks.workspace import Workspace
from fitness_assets.errors import GovernanceError
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace


@pytest.mark.parametrize("environment", ["dev", "qa", "prod"])
def test_every_policy_keeps_databricks_rules_and_bounds_what_costs(environment: str) -> None:
    for policy in compute_policies(Workspace(environment, environment)):
        definition = validate_definition(policy.name, policy.definition)
        bounded = {"node_type_id", "autoscale.max_workers", "num_workers", "dbus_per_hour", "spark_version"}
        assert bounded <= set(definition)
        assert definition["azure_attributes.availability"]["value"] == "SPOT_WITH_FALLBACK_AZURE"
        assert definition["custom_tags.environment"] == {"type": "fixed", "value": environment}
        if definition["cluster_type"]["value"] == "all-purpose":
            assert definition["autotermination_minutes"]["maxValue"] <= 60
            assert definition["autotermination_minutes"]["minValue"] > 0
            assert definition["data_security_mode"]["value"] == "USER_ISOLATION"


@pytest.mark.parametrize(
    ("path", "limitation", "reason"),
    [
        ("node_type", {"type": "fixed", "value": "x"}, "There is no attribute node_type."),
        ("custom_tags.", {"type": "fixed", "value": "x"}, "There is no attribute custom_tags.."),
        ("spark_version", {"type": "equals", "value": "x"}, "has the type 'equals'"),
        ("spark_version", {"type": "fixed"}, "spark_version lacks value."),
        ("spark_version", {"type": "fixed", "value": 17}, "cannot be 17"),
        ("spark_version", {"type": "forbidden"}, "cannot be forbidden"),
        ("spark_version", {"type": "range", "maxValue": 3}, "is no number"),
        ("spark_version", {"type": "regex", "pattern": "17.*", "defaultValue": "16"}, "default '16'"),
        ("num_workers", {"type": "range"}, "without bounds"),
        ("num_workers", {"type": "range", "minValue": 3, "maxValue": 2}, "does not fit"),
        ("num_workers", {"type": "range", "maxValue": 2, "defaultValue": 3}, "does not fit"),
        ("num_workers", {"type": "fixed", "value": True}, "cannot be True"),
        ("node_type_id", {"type": "allowlist", "values": []}, "lists no value"),
        ("node_type_id", {"type": "allowlist", "values": ["a"], "defaultValue": "b"}, "default 'b'"),
        ("node_type_id", {"type": "allowlist", "values": ["a"], "hidden": True}, "does not know"),
        ("data_security_mode", {"type": "fixed", "value": "SHARED"}, "cannot be 'SHARED'"),
    ],
)
def test_a_definition_that_databricks_would_not_take_is_refused_with_the_reason(
    path: str, limitation: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GovernanceError) as error:
        validate_definition("mine", {path: limitation})
    assert reason in str(error.value)


def test_policies_and_their_users_are_made_and_put_right(governed: FakeServer) -> None:
    policies = {entry["policy"]["name"]: entry for entry in governed.policies.values()}
    assert set(policies) == {"fitness-dev-jobs", "fitness-dev-interactive"}
    users = [entry["group_name"] for entry in policies["fitness-dev-interactive"]["acl"]]
    assert users == ["fitness_engineers", "fitness_data_scientists"]
    policy = policies["fitness-dev-jobs"]["policy"]
    loosened = {**json.loads(policy["definition"]), "num_workers": {"type": "unlimited"}}
    policy["definition"] = json.dumps(loosened)
    policies["fitness-dev-jobs"]["acl"].append({"group_name": "users", "permission_level": "CAN_USE"})
    governed.policies["other"] = {"policy": {"name": "theirs", "definition": "{}"}, "acl": []}
    assert governed_workspace(governed).verify() == [
        "not as declared: - permission of policy fitness-dev-jobs, users: CAN_USE",
        "not as declared: ~ policy fitness-dev-jobs: num_workers",
    ]
    list(governed_workspace(governed).apply())
    assert governed_workspace(governed).verify() == []
    mended = {entry["policy"]["name"]: entry["policy"] for entry in governed.policies.values()}
    assert json.loads(mended["fitness-dev-jobs"]["definition"])["num_workers"]["type"] == "range"
    assert governed.policies["other"]["acl"] == []


def test_only_the_service_reads_secrets_and_their_values_are_never_shown(
    governed: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = governed.scopes["fitness_dev"]
    assert scope["acls"] == {
        "deployer@example.com": "MANAGE",
        "fitness_service": "READ",
        "fitness_owners": "MANAGE",
    }
    notes = [line for line in governed_workspace(governed).plan() if "secret" in line]
    assert notes[-1] == (". secret fitness_dev/FITNESS_SQL_URL is not there, and the setting is not set here.")
    monkeypatch.setenv("FITNESS_SQL_URL", "mssql://me:hunter2@db/x")
    lines = list(governed_workspace(governed).apply())
    assert "+ secret fitness_dev/FITNESS_SQL_URL" in lines and "hunter2" not in "".join(lines)
    assert scope["secrets"] == {"FITNESS_SQL_URL": "mssql://me:hunter2@db/x"}
    monkeypatch.setenv("FITNESS_SQL_URL", "mssql://me:hunter3@db/x")
    assert not [line for line in governed_workspace(governed).plan() if not line.startswith(".")]
    assert "~ secret fitness_dev/FITNESS_SQL_URL" in list(governed_workspace(governed, rotate=True).apply())
    assert scope["secrets"] == {"FITNESS_SQL_URL": "mssql://me:hunter3@db/x"}
    scope["acls"]["users"] = "READ"
    # The first answer is lost; the second attempt finds nothing left to take away.
    faults = iter([(500, "after")])
    governed.fault = lambda method, path: next(faults, None) if path.endswith("/acls/delete") else None
    assert "- secret permission of scope fitness_dev, users: READ" in list(governed_workspace(governed).apply())
    assert "users" not in scope["acls"]
