"""The lakehouse."""

from dagster import ConfigurableResource

from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.resources.spark import SparkResource
from fitness_assets.settings import Settings


class LakehouseResource(ConfigurableResource[Lakehouse]):
    """The tables below `FITNESS_BASE_DIR`, or in `FITNESS_CATALOG`, as of `FITNESS_AS_OF`."""

    spark: SparkResource

    def lakehouse(self) -> Lakehouse:
        return open_lakehouse(Settings.from_env(), self.spark.session)
