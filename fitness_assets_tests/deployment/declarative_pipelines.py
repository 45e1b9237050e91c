"""The Lakeflow pipelines of the emulated workspace, as far as a deploy touches them; names need not be unique there."""

import re
import uuid
from typing import Any

PATH = "/api/2.0/pipelines"
Answer = tuple[dict[str, Any], int]


class DeclarativePipelines:
    """What each pipeline is declared to be, by its id."""

    def __init__(self) -> None:
        self.specs: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        """What the workspace answers to a call below `PATH`."""
        pipeline_id = path.removeprefix(PATH).strip("/")
        if method == "POST" and not pipeline_id:
            pipeline_id = str(uuid.uuid4())
            self.specs[pipeline_id] = {**body, "id": pipeline_id}
            return {"pipeline_id": pipeline_id}, 200
        if not pipeline_id:
            name = re.fullmatch("name LIKE '(.*)'", query.get("filter", "name LIKE '.*'"))
            statuses = [self._status(one) for one, spec in self.specs.items() if name and spec["name"] == name[1]]
            return {"statuses": statuses}, 200
        if pipeline_id not in self.specs:
            return {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"No pipeline {pipeline_id}"}, 404
        if method == "PUT":
            self.specs[pipeline_id] = {**body, "id": pipeline_id}
        return {**self._status(pipeline_id), "spec": self.specs[pipeline_id]}, 200

    def _status(self, pipeline_id: str) -> dict[str, Any]:
        return {"pipeline_id": pipeline_id, "name": self.specs[pipeline_id]["name"], "state": "IDLE"}
