"""What commands that work on folders alone say of a catalog."""

from typing import TYPE_CHECKING

from fitness_assets.errors import SettingError

if TYPE_CHECKING:
    from fitness_assets.settings import Settings


def settings_of_folders() -> "Settings":
    """The settings of this process.

    Raises:
        SettingError: the tables are in a catalog, or a setting cannot be understood.
    """
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    if settings.catalog is not None:
        raise SettingError(
            f"FITNESS_CATALOG is {settings.catalog!r}; this command works on tables in folders alone. In a catalog the "
            f"job 'fitness_assets integration test' validates, and DROP TABLE removes."
        )
    return settings
