"""The one place that chooses between tables in folders and tables in a catalog."""

from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.rows.rowset import SparkProvider
from fitness_assets.settings import Settings


def open_lakehouse(settings: Settings, spark: SparkProvider) -> Lakehouse:
    """The lakehouse that the settings name.

    Args:
        spark: gives the session; it is called once something needs Spark.
    """
    if settings.catalog is None:
        from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse

        return LocalLakehouse(settings, spark)
    from fitness_assets.lakehouse.unity.lakehouse import UnityLakehouse

    return UnityLakehouse(settings, spark)
