"""From an empty workspace to a governed one, and back to it after anybody's hand was in it."""

import itertools

import pytest

from fitness_assets.errors import GovernanceError
from fitness_assets_tests.databricks.governance.fake_catalog.catalog import FakeKey, FakeSecurable
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace

pytestmark = pytest.mark.slow


def planned_changes(server: FakeServer) -> list[str]:
    """What a plan would change, without the notes."""
    return [line for line in governed_workspace(server).plan() if not line.startswith(".")]


def test_the_first_apply_makes_all_but_the_tables_and_takes_nothing_for_granted(server: FakeServer) -> None:
    planned = planned_changes(server)
    assert planned[0] == "+ catalog dev" and server.writes == 0
    assert "+ grant USE_CATALOG on catalog dev to fitness_analysts" in planned
    assert not [line for line in planned if "fitness_analysts" in line and "SELECT" in line]
    applied = list(governed_workspace(server).apply())
    # This catalog came with a grant to everybody, as some do.
    assert "- revoke BROWSE on catalog dev from account users" in applied
    assert planned_changes(server) == []
    notes = list(governed_workspace(server).plan())
    assert ". table dev.silver_db.users is not there yet; it is governed once the pipeline has made it." in notes
    assert ". table dev.shared_db.heart_rate_by_group waits for silver_db.workout_bpm, silver_db.user_bins." in notes


def test_a_plan_after_apply_is_empty_and_apply_again_does_nothing(governed: FakeServer) -> None:
    assert planned_changes(governed) == []
    writes = governed.writes
    assert [line for line in governed_workspace(governed).apply() if not line.startswith(".")] == []
    assert governed.writes == writes
    assert governed_workspace(governed).verify() == []
    assert governed.catalog.leaks == []


def test_nothing_is_granted_to_everybody(governed: FakeServer) -> None:
    principals = {principal for securable in governed.catalog.securables.values() for principal in securable.grants}
    assert principals == {"fitness_engineers", "fitness_analysts", "fitness_data_scientists", "fitness_service"}


def test_what_a_hand_changed_is_found_and_put_right(governed: FakeServer) -> None:
    securables = governed.catalog.securables
    securables["dev.silver_db.user_profile"].grants["fitness_analysts"] = {"SELECT"}
    securables["dev"].grants["intern@example.com"] = {"ALL_PRIVILEGES"}
    securables["dev.gold_db"].grants["account users"] = {"SELECT", "EXTERNAL_USE_SCHEMA"}
    del securables["dev.shared_db.gym_summary"].grants["fitness_analysts"]
    securables["dev.shared_db.gym_summary"].view = "SELECT * FROM `dev`.`gold_db`.`gym_summary`"
    securables["dev.gold_db.gym_summary"].row_filter = ("dev.governance.sees_gym", ["gym"])
    securables["dev.silver_db.users"].columns["user_id"]["mask"] = "dev.governance.mask_identity_bigint"
    securables["dev.silver_db.users"].columns["mac_address"]["tags"] = {"pii": "health", "somebody": "else"}
    securables["dev.silver_db.users"].comment = "mine"
    securables["dev.silver_db.users"].owner = "intern@example.com"
    securables["dev.governance.mask_contact_string"].function["body"] = "`value`"
    planned = planned_changes(governed)
    assert planned == [
        "- revoke ALL_PRIVILEGES on catalog dev from intern@example.com",
        "- revoke EXTERNAL_USE_SCHEMA on schema dev.gold_db from account users",
        "- revoke SELECT on schema dev.gold_db from account users",
        "- revoke SELECT on table dev.silver_db.user_profile from fitness_analysts",
        "~ owner of table dev.silver_db.users: fitness_owners",
        "~ function dev.governance.mask_contact_string: CASE WHEN is_account_group_member('fitness_engineers') OR "
        "is_account_group_member('fitness_servic...",
        "~ view dev.shared_db.gym_summary: SELECT `date`, `gym`, "
        "`dev`.`governance`.`mask_identity_string`(`mac_address`) AS `mac_address`, ...",
        "~ comment of table dev.silver_db.users: Who is registered, with which wearable: the earliest registration of "
        "each person. One row is a pe...",
        "~ tag of table dev.silver_db.users, mac_address: pii: identity",
        "- mask of table dev.silver_db.users, user_id: dev.governance.mask_identity_bigint",
        "- row filter of table dev.gold_db.gym_summary: dev.governance.sees_gym",
        "+ grant SELECT on table dev.shared_db.gym_summary to fitness_analysts",
    ]
    assert len(governed_workspace(governed).verify()) >= len(planned) - 1
    assert [line for line in governed_workspace(governed).apply() if not line.startswith(".")] == planned
    assert planned_changes(governed) == [] and governed_workspace(governed).verify() == []
    assert securables["dev.silver_db.users"].columns["mac_address"]["tags"] == {"pii": "identity", "somebody": "else"}


