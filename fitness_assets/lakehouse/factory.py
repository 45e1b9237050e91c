"""The one place that chooses between tables in folders and tables in a catalog."""

import logging

from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.rows.rowset import SparkProvider
from fitness_assets.private_files import close_to_others
from fitness_assets.settings import Settings

log = logging.getLogger("fitness_assets")


def open_lakehouse(settings: Settings, spark: SparkProvider) -> Lakehouse:
    """The lakehouse that the settings name. A base folder of tables in folders is closed to other users.

    Args:
        spark: gives the session; it is called once something needs Spark.
    """
    if settings.catalog is None:
        if close_to_others(settings.base_dir):
            log.warning(
                "%s was open to other users of this machine; from now on it is not. Where others are to land files, "
                "let FITNESS_LANDING_ZONE name a folder outside of it.",
                settings.base_dir,
            )
        from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse

        return LocalLakehouse(settings, spark)
    from fitness_assets.lakehouse.unity.lakehouse import UnityLakehouse

    return UnityLakehouse(settings, spark)
