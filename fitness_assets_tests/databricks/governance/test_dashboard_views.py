"""No view of the dashboard gives away who somebody is."""

import pytest
import sqlglot
from sqlglot import exp

from fitness_assets.contracts.model import Pii
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.access.anonymized_views import ANONYMIZED_VIEWS, MIN_GROUP_SIZE, SharedView
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_VIEWS
from fitness_assets.databricks.governance.access.shared_views import view_query
from fitness_assets.databricks.workspace import Workspace

WORKSPACE = Workspace("dev", "dev")


def personal_columns(view: SharedView) -> dict[str, Pii]:
    """The class of each personal column of the tables that a view reads."""
    tables = [get_table(name) for name in view.sources]
    return {column.name: column.pii for table in tables for column in table.all_columns if column.pii}


def exposed_columns(query: exp.Query) -> set[str]:
    """The columns that leave a query otherwise than counted, averaged, or behind a mask."""
    exposed: set[str] = set()
    for select in query.find_all(exp.Select):
        if select.find_ancestor(exp.Exists):
            continue
        for projection in select.expressions:
            for column in projection.find_all(exp.Column):
                mask = column.find_ancestor(exp.Anonymous)
                is_masked = mask is not None and mask.name.startswith("mask_")
                is_its_own = column.parent_select is select
                if is_its_own and not column.find_ancestor(exp.AggFunc) and not is_masked:
                    exposed.add(column.name)
    return exposed


@pytest.mark.parametrize("view", DASHBOARD_VIEWS, ids=lambda view: view.name)
def test_what_says_who_somebody_is_leaves_a_view_only_of_groups_that_are_large_enough(view: SharedView) -> None:
    query = sqlglot.parse_one(view_query(WORKSPACE, view), dialect="databricks")
    assert isinstance(query, exp.Query)
    personal = personal_columns(view)
    exposed = exposed_columns(query) & set(personal)
    having = query.args.get("having")
    is_of_groups = having is not None and having.this.expression.name == str(MIN_GROUP_SIZE)
    # The weekday and the hour of a visit, the gender and the state of people.
    assert exposed <= ({"login", "gender", "state"} if is_of_groups else set()), view.name


def test_the_rule_sees_what_it_should_see() -> None:
    curves = next(view for view in DASHBOARD_VIEWS if view.name == "shared_db.workout_curves")
    text = view_query(WORKSPACE, curves)
    unmasked = sqlglot.parse_one(
        text.replace("`dev`.`governance`.`mask_health_double`(w.heartrate)", "w.heartrate"), dialect="databricks"
    )
    assert isinstance(unmasked, exp.Query)
    assert "heartrate" in exposed_columns(unmasked)
    assert text.count("mask_health_double") == 1


def test_every_shared_view_has_a_name_of_its_own() -> None:
    names = [view.name for view in (*ANONYMIZED_VIEWS, *DASHBOARD_VIEWS)]
    assert len(names) == len(set(names))
