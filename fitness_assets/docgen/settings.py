"""The settings in the documents, from the models that read them."""

from collections.abc import Iterator, Sequence

from pydantic.fields import FieldInfo

from fitness_assets.docgen.markdown import markdown_table
from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets.settings.alerts import AlertSettings
from fitness_assets.settings.dagster import DagsterSettings
from fitness_assets.settings.dashboard import DashboardSettings
from fitness_assets.settings.databricks import DatabricksSettings, WorkspaceSettings
from fitness_assets.settings.engine import EngineSettings, MachineSettings
from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import DefaultText, ReadFrom
from fitness_assets.settings.governance import GovernanceSettings
from fitness_assets.settings.sql_source import SqlSettings

Models = Sequence[type[EnvironmentSettings]]

PLATFORM: Models = (Settings, EngineSettings, KafkaSettings, SqlSettings, DagsterSettings, DashboardSettings)
DATABRICKS: Models = (DatabricksSettings,)
GOVERNANCE: Models = (WorkspaceSettings, GovernanceSettings)
ALERTS: Models = (AlertSettings,)
MACHINE: Models = (MachineSettings,)


def render_settings(models: Models) -> str:
    """A table with a row for each variable that the models read."""
    rows = {row[0]: row for model in models for row in _rows(model)}
    return markdown_table(("setting", "what", "default"), rows.values())


def _rows(model: type[EnvironmentSettings]) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        prefix = "".join(marker.variables for marker in field.metadata if isinstance(marker, ReadFrom))
        if variable := model.variable(name) or prefix:
            yield f"`{variable}`", field.description or "", _default(field)


def _default(field: FieldInfo) -> str:
    """The default in words; empty where there is none to tell."""
    texts = [marker.words for marker in field.metadata if isinstance(marker, DefaultText)]
    if texts:
        return texts[0]
    if isinstance(field.default, int | float):
        return f"{field.default:,.10g}"
    return f"`{field.default}`" if isinstance(field.default, str) and field.default else ""
