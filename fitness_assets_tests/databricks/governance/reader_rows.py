"""Real rows behind the views that a workspace holds, as each reader would see them."""

import re
from datetime import date, datetime
from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer

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


def functions(server: FakeServer) -> dict[str, dict[str, str]]:
    """Parameter, type and body of each function that the workspace holds, by its last name."""
    securables = server.catalog.securables.items()
    return {name.split(".")[-1]: securable.function for name, securable in securables if securable.type == "function"}


def view_text(server: FakeServer, view: str) -> str:
    """A view of the shared schema as the workspace holds it, the names of catalog and schemas cut off."""
    return without_schemas(server.catalog.securables[f"dev.shared_db.{view}"].view or "")


def without_schemas(statement: str) -> str:
    return re.sub(r"`?dev`?\.`?(governance|silver_db|gold_db)`?\.", "", statement)


def expected_rows(table_name: str, reader: str) -> list[dict[str, Any]]:
    """What a reader should see, written down by hand."""
    sees_all = reader in ("engineer", "service")
    rows = ROWS[table_name]
    if table_name == "gold_db.gym_summary" and not sees_all and reader != "data scientist":
        gyms = {"analyst of gym 5": {5}, "analyst of all gyms": {5, 6}}.get(reader, set())
        rows = [row for row in rows if row["gym"] in gyms]
    identity = {"user_id", "mac_address", "login", "gender", "city", "state"}
    health = {"minutes_exercising", "min_bpm", "avg_bpm", "max_bpm"}
    masked = set() if sees_all else identity if reader == "data scientist" else identity | health
    return [{column: None if column in masked else value for column, value in row.items()} for row in rows]
