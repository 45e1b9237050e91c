"""What the fake workspace answers to calls about files of volumes."""

from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import not_found
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

Json = dict[str, Any]


def list_directory(state: FakeState, query: Json, body: Json, path: str) -> Json:
    names = [name for name in state.files if name.rpartition("/")[0] == path]
    if not names:
        raise not_found(path)
    entries = [{"path": name, "name": name.rpartition("/")[2], "file_size": len(state.files[name])} for name in names]
    return {"contents": [{**entry, "is_directory": False} for entry in entries]}


def download_file(state: FakeState, query: Json, body: Json, path: str) -> bytes:
    if path not in state.files:
        raise not_found(path)
    return state.files[path]
