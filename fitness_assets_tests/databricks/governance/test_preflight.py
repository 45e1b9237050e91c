"""Before the first change everything that is missing is told, and nothing is changed."""

from collections.abc import Callable

import pytest

from fitness_assets.errors import GovernanceError, PreflightError
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace

Fault = Callable[[FakeServer], object]
ROLES = ("engineers", "analysts", "data_scientists", "service")


def missing(server: FakeServer) -> list[str]:
    """What `apply` says is missing, a line each; it must not have changed anything."""
    writes = server.writes
    with pytest.raises(PreflightError) as error:
        list(governed_workspace(server).apply())
    assert server.writes == writes
    first, *lines = str(error.value).splitlines()
    assert first == (
        f"Governance of catalog dev of {server.host} cannot be applied, and nothing was changed. This is missing:"
    )
    planned = list(governed_workspace(server).plan())
    assert [f". missing: {line.removeprefix('  - ')}" for line in lines] == planned[-len(lines) :]
    return [line.removeprefix("  - ") for line in lines]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            lambda server: server.catalog.principals.groups.pop("fitness_analysts"),
            "fitness_analysts (FITNESS_GROUP_ANALYSTS) is not there; Unity Catalog knows principals of the account: ",
        ),
        (
            lambda server: (
                server.catalog.principals.groups.pop("fitness_service"),
                server.catalog.principals.workspace_groups.add("fitness_service"),
            ),
            "fitness_service (FITNESS_GROUP_SERVICE) is a group of this workspace alone; ",
        ),
        (
            lambda server: server.catalog.principals.groups.pop("fitness_gym_5"),
            "fitness_gym_5 (FITNESS_GYM_GROUPS) is not there; ",
        ),
        (
            lambda server: server.catalog.principals.groups["fitness_owners"].clear(),
            f"{DEPLOYER} is not in fitness_owners (FITNESS_GROUP_OWNERS), and ownership goes to groups ",
        ),
        (
            lambda server: server.catalog.principals.assigned.remove("fitness_data_scientists"),
            "fitness_data_scientists is not assigned to the workspace: ",
        ),
        (
            lambda server: server.warehouse_permissions.update(fitness_analysts="CAN_VIEW"),
            "fitness_analysts may not use the SQL warehouse warehouse-1: `databricks permissions update warehouses ",
        ),
        (
            lambda server: server.catalog.principals.metastore_privileges.clear(),
            f"The catalog dev is not there, and {DEPLOYER} may not make one (CREATE CATALOG on the metastore): ",
        ),
        (
            lambda server: setattr(server, "has_metastore_storage", False),
            "The catalog dev is not there, and the metastore has no storage of its own: set FITNESS_CATALOG_STORAGE ",
        ),
        (lambda server: setattr(server, "has_metastore", False), "The workspace has no metastore: "),
        (
            lambda server: (
                setattr(server.catalog.principals, "is_workspace_admin", False),
                server.warehouse_permissions.update(fitness_owners="CAN_USE"),
            ),
            f"{DEPLOYER} is no admin of the workspace, and only admins make compute policies: ",
        ),
    ],
)
def test_each_thing_that_is_missing_is_named_with_what_to_do(server: FakeServer, fault: Fault, expected: str) -> None:
    fault(server)
    [line] = missing(server)
    assert line.startswith(expected)


def test_all_that_is_missing_is_told_at_once(server: FakeServer) -> None:
    principals = server.catalog.principals
    principals.groups.clear()
    principals.entitlements["users"] = set()
    principals.metastore_privileges.clear()
    server.warehouse_permissions.clear()
    assert [line.split()[0] for line in missing(server)] == [
        "fitness_engineers",
        "fitness_analysts",
        "fitness_data_scientists",
        "fitness_service",
        "fitness_owners",
        "fitness_gym_5",
        "fitness_all_gyms",
        "fitness_analysts",
        "fitness_data_scientists",
        "The",
    ]


def test_entitlements_that_neither_a_group_nor_everybody_has_are_named(server: FakeServer) -> None:
    server.catalog.principals.entitlements = {
        "users": {"workspace-access"},
        "fitness_analysts": {"databricks-sql-access"},
    }
    assert [line.split(":")[0] for line in missing(server)] == [
        "fitness_engineers lacks the entitlement databricks-sql-access",
        "fitness_data_scientists lacks the entitlement databricks-sql-access",
    ]


def test_what_comes_by_a_group_above_a_group_is_not_missing(server: FakeServer) -> None:
    principals = server.catalog.principals
    principals.groups |= {
        "everybody_here": {"fitness_people", "fitness_service", DEPLOYER},
        "fitness_people": {"fitness_engineers", "fitness_analysts", "fitness_data_scientists"},
        "fitness_owners": {"platform_team"},
        "platform_team": {DEPLOYER},
    }
    principals.assigned = {"users", "admins", "everybody_here"}
    principals.entitlements = {"everybody_here": {"workspace-access", "databricks-sql-access"}}
    principals.is_workspace_admin = False
    principals.metastore_privileges.clear()
    server.catalog.metastore_grants = {"platform_team": {"CREATE_CATALOG"}}
    server.warehouse_permissions = {"everybody_here": "CAN_USE"}
    assert [line.partition(",")[0] for line in missing(server)] == [f"{DEPLOYER} is no admin of the workspace"]
    principals.groups["everybody_here"] = {DEPLOYER}
    lacking = [line for line in missing(server) if "may not use the SQL warehouse" in line or "not assigned" in line]
    assert {line.split()[0] for line in lacking} == {f"fitness_{name}" for name in ROLES}


