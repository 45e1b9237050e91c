"""Each change as the one call or statement that makes it; every one may be repeated."""

from typing import Any

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import ResourceConflict
from databricks.sdk.service.catalog import VolumeType

from fitness_assets.databricks.calls import Sql, refused
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.declared import Declared
from fitness_assets.databricks.governance.found import DELETED, kind_of
from fitness_assets.databricks.governance.masks import gym_filter
from fitness_assets.databricks.governance.privileges import Kind, Securable, identifier, literal
from fitness_assets.databricks.state import Aspect, Change
from fitness_assets.errors import GovernanceError, WorkspaceError


class Applier:
    """Makes changes in the catalog, one at a time."""

    def __init__(self, client: Client, sql: Sql, declared: Declared) -> None:
        self._client = client
        self._sql = sql
        self._declared = declared

    def apply(self, change: Change) -> None:
        """Make one change.

        Raises:
            GovernanceError: the workspace refuses it; the message has the change and the reason.
        """
        on = kind_of(change.fact.on)
        try:
            match change.fact.aspect:
                case Aspect.EXISTS:
                    self._create(on)
                case Aspect.GRANT:
                    self._grant(on, change)
                case Aspect.OWNER:
                    self._own(on, change.after or "")
                case _:
                    self._sql.run(self.statement(on, change))
        except GovernanceError as error:
            raise GovernanceError(f"{change}: {error}{self._hint(str(error))}") from error
        except DatabricksError as error:
            raise refused(error, f"{change}{self._hint(error.error_code or '')}") from error
        except WorkspaceError as error:
            raise refused(error, str(change)) from error

    def _hint(self, said: str) -> str:
        owners = self._declared.workspace.owners
        lacking = "PERMISSION_DENIED" in said or "INSUFFICIENT_PERMISSIONS" in said
        return f" (whoever applies must be a member of {owners})" if lacking else ""

    def statement(self, on: Securable, change: Change) -> str:
        """The SQL of a change that is made by SQL."""
        fact, value = change.fact, change.after
        words = on.kind.name
        match fact.aspect:
            case Aspect.FUNCTION:
                return self._declared.functions[on].sql
            case Aspect.VIEW:
                view = self._declared.views[on]
                query = view.sql(self._declared.workspace, gym_filter(self._declared.workspace).on.sql)
                return f"CREATE OR REPLACE VIEW {on.sql} COMMENT {literal(view.description)} AS {query}"
            case Aspect.COMMENT if fact.detail:
                return f"ALTER TABLE {on.sql} ALTER COLUMN {identifier(fact.detail[0])} COMMENT {literal(value or '')}"
            case Aspect.COMMENT:
                return f"COMMENT ON {words} {on.sql} IS {literal(value or '')}"
            case Aspect.TAG:
                *column, tag = fact.detail
                what = "VIEW" if on in self._declared.views else words
                of = f"ALTER {what} {on.sql}" + (f" ALTER COLUMN {identifier(column[0])}" if column else "")
                if value is None:
                    return f"{of} UNSET TAGS ({literal(tag)})"
                return f"{of} SET TAGS ({literal(tag)} = {literal(value)})"
            # No table is declared to have one: with it the pipeline could not read the table's history.
            case Aspect.MASK:
                return f"ALTER TABLE {on.sql} ALTER COLUMN {identifier(fact.detail[0])} DROP MASK"
            case Aspect.FILTER:
                return f"ALTER TABLE {on.sql} DROP ROW FILTER"
        raise AssertionError(f"{fact.aspect} is not made by SQL.")

    def _create(self, on: Securable) -> None:
        *above, name = on.name.split(".")
        try:
            if on.kind is Kind.CATALOG:
                storage = self._declared.workspace.storage
                self._client.catalogs.create(name, storage_root=storage)
            elif on.kind is Kind.SCHEMA:
                self._client.schemas.create(name, above[0])
            else:
                self._client.volumes.create(above[0], above[1], name, VolumeType.MANAGED)
        except ResourceConflict:
            # It was made by the attempt before this one, or by somebody else just now.
            return

    def _grant(self, on: Securable, change: Change) -> None:
        principal, privilege = change.fact.detail
        path = f"/api/2.1/unity-catalog/permissions/{on.kind.value}/{on.name}"
        # Not the SDK's own call: its list of privileges is older than Unity Catalog's, and a newer one must go too.
        who: dict[str, Any] = {"principal": principal}
        if principal.startswith(DELETED):
            who = {"principal_id": int(principal.removeprefix(DELETED))}
        delta = {**who, "add" if change.after else "remove": [privilege]}
        self._client.api_client.do("PATCH", path, body={"changes": [delta]})

    def _own(self, on: Securable, owner: str) -> None:
        match on.kind:
            case Kind.CATALOG:
                self._client.catalogs.update(on.name, owner=owner)
            case Kind.SCHEMA:
                self._client.schemas.update(on.name, owner=owner)
            case Kind.VOLUME:
                self._client.volumes.update(on.name, owner=owner)
            case Kind.FUNCTION:
                self._client.functions.update(on.name, owner=owner)
            case Kind.TABLE:
                self._client.tables.update(on.name, owner=owner)
