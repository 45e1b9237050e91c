"""The one entry point for Dagster. Importing it starts no engine, opens no connection and reads no environment."""

from dagster import Definitions, definitions, in_process_executor

from fitness_assets.defs.assets.source_assets import source_assets
from fitness_assets.defs.assets.sql_extraction import sql_extraction_assets
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.defs.automation.default_status import default_schedule_status, default_sensor_status
from fitness_assets.defs.automation.kafka_lag_sensor import kafka_lag_sensor
from fitness_assets.defs.automation.landing_zone_sensor import landing_zone_sensor
from fitness_assets.defs.automation.retention_sensor import retention_sensor
from fitness_assets.defs.automation.schedules import schedules
from fitness_assets.defs.jobs.registry import ALL_JOBS
from fitness_assets.defs.monitoring.alert_sensor import alert_sensor, alerts_asset
from fitness_assets.resources.debouncer import RunRequestDebouncer
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.landing_zone_watcher import LandingZoneWatcher
from fitness_assets.resources.spark import SparkResource
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets.settings.dagster import DagsterSettings


@definitions
def defs() -> Definitions:
    """All of Dagster's definitions. Dagster calls it when it loads the code location; `FITNESS_AUTOMATIC` and
    `FITNESS_CODE_URL` are read then."""
    spark = SparkResource()
    return Definitions(
        assets=[
            *source_assets(),
            *sql_extraction_assets(),
            table_assets(DagsterSettings.from_env().code_url),
            alerts_asset(),
        ],
        jobs=ALL_JOBS,
        sensors=[
            landing_zone_sensor(default_sensor_status()),
            kafka_lag_sensor(default_sensor_status()),
            alert_sensor(default_sensor_status()),
            retention_sensor(default_sensor_status()),
        ],
        schedules=schedules(default_schedule_status()),
        resources={
            "spark": spark,
            "lakehouse": LakehouseResource(spark=spark),
            "sql_source": SqlSourceResource(),
            "landing_zone_watcher": LandingZoneWatcher(),
            "kafka_lag_watcher": KafkaLagWatcher(),
            "debouncer": RunRequestDebouncer(),
        },
        executor=in_process_executor,
    )
