"""The stand-in refuses what Unity Catalog refuses; docs/databricks-assumptions.md says where each rule stands."""

import pytest

from fitness_assets_tests.databricks.governance.fake_catalog import sql
from fitness_assets_tests.databricks.governance.fake_catalog.catalog import ApiError, FakeCatalog
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER, OWNERS

TABLE, VIEW = "`dev`.`silver_db`.`t`", "`dev`.`silver_db`.`v`"


@pytest.fixture
def catalog() -> FakeCatalog:
    """A catalog of the deployer with one table and one view that somebody may read."""
    catalog = FakeCatalog()
    catalog.create("catalog", "dev")
    catalog.create("schema", "dev.silver_db")
    catalog.create("table", "dev.silver_db.t", columns={"a": {"type": "bigint"}})
    sql.run(catalog, f"CREATE VIEW IF NOT EXISTS {VIEW} AS SELECT `a` FROM {TABLE}")
    view = catalog.securables["dev.silver_db.v"]
    view.grants["fitness_analysts"], view.tags, view.owner = {"SELECT"}, {"layer": "shared_db"}, OWNERS
    return catalog


def refusal_of(catalog: FakeCatalog, statement: str) -> str:
    with pytest.raises(ApiError) as error:
        sql.run(catalog, statement)
    return str(error.value)


def test_a_replaced_view_is_a_new_one(catalog: FakeCatalog) -> None:
    sql.run(catalog, f"CREATE OR REPLACE VIEW {VIEW} AS SELECT `a` AS `b` FROM {TABLE}")
    view = catalog.securables["dev.silver_db.v"]
    assert (view.grants, view.tags, view.owner) == ({}, {}, DEPLOYER)


def test_an_altered_view_keeps_all_but_its_query(catalog: FakeCatalog) -> None:
    sql.run(catalog, f"ALTER VIEW {VIEW} AS SELECT `a` AS `b` FROM {TABLE}")
    view = catalog.securables["dev.silver_db.v"]
    assert view.view == "select a AS b from dev.silver_db.t"
    assert (view.grants, view.tags, view.owner) == ({"fitness_analysts": {"SELECT"}}, {"layer": "shared_db"}, OWNERS)


def test_only_the_owner_alters_a_view(catalog: FakeCatalog) -> None:
    catalog.securables["dev.silver_db.v"].owner = "intern@example.com"
    catalog.securables["dev.silver_db.v"].grants[DEPLOYER] = {"MANAGE"}
    statement = f"ALTER VIEW {VIEW} AS SELECT 1 AS `b`"
    assert refusal_of(catalog, statement) == "User is not an owner of Table 'dev.silver_db.v'."


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (f"ALTER VIEW {VIEW} ALTER COLUMN `a` COMMENT 'x'", "[PARSE_SYNTAX_ERROR]"),
        (f"ALTER TABLE {VIEW} ALTER COLUMN `a` COMMENT 'x'", "[EXPECT_TABLE_NOT_VIEW]"),
        (f"ALTER TABLE {VIEW} SET TAGS ('layer' = 'x')", "[EXPECT_TABLE_NOT_VIEW]"),
        (f"ALTER VIEW {TABLE} SET TAGS ('layer' = 'x')", "[EXPECT_VIEW_NOT_TABLE]"),
        (f"ALTER VIEW {TABLE} AS SELECT 1", "[EXPECT_VIEW_NOT_TABLE]"),
        (f"ALTER TABLE {TABLE} ALTER COLUMN `b` COMMENT 'x'", "[UNRESOLVED_COLUMN]"),
        (f"ALTER TABLE {TABLE} SET TAGS ('layer' 'x')", "[PARSE_SYNTAX_ERROR]"),
        (f"COMMENT ON VIEW {VIEW} IS 'x'", "[PARSE_SYNTAX_ERROR]"),
        ("COMMENT ON SCHEMA `dev`.`silver_db` IS 'it's'", "[PARSE_SYNTAX_ERROR]"),
        (f"CREATE OR REPLACE VIEW {VIEW} AS SELECT * FROM `t`", "is not qualified"),
        (f"CREATE OR REPLACE VIEW {VIEW} AS SELECT * FROM `dev`.`silver_db`.`x`", "[TABLE_OR_VIEW_NOT_FOUND]"),
        (f"CREATE OR REPLACE VIEW {VIEW} AS SELECT (`a` FROM {TABLE}", "[PARSE_SYNTAX_ERROR]"),
        (
            "CREATE OR REPLACE FUNCTION `dev`.`silver_db`.`f`(`a` BIGINT) RETURNS BIGINT RETURN (SELECT 1)",
            "without a subquery",
        ),
    ],
)
def test_a_statement_that_a_warehouse_would_not_run_is_refused(
    catalog: FakeCatalog, statement: str, message: str
) -> None:
    assert message in refusal_of(catalog, statement)


CHILD = "`dev`.`silver_db`.`u`"