def test_a_view_that_is_put_right_keeps_its_grants_all_the_while(governed: FakeServer) -> None:
    view = governed.catalog.securables["dev.shared_db.gym_summary"]
    view.view, view.comment = "SELECT 1 AS one", "mine"
    grants, tags = {name: set(held) for name, held in view.grants.items()}, dict(view.tags)
    kept: list[bool] = []

    def look(number: int) -> None:
        current = governed.catalog.securables["dev.shared_db.gym_summary"]
        kept.append((current.grants, current.tags, current.owner) == (grants, tags, "fitness_owners"))

    governed.on_write = look
    applied = [line.split(":")[0] for line in governed_workspace(governed).apply() if not line.startswith(".")]
    assert applied == ["~ view dev.shared_db.gym_summary", "~ comment of table dev.shared_db.gym_summary"]
    assert kept and all(kept)


def test_a_function_that_is_put_right_is_handed_over_at_once(governed: FakeServer) -> None:
    governed.catalog.securables["dev.governance.sees_gym"].function["body"] = "TRUE"
    applied = [line for line in governed_workspace(governed).apply() if not line.startswith(".")]
    assert len(applied) == 1 and applied[0].startswith("~ function dev.governance.sees_gym")
    assert governed.catalog.securables["dev.governance.sees_gym"].owner == "fitness_owners"


def test_a_tag_of_ours_on_a_column_of_a_view_is_taken_away(governed: FakeServer) -> None:
    view = governed.catalog.securables["dev.shared_db.gym_summary"]
    view.columns["mac_address"]["tags"] = {"pii": "identity"}
    applied = [line for line in governed_workspace(governed).apply() if not line.startswith(".")]
    assert applied == ["- tag of table dev.shared_db.gym_summary, mac_address: pii: identity"]


def test_a_text_that_the_workspace_writes_in_its_own_way_is_no_change(governed: FakeServer) -> None:
    securables = governed.catalog.securables
    view, function = securables["dev.shared_db.gym_summary"], securables["dev.governance.sees_gym"].function
    view.view = (view.view or "").replace(" ", "\n\t").replace("from", "FROM")
    function["body"] = function["body"].replace("gym", "`gym`").replace("CASE", "case")
    # What stands in quotes is no writing.
    [change] = planned_changes(governed)
    assert change.startswith("~ function dev.governance.sees_gym: CASE WHEN ")
    function["body"] = function["body"].replace("_`gym`", "_gym")
    assert planned_changes(governed) == []


def test_a_text_that_the_workspace_makes_another_is_shown(governed: FakeServer) -> None:
    governed.catalog.rewrites = lambda text: text.replace("mask_identity_string", "other")
    governed.catalog.securables["dev.shared_db.gym_summary"].view = "SELECT 1 AS one"
    with pytest.raises(GovernanceError, match=r"does not keep them: ~ view .* It gives back: .*other"):
        list(governed_workspace(governed).apply())