def test_whoever_applies_must_be_able_to_ask_the_warehouse(server: FakeServer) -> None:
    server.catalog.principals.is_workspace_admin = False
    server.catalog.principals.entitlements = {name: {"workspace-access"} for name in ("users",)}
    server.catalog.principals.entitlements |= {f"fitness_{name}": {"databricks-sql-access"} for name in ROLES}
    lines = [line for line in missing(server) if line.startswith(DEPLOYER)]
    assert [line.partition(",")[0].partition(":")[0] for line in lines] == [
        f"{DEPLOYER} lacks the entitlement databricks-sql-access",
        f"{DEPLOYER} may not use the SQL warehouse warehouse-1",
        f"{DEPLOYER} is no admin of the workspace",
    ]


def test_a_catalog_of_somebody_else_is_named_with_its_owner(governed: FakeServer) -> None:
    governed.catalog.securables["dev"].owner = "intern@example.com"
    [line] = missing(governed)
    assert line == (
        f"{DEPLOYER} does not own the catalog dev, which belongs to intern@example.com: its owner runs "
        "`databricks catalogs update dev --owner fitness_owners`."
    )
    governed.catalog.securables["dev"].grants[DEPLOYER] = {"MANAGE"}
    governed.catalog.principals.metastore_admins.add(DEPLOYER)
    list(governed_workspace(governed).apply())
    assert governed.catalog.securables["dev"].owner == "fitness_owners"


def test_whoever_changes_no_policy_need_not_be_an_admin(governed: FakeServer) -> None:
    governed.catalog.principals.is_workspace_admin = False
    governed.warehouse_permissions["fitness_owners"] = "CAN_USE"
    governed.catalog.securables["dev.silver_db.users"].comment = "mine"
    assert len([line for line in governed_workspace(governed).apply() if not line.startswith(".")]) == 1


def test_a_member_of_a_group_that_is_not_assigned_is_found_in_the_account(governed: FakeServer) -> None:
    governed.catalog.principals.assigned.remove("fitness_owners")
    list(governed_workspace(governed).apply())


def test_what_we_may_not_know_of_a_warehouse_is_not_called_missing(server: FakeServer) -> None:
    server.shows_warehouse_permissions = False
    server.warehouse_permissions.clear()
    list(governed_workspace(server).apply())


def test_groups_are_made_let_in_entitled_and_filled_and_then_nothing_is_missing(server: FakeServer) -> None:
    principals = server.catalog.principals
    principals.groups.clear()
    principals.assigned -= {"fitness_engineers", "fitness_analysts", "fitness_data_scientists", "fitness_service"}
    principals.entitlements.clear()
    members = {"fitness_owners": (DEPLOYER,), "fitness_gym_5": ("intern@example.com",)}
    provisioner = governed_workspace(server).group_provisioner(members)
    assert provisioner.plan()[0] == "+ group fitness_engineers" and server.writes == 0
    lines = list(provisioner.apply())
    assert lines.count("+ group fitness_owners") == 1
    assert "+ fitness_analysts in the workspace" in lines
    assert "+ entitlement databricks-sql-access of fitness_analysts" in lines
    assert "+ member intern@example.com of fitness_gym_5" in lines
    assert principals.groups["fitness_owners"] == {DEPLOYER}
    assert principals.entitlements["fitness_service"] == {"workspace-access"}
    assert list(provisioner.apply()) == []
    list(governed_workspace(server).apply())


@pytest.mark.parametrize(
    ("members", "fault", "message"),
    [
        ({"admins": (DEPLOYER,)}, lambda principals: None, "admins is no group of this environment; those are "),
        (
            {"fitness_owners": ("x@y.z",)},
            lambda principals: None,
            "x@y.z, who shall be in fitness_owners, is not in the",
        ),
        (
            {},
            lambda principals: (
                principals.groups.pop("fitness_owners"),
                setattr(principals, "is_account_admin", False),
            ),
            r"The workspace refused: \+ group fitness_owners \(groups of the account are made by its admins",
        ),
        (
            {"fitness_owners": ("intern@example.com",)},
            lambda principals: principals.managed_elsewhere.add("fitness_owners"),
            "those that an identity provider brings are changed there",
        ),
    ],
)
def test_what_cannot_be_made_is_told(
    server: FakeServer, members: dict[str, tuple[str, ...]], fault: Callable[[object], object], message: str
) -> None:
    fault(server.catalog.principals)
    with pytest.raises(GovernanceError, match=message):
        list(governed_workspace(server).group_provisioner(members).apply())