@pytest.fixture
def keyed_catalog(catalog: FakeCatalog) -> FakeCatalog:
    """Beside the table one with a primary key that it may refer to."""
    columns = {"a": {"type": "bigint", "nullable": False}, "b": {"type": "int", "nullable": False}}
    catalog.create("table", "dev.silver_db.p", columns=columns)
    catalog.create("table", "dev.silver_db.u", columns={"a": {"type": "bigint"}, "b": {"type": "bigint"}})
    sql.run(catalog, "ALTER TABLE `dev`.`silver_db`.`p` ADD CONSTRAINT `p_key` PRIMARY KEY (`a`)")
    return catalog


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (f"ALTER TABLE {TABLE} ADD CONSTRAINT `t_key` PRIMARY KEY (`a`)", "child column a is nullable"),
        (f"ALTER TABLE {TABLE} ADD CONSTRAINT `t_key` PRIMARY KEY (`x`)", "[UNRESOLVED_COLUMN]"),
        (f"ALTER TABLE {TABLE} ADD CONSTRAINT `t_key` PRIMARY KEY (`a`) ENFORCED", "[PARSE_SYNTAX_ERROR]"),
        (f"ALTER VIEW {VIEW} ADD CONSTRAINT `t_key` PRIMARY KEY (`a`)", "[PARSE_SYNTAX_ERROR]"),
        ("ALTER TABLE `dev`.`silver_db`.`p` ADD CONSTRAINT `q` PRIMARY KEY (`b`)", "already has a primary key"),
        (f"ALTER TABLE {CHILD} ADD CONSTRAINT `p_key` PRIMARY KEY (`a`)", "already exists in schema 'dev.silver_db'"),
        (
            f"ALTER TABLE {CHILD} ADD CONSTRAINT `f` FOREIGN KEY (`b`) REFERENCES `dev`.`silver_db`.`p` (`b`)",
            "are not the primary key of 'dev.silver_db.p'",
        ),
        (
            f"ALTER TABLE {CHILD} ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES {TABLE} (`a`)",
            "are not the primary key of 'dev.silver_db.t'",
        ),
        (f"ALTER TABLE {CHILD} DROP PRIMARY KEY", "does not exist"),
    ],
)
def test_a_key_that_unity_catalog_would_not_have_is_refused(
    keyed_catalog: FakeCatalog, statement: str, message: str
) -> None:
    assert message in refusal_of(keyed_catalog, statement)


def test_a_primary_key_that_is_referred_to_goes_with_what_refers_to_it(keyed_catalog: FakeCatalog) -> None:
    refers = "FOREIGN KEY (`a`) REFERENCES `dev`.`silver_db`.`p` (`a`) NOT ENFORCED RELY"
    sql.run(keyed_catalog, f"ALTER TABLE {CHILD} ADD CONSTRAINT `u_to_p` {refers}")
    assert keyed_catalog.securables["dev.silver_db.u"].keys["u_to_p"].rely
    assert "already has a foreign key" in refusal_of(keyed_catalog, f"ALTER TABLE {CHILD} ADD CONSTRAINT `g` {refers}")
    drop = "ALTER TABLE `dev`.`silver_db`.`p` DROP PRIMARY KEY IF EXISTS"
    assert "is referenced by ['u_to_p']" in refusal_of(keyed_catalog, drop)
    sql.run(keyed_catalog, f"{drop} CASCADE")
    assert keyed_catalog.securables["dev.silver_db.u"].keys == keyed_catalog.securables["dev.silver_db.p"].keys == {}


def test_a_view_reads_only_what_its_maker_may_read(catalog: FakeCatalog) -> None:
    catalog.securables["dev.silver_db.t"].owner = "fitness_service"
    statement = f"ALTER VIEW {VIEW} AS SELECT `a` FROM {TABLE}"
    assert "[INSUFFICIENT_PERMISSIONS]" in refusal_of(catalog, statement)


def test_only_principals_of_the_account_get_anything(catalog: FakeCatalog) -> None:
    del catalog.principals.groups["fitness_analysts"]
    with pytest.raises(ApiError, match="Could not find principal with name fitness_analysts") as error:
        catalog.change_grants("catalog", "dev", [{"principal": "fitness_analysts", "add": ["USE_CATALOG"]}])
    assert (error.value.status, error.value.code) == (404, "PRINCIPAL_DOES_NOT_EXIST")
    with pytest.raises(ApiError, match="Could not find principal with name nobody"):
        catalog.set_owner("catalog", "dev", "nobody")


def test_ownership_goes_to_oneself_and_to_groups_of_which_one_is_a_member(catalog: FakeCatalog) -> None:
    with pytest.raises(ApiError, match="must be a member of group 'fitness_service'"):
        catalog.set_owner("catalog", "dev", "fitness_service")
    catalog.set_owner("catalog", "dev", OWNERS)
    catalog.principals.groups[OWNERS].clear()
    with pytest.raises(ApiError, match="not an owner of Catalog"):
        catalog.set_owner("catalog", "dev", DEPLOYER)
    catalog.principals.metastore_admins.add(DEPLOYER)
    catalog.set_owner("catalog", "dev", "fitness_service")


def test_what_one_may_not_make_is_refused(catalog: FakeCatalog) -> None:
    catalog.principals.metastore_privileges.clear()
    with pytest.raises(ApiError, match="does not have CREATE CATALOG on Metastore"):
        catalog.create("catalog", "qa")
    catalog.securables["dev"].owner = "somebody"
    with pytest.raises(ApiError, match="does not have CREATE_SCHEMA on catalog 'dev'"):
        catalog.create("schema", "dev.gold_db")