def test_keys_of_the_contracts_are_told_and_not_relied_on(governed: FakeServer) -> None:
    keys = governed.catalog.securables["dev.gold_db.gym_summary"].keys
    visit, session = ["mac_address", "gym", "login"], ["user_id", "workout_id", "session_id"]
    assert keys == {
        "gym_summary_key": FakeKey([*visit, *session]),
        "gym_summary_to_gym_logs": FakeKey(visit, "dev.silver_db.gym_logs", visit),
        "gym_summary_to_completed_workouts": FakeKey(session, "dev.silver_db.completed_workouts", session),
    }
    # A session has more than one start and stop, so it is no key of theirs; bronze has no keys at all.
    assert list(governed.catalog.securables["dev.silver_db.completed_workouts"].keys) == ["completed_workouts_key"]
    assert governed.catalog.securables["dev.bronz_db.kafka_multiplex_bz"].keys == {}


def test_keys_that_a_hand_changed_are_put_right(governed: FakeServer) -> None:
    users = governed.catalog.securables["dev.silver_db.users"].keys
    users["users_key"].rely = True
    governed.catalog.securables["dev.silver_db.user_bins"].keys["mine"] = FakeKey(
        ["gender"], "dev.silver_db.users", ["user_id"]
    )
    del governed.catalog.securables["dev.silver_db.gym_logs"].keys["gym_logs_key"]
    assert [line for line in governed_workspace(governed).apply() if not line.startswith(".")] == [
        "+ primary key of table dev.silver_db.gym_logs: mac_address, gym, login",
        "~ primary key of table dev.silver_db.users: user_id",
        "- foreign key of table dev.silver_db.user_bins, mine: table dev.silver_db.users: gender as user_id",
        # It went with the primary key that it refers to.
        "+ foreign key of table dev.silver_db.user_bins, user_bins_to_users: table dev.silver_db.users: user_id",
    ]
    assert planned_changes(governed) == [] and governed_workspace(governed).verify() == []


def test_a_foreign_key_waits_for_the_table_that_it_refers_to(server: FakeServer) -> None:
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev", "silver_db.user_bins")
    list(governed_workspace(server).apply())
    assert list(server.catalog.securables["dev.silver_db.user_bins"].keys) == ["user_bins_key"]
    server.catalog.create_pipeline_tables("dev", "silver_db.users")
    list(governed_workspace(server).apply())
    assert list(server.catalog.securables["dev.silver_db.user_bins"].keys) == ["user_bins_key", "user_bins_to_users"]


def test_a_grant_to_somebody_who_was_deleted_is_taken_away(governed: FakeServer) -> None:
    governed.catalog.securables["dev.gold_db"].grants["#77"] = {"SELECT"}
    assert planned_changes(governed) == ["- revoke SELECT on schema dev.gold_db from deleted principal 77"]
    list(governed_workspace(governed).apply())
    assert governed_workspace(governed).verify() == []


def test_what_is_not_ours_is_left_alone(governed: FakeServer) -> None:
    marketing = FakeSecurable("schema", "others", "theirs", grants={"account users": {"SELECT", "USE_SCHEMA"}})
    governed.catalog.securables["dev.marketing"] = marketing
    campaigns = FakeSecurable("table", "others", columns={"name": {"type": "string"}})
    governed.catalog.securables["dev.marketing.campaigns"] = campaigns
    governed.catalog.securables["dev.silver_db.users"].columns["extra"] = {"type": "string", "comment": "by hand"}
    assert planned_changes(governed) == []
    assert governed_workspace(governed).verify() == []


def test_a_copy_in_a_schema_of_ours_is_a_finding(governed: FakeServer) -> None:
    governed.catalog.securables["dev.gold_db.copy_of_users"] = FakeSecurable("table", "intern@example.com")
    assert governed_workspace(governed).verify() == [
        "table dev.gold_db.copy_of_users is in a schema of ours and nobody declared it."
    ]


