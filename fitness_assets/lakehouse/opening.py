"""The one place that chooses between tables in folders and tables in a catalog."""

from collections.abc import Callable

from pyspark.sql import SparkSession

from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.settings import Settings


def open_lakehouse(settings: Settings, spark: Callable[[], SparkSession]) -> Lakehouse:
    """The lakehouse that the settings name; only one in a catalog asks for the session at once."""
    if settings.catalog is None:
        return Lakehouse(settings)
    from fitness_assets.lakehouse.catalog import CatalogLakehouse

    return CatalogLakehouse(settings, spark())
