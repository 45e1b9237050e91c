"""The AI/BI dashboards of the emulated workspace, as far as a deploy touches them.

A dashboard is a file in the workspace beside its entry, so that a second one of the same name in the same folder is
refused.
"""

import re
import uuid
from typing import Any

PATH = "/api/2.0/lakeview/dashboards"
Answer = tuple[dict[str, Any], int]


class Dashboards:
    """Drafts and what is published of them, by their ids."""

    def __init__(self) -> None:
        self.drafts: dict[str, dict[str, Any]] = {}
        self.published: dict[str, dict[str, Any]] = {}

    def clear(self) -> None:
        self.drafts.clear()
        self.published.clear()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """What the workspace answers to a call below `PATH`."""
        match = re.fullmatch(rf"{PATH}(?:/([0-9a-f]+))?(/published)?", path)
        if not match:
            return {"error_code": "ENDPOINT_NOT_FOUND", "message": path}, 404
        dashboard_id, is_published = match.groups()
        if dashboard_id is None:
            return ({"dashboards": list(self.drafts.values())}, 200) if method == "GET" else self._create(body)
        if dashboard_id not in self.drafts:
            return {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"Unable to find dashboard {dashboard_id}"}, 404
        if is_published:
            if method == "POST":
                self.published[dashboard_id] = {**body, "display_name": self.drafts[dashboard_id]["display_name"]}
            if dashboard_id not in self.published:
                message = f"Unable to find published dashboard [dashboardId={dashboard_id}]"
                return {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": message}, 404
            return self.published[dashboard_id], 200
        if method == "PATCH":
            self.drafts[dashboard_id] |= body
        return self.drafts[dashboard_id], 200

    def _create(self, body: dict[str, Any]) -> Answer:
        place = (body["parent_path"], body["display_name"])
        if place in {(draft["parent_path"], draft["display_name"]) for draft in self.drafts.values()}:
            name = f"{body['display_name']}.lvdash.json"
            return {"error_code": "RESOURCE_ALREADY_EXISTS", "message": f"Node named '{name}' already exists"}, 409
        dashboard_id = uuid.uuid4().hex
        path = "/".join(place) + ".lvdash.json"
        self.drafts[dashboard_id] = {
            **body,
            "dashboard_id": dashboard_id,
            "path": path,
            "etag": "1",
            "lifecycle_state": "ACTIVE",
        }
        return self.drafts[dashboard_id], 200
