"""Where the folders of tables lie."""

from pathlib import Path

from fitness_assets.contracts.model import Table
from fitness_assets.settings import Settings


def table_folder(settings: Settings, table: Table) -> Path:
    """The folder of a table: in the data zone; of one that holds the state of another beside its notes."""
    if table.state_of:
        return settings.checkpoint_zone / table.layer.value / table.state_of / table.state_name
    return settings.data_zone / table.layer.value / table.name


def scratch_folder(folder: Path) -> Path:
    """Where files of a table are made that no commit names yet: on the disk of the table, hidden from its readers."""
    return folder / "_staging"
