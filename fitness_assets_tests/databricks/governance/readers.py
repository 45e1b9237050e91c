"""Real rows behind the views that a workspace holds, as each role would see them."""

from datetime import date, datetime
from typing import Any

from fitness_assets_tests.databricks.governance.server import FakeWorkspace

GROUPS = {
    "analyst": {"fitness_analysts"},
    "analyst of gym 5": {"fitness_analysts", "fitness_gym_5"},
    "analyst of all gyms": {"fitness_analysts", "fitness_all_gyms"},
    "data scientist": {"fitness_data_scientists"},
    "engineer": {"fitness_engineers"},
    "service": {"fitness_service"},
    "stranger": set(),
}
NOON = datetime(2026, 2, 1, 12)

ROWS: dict[str, list[dict[str, Any]]] = {
    "gold_db.gym_summary": [
        {
            "date": date(2026, 2, 1),
            "gym": gym,
            "mac_address": f"aa:{gym}",
            "workout_id": 1,
            "session_id": gym,
            "minutes_in_gym": 60.5,
            "minutes_exercising": 40.25,
            "user_id": 100 + gym,
            "login": NOON,
        }
        for gym in (5, 6)
    ],
    "gold_db.workout_bpm_summary": [
        {
            "workout_id": 1,
            "session_id": 5,
            "user_id": 105,
            "age": "25-35",
            "gender": "F",
            "city": "Portland",
            "state": "OR",
            "min_bpm": 60.0,
            "avg_bpm": 120.5,
            "max_bpm": 180.0,
            "num_recordings": 9,
        }
    ],
}


def functions(server: FakeWorkspace) -> dict[str, dict[str, str]]:
    """Parameter, type and body of each function that the workspace holds, by its last name."""
    things = server.unity.things.items()
    return {name.split(".")[-1]: thing.function for name, thing in things if thing.kind == "function"}


def view_text(server: FakeWorkspace, view: str) -> str:
    """A view of the shared schema as the workspace holds it, the names of catalog and schemas cut off."""
    return local(server.unity.things[f"dev.shared_db.{view}"].view or "")


def local(statement: str) -> str:
    for schema in ("governance", "silver_db", "gold_db"):
        statement = statement.replace(f"`dev`.`{schema}`.", "")
    return statement


def expected(name: str, who: str) -> list[dict[str, Any]]:
    """What a role should see, written down by hand."""
    clear = who in ("engineer", "service")
    rows = ROWS[name]
    if name == "gold_db.gym_summary" and not clear and who != "data scientist":
        gyms = {"analyst of gym 5": {5}, "analyst of all gyms": {5, 6}}.get(who, set())
        rows = [row for row in rows if row["gym"] in gyms]
    identity = {"user_id", "mac_address", "login", "gender", "city", "state"}
    health = {"minutes_exercising", "min_bpm", "avg_bpm", "max_bpm"}
    hidden = set() if clear else identity if who == "data scientist" else identity | health
    return [{key: None if key in hidden else value for key, value in row.items()} for row in rows]
