"""The one place that chooses between tables in folders and tables in a catalog."""

import logging
from pathlib import Path

from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.rows.rowset import SparkProvider
from fitness_assets.private_files import close_base
from fitness_assets.settings import Settings

log = logging.getLogger("fitness_assets")

_TOLD: set[Path] = set()
"""Of these base folders it was said in this process that they are open."""


def open_lakehouse(settings: Settings, spark: SparkProvider) -> Lakehouse:
    """The lakehouse that the settings name. A base folder of tables in folders is closed to other users.

    Args:
        spark: gives the session; it is called once something needs Spark.
    """
    if settings.catalog is None:
        _close_base(settings)
        from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse

        return LocalLakehouse(settings, spark)
    from fitness_assets.lakehouse.unity.lakehouse import UnityLakehouse

    return UnityLakehouse(settings, spark)


def _close_base(settings: Settings) -> None:
    """Let nobody else look into the base folder, and say what is done about one that is open."""
    is_closed = close_base(settings.base_dir, settings.landing_zone)
    if is_closed:
        log.warning(
            "%s was open to other users of this machine; from now on it is not. Where others are to land files, "
            "let FITNESS_LANDING_ZONE name a folder outside of it.",
            settings.base_dir,
        )
    elif is_closed is None and settings.base_dir not in _TOLD:
        _TOLD.add(settings.base_dir)
        log.warning(
            "%s is open to other users of this machine, and tables of people lie in it. Close it (chmod 700), "
            "and let FITNESS_LANDING_ZONE name a folder outside of it where others are to land files.",
            settings.base_dir,
        )
