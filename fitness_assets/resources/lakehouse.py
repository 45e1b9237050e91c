"""The lakehouse."""

from dagster import ConfigurableResource

from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.resources.spark import SparkResource
from fitness_assets.settings import Settings


class LakehouseResource(ConfigurableResource[Lakehouse]):
    """The tables below `FITNESS_BASE_DIR`, or in `FITNESS_CATALOG`, as of `FITNESS_AS_OF`."""

    spark: SparkResource

    def lakehouse(self) -> Lakehouse:
        settings = Settings.from_env()
        if settings.catalog is None:
            # For its owner alone from the start, whatever Dagster was started by.
            settings.base_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_lakehouse(settings, self.spark.session)
