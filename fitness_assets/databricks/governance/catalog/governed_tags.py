"""The tag of personal data as a governed tag of the account: nobody gives it another value than the contracts know.

A governed tag belongs to the account and not to one catalog, so it is governed only where FITNESS_GOVERNED_TAGS says
so, and values that are there for others stay.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import BadRequest, NotImplemented, PermissionDenied, ResourceConflict

from fitness_assets.contracts.model import Pii
from fitness_assets.databricks.changes import Aspect, Change, ChangePlan, Fact, changes_between
from fitness_assets.databricks.client import Client, get_or_none
from fitness_assets.databricks.errors import refusal
from fitness_assets.databricks.workspace import Workspace

# Not the SDK's own calls: the SDK that goes with dagster-databricks has none.
_TAGS = "/api/2.1/tag-policies"
_PII = "pii"
_DESCRIPTION = "Classes of personal data: which person it is, where the person is found, what the body did."


class GovernedTags:
    """The governed tags that ours are."""

    def __init__(self, client: Client, workspace: Workspace) -> None:
        self._api = client.api_client
        self._is_wanted = workspace.governs_tags

    def plan(self) -> ChangePlan:
        """Compare; it changes nothing."""
        if not self._is_wanted:
            return ChangePlan([], [])
        fact, values = Fact(Aspect.GOVERNED_TAG, f"governed tag {_PII}"), self._values()
        actual = {} if values is None else {fact: _text(values)}
        desired = _ours().union(values or ()) if values != [] else set()
        return ChangePlan(changes_between(actual, {fact: _text(desired)}), [])

    def apply(self, change: Change) -> None:
        """Make one change; it may be repeated.

        Raises:
            GovernanceError: the workspace refuses it.
        """
        values = [{"name": name} for name in str(change.after).split(", ")]
        body: dict[str, Any] = {"tag_key": _PII, "description": _DESCRIPTION, "values": values}
        try:
            if change.before is None:
                self._api.do("POST", _TAGS, body=body)
            else:
                self._api.do("PATCH", f"{_TAGS}/{quote(_PII)}", query={"update_mask": "values"}, body=body)
        except ResourceConflict:
            # It was made by the attempt before this one, or by somebody else just now; it is compared once more.
            return
        except DatabricksError as error:
            raise refusal(error, str(change)) from error

    def missing(self) -> Iterator[str]:
        """A line where somebody else governs the tag and does not allow our values.

        Where we may not know, or the account has no governed tags, there is none: then the attempt tells.
        """
        try:
            values = None if self._is_wanted else self._values()
        except (BadRequest, PermissionDenied, NotImplemented):
            return
        lacking = _ours().difference(values) if values else set()
        if lacking:
            yield (
                f"The governed tag {_PII} of the account does not allow {_text(lacking)}: whoever manages it adds "
                "them, or FITNESS_GOVERNED_TAGS=1 does it here."
            )

    def _values(self) -> list[str] | None:
        """The values that it may have, all where there are none; None where it is not governed."""
        policy: Any = get_or_none(lambda: self._api.do("GET", f"{_TAGS}/{quote(_PII)}"))
        return None if policy is None else [value["name"] for value in policy.get("values", [])]


def _ours() -> set[str]:
    return {pii.value for pii in Pii}


def _text(values: set[str] | list[str]) -> str:
    return ", ".join(sorted(values))
