"""A contract that gains a column needs a run, nothing by hand; what the table held stays."""

from dataclasses import replace

import pytest

from fitness_assets.contracts import registry
from fitness_assets.contracts.model import Column, Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.transforms import registry as transforms
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS

pytestmark = pytest.mark.slow

BRONZE, VISITS = "bronz_db.gym_logins_bz", "silver_db.gym_logs"


def with_column(monkeypatch: pytest.MonkeyPatch, name: str, column: Column) -> None:
    tables: dict[str, Table] = dict(all_tables())
    tables[name] = replace(tables[name], audit_columns=(*tables[name].audit_columns, column))
    monkeypatch.setattr(registry, "all_tables", lambda: tables)
    for module in ("pipeline.scheduler",):
        monkeypatch.setattr(f"fitness_assets.{module}.all_tables", lambda: tables)


def test_a_table_that_gains_a_column_is_built_on_and_not_anew(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(BRONZE, VISITS)
    file.unlink()
    with_column(monkeypatch, BRONZE, Column(name="colour", type="string", description="New."))
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "bb,5,1,2"])
    results = platform.update(BRONZE, VISITS)
    assert platform.rows(BRONZE, "mac_address, colour") == [("aa", None), ("bb", None)]
    assert platform.rows(VISITS, "mac_address") == [("aa",), ("bb",)]
    assert results[VISITS].reason == f"all of {BRONZE} was written anew"
    assert platform.update(BRONZE, VISITS)[VISITS].mode == "unchanged"


def test_a_computed_table_that_gains_a_column_is_computed_whole(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2", "bb,6,1,2"])
    platform.update(BRONZE, VISITS)
    with_column(monkeypatch, VISITS, Column(name="is_short", type="boolean", description="New."))
    parse, win = transforms.parser_of(all_tables()[VISITS]), transforms.merge_rule_of(all_tables()[VISITS])
    monkeypatch.setitem(transforms._parsers, VISITS, lambda rows: parse(rows).selectExpr("*", "gym = 5 AS is_short"))
    monkeypatch.setitem(
        transforms._merge_rules,
        VISITS,
        lambda: win().withField("is_short", _any_short()),  # the same for all of a key
    )
    assert platform.update(BRONZE, VISITS)[VISITS].mode == "full"
    assert platform.rows(VISITS, "mac_address, is_short") == [("aa", True), ("bb", False)]


def _any_short() -> object:
    from pyspark.sql import functions as F

    return F.max("is_short")