def test_verify_sees_what_is_inherited_from_above_our_reach(governed: FakeServer) -> None:
    governed.catalog.metastore_grants["somebody"] = {"MANAGE"}
    assert planned_changes(governed) == []
    findings = governed_workspace(governed).verify()
    expected = "somebody has MANAGE on table dev.gold_db.gym_summary, inherited from metastore main-metastore"
    assert f"{expected}, which nobody declared." in findings


def test_a_table_dropped_and_made_anew_is_governed_again(governed: FakeServer) -> None:
    del governed.catalog.securables["dev.gold_db.gym_summary"]
    governed.catalog.create_pipeline_tables("dev", "gold_db.gym_summary")
    list(governed_workspace(governed).apply())
    assert governed.catalog.leaks == [] and governed_workspace(governed).verify() == []


def test_an_apply_that_ends_after_any_change_is_finished_by_the_next_and_opens_nothing(server: FakeServer) -> None:
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev")
    for count in (1, 1, 2, 3, 50, 37, 37, 37, 37):
        list(itertools.islice(governed_workspace(server).apply(), count))
    assert planned_changes(server) != []
    list(governed_workspace(server).apply())
    assert server.catalog.leaks == []
    assert planned_changes(server) == [] and governed_workspace(server).verify() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_faults_are_outlasted(
    server: FakeServer, status: int, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev")
    calls = itertools.count(1)
    server.fault = lambda method, path: (status, when) if next(calls) % 7 == 0 else None
    list(governed_workspace(server).apply())
    server.fault = lambda method, path: None
    assert planned_changes(server) == [] and governed_workspace(server).verify() == []
    assert server.catalog.leaks == []


def test_a_fault_that_stays_is_one_line_that_names_the_change(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.fault = lambda method, path: (500, "before") if path.endswith("/volumes") else None
    with pytest.raises(GovernanceError) as error:
        list(governed_workspace(server).apply())
    assert str(error.value).startswith("The workspace refused: + volume dev.bronz_db.landing_zone. ")


def test_who_applies_without_owning_is_told_what_is_lacking(governed: FakeServer) -> None:
    governed.catalog.securables["dev.silver_db.users"].comment = "mine"
    governed.catalog.securables["dev.silver_db.workouts"].comment = "mine"
    # The preflight has looked when somebody takes the right away.
    governed.on_write = lambda number: governed.catalog.principals.groups["fitness_owners"].clear()
    with pytest.raises(GovernanceError, match=r"must be a member of fitness_owners"):
        list(governed_workspace(governed).apply())


def test_a_change_that_the_workspace_does_not_keep_is_not_called_done(governed: FakeServer) -> None:
    governed.catalog.securables["dev.silver_db.users"].comment = "mine"
    governed.catalog.keeps_comments = False
    with pytest.raises(GovernanceError, match=r"does not keep them: ~ comment of table dev.silver_db.users"):
        list(governed_workspace(governed).apply())


def test_a_statement_that_is_refused_says_what_and_why(governed: FakeServer) -> None:
    governed.catalog.securables["dev.governance.sees_gym"].owner = "intern@example.com"
    governed.catalog.securables["dev.governance.sees_gym"].function["body"] = "TRUE"
    # The owner is changed first, so that the function can be put right.
    assert [line.split(":")[0] for line in governed_workspace(governed).apply() if not line.startswith(".")] == [
        "~ owner of function dev.governance.sees_gym",
        "~ function dev.governance.sees_gym",
    ]
    governed.catalog.securables["dev.silver_db.users"].columns.pop("mac_address")
    with pytest.raises(GovernanceError, match=r"\+ comment of table dev.silver_db.users, mac_address: .*UNRESOLVED"):
        list(governed_workspace(governed).apply())
