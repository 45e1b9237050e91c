"""Each change as the calls or the statement that make it; every one may be repeated."""

from typing import Any

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import ResourceConflict
from databricks.sdk.service.catalog import VolumeType

from fitness_assets.databricks.changes import Aspect, Change
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.errors import refusal
from fitness_assets.databricks.governance.access.shared_views import view_query
from fitness_assets.databricks.governance.catalog.desired import DesiredCatalog
from fitness_assets.databricks.governance.securables.grants import DELETED_PRINCIPAL
from fitness_assets.databricks.governance.securables.keys import actual_key_facts, key_statements
from fitness_assets.databricks.governance.securables.privileges import Securable, SecurableType
from fitness_assets.databricks.governance.securables.quoting import quote_name, quote_string
from fitness_assets.databricks.sql_warehouse import SqlWarehouse
from fitness_assets.errors import GovernanceError, WorkspaceError


class CatalogApplier:
    """Makes changes in the catalog, one at a time."""

    def __init__(self, client: Client, warehouse: SqlWarehouse, desired: DesiredCatalog) -> None:
        self._client = client
        self._warehouse = warehouse
        self._desired = desired

    def apply(self, change: Change) -> None:
        """Make one change.

        Raises:
            GovernanceError: the workspace refuses it; the message has the change and the reason.
        """
        securable = Securable.parse(change.fact.subject)
        try:
            match change.fact.aspect:
                case Aspect.EXISTS:
                    self._create(securable)
                case Aspect.GRANT:
                    self._change_grant(securable, change)
                case Aspect.OWNER:
                    self._set_owner(securable, change.after or "")
                case Aspect.FUNCTION:
                    self._warehouse.execute(self._desired.functions[securable].sql)
                    # A replaced function belongs to whoever replaced it, and until it is handed over the views that
                    # call it answer nobody.
                    self._set_owner(securable, self._desired.workspace.owners)
                case Aspect.PRIMARY_KEY | Aspect.FOREIGN_KEY:
                    self._change_key(securable, change)
                case _:
                    self._warehouse.execute(self._statement(securable, change))
        except GovernanceError as error:
            raise GovernanceError(f"{change}: {error}{self._hint(str(error))}") from error
        except DatabricksError as error:
            raise refusal(error, f"{change}{self._hint(error.error_code or '')}") from error
        except WorkspaceError as error:
            raise refusal(error, str(change)) from error

    def _hint(self, reason: str) -> str:
        owners = self._desired.workspace.owners
        is_denied = "PERMISSION_DENIED" in reason or "INSUFFICIENT_PERMISSIONS" in reason
        return f" (whoever applies must be a member of {owners})" if is_denied else ""

    def _statement(self, securable: Securable, change: Change) -> str:
        """The SQL of a change that is made by SQL."""
        fact, value = change.fact, change.after
        type_name = securable.type.name
        match fact.aspect:
            case Aspect.VIEW:
                workspace = self._desired.workspace
                query = view_query(workspace, self._desired.views[securable])
                # Never replaced: that would drop its grants, its tags and its owner.
                verb = "CREATE VIEW IF NOT EXISTS" if change.before is None else "ALTER VIEW"
                return f"{verb} {securable.sql} AS {query}"
            case Aspect.COMMENT if fact.detail:
                column = quote_name(fact.detail[0])
                return f"ALTER TABLE {securable.sql} ALTER COLUMN {column} COMMENT {quote_string(value or '')}"
            case Aspect.COMMENT:
                return f"COMMENT ON {type_name} {securable.sql} IS {quote_string(value or '')}"
            case Aspect.TAG:
                *columns, tag = fact.detail
                # ALTER VIEW knows no columns; the tags of a view's columns are changed by ALTER TABLE.
                is_view = securable in self._desired.views and not columns
                alter = f"ALTER {'VIEW' if is_view else type_name} {securable.sql}"
                alter += f" ALTER COLUMN {quote_name(columns[0])}" if columns else ""
                if value is None:
                    return f"{alter} UNSET TAGS ({quote_string(tag)})"
                return f"{alter} SET TAGS ({quote_string(tag)} = {quote_string(value)})"
            case Aspect.CLUSTERING:
                names = ", ".join(map(quote_name, (value or "").split(", ")))
                return f"ALTER TABLE {securable.sql} CLUSTER BY ({names})"
            case Aspect.PREDICTIVE_OPTIMIZATION:
                return f"ALTER CATALOG {securable.sql} {value} PREDICTIVE OPTIMIZATION"
            # No table is declared to have one: with it the pipeline could not read the table's history.
            case Aspect.MASK:
                return f"ALTER TABLE {securable.sql} ALTER COLUMN {quote_name(fact.detail[0])} DROP MASK"
            case Aspect.FILTER:
                return f"ALTER TABLE {securable.sql} DROP ROW FILTER"
        raise AssertionError(f"{fact.aspect} is not made by SQL.")

    def _create(self, securable: Securable) -> None:
        *parents, name = securable.name.split(".")
        try:
            if securable.type is SecurableType.CATALOG:
                self._client.catalogs.create(name, storage_root=self._desired.workspace.storage)
            elif securable.type is SecurableType.SCHEMA:
                self._client.schemas.create(name, parents[0])
            else:
                self._client.volumes.create(parents[0], parents[1], name, VolumeType.MANAGED)
        except ResourceConflict:
            # It was made by the attempt before this one, or by somebody else just now.
            return

    def _change_key(self, securable: Securable, change: Change) -> None:
        try:
            for statement in key_statements(change):
                self._warehouse.execute(statement)
        except GovernanceError:
            # A key cannot be added "if not exists": it may have been added by the attempt before this one.
            keys = actual_key_facts(securable, self._client.tables.get(securable.name))
            if keys.get(change.fact) != change.after:
                raise

    def _change_grant(self, securable: Securable, change: Change) -> None:
        principal, privilege = change.fact.detail
        path = f"/api/2.1/unity-catalog/permissions/{securable.type.value}/{securable.name}"
        # Not the SDK's own call: its list of privileges is older than Unity Catalog's, and a newer one must go too.
        grantee: dict[str, Any] = {"principal": principal}
        if principal.startswith(DELETED_PRINCIPAL):
            grantee = {"principal_id": int(principal.removeprefix(DELETED_PRINCIPAL))}
        permission_change = {**grantee, "add" if change.after else "remove": [privilege]}
        self._client.api_client.do("PATCH", path, body={"changes": [permission_change]})

    def _set_owner(self, securable: Securable, owner: str) -> None:
        match securable.type:
            case SecurableType.CATALOG:
                self._client.catalogs.update(securable.name, owner=owner)
            case SecurableType.SCHEMA:
                self._client.schemas.update(securable.name, owner=owner)
            case SecurableType.VOLUME:
                self._client.volumes.update(securable.name, owner=owner)
            case SecurableType.FUNCTION:
                self._client.functions.update(securable.name, owner=owner)
            case SecurableType.TABLE:
                self._client.tables.update(securable.name, owner=owner)
