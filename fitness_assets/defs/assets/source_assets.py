"""What lies upstream of us: SQL tables, Kafka topics and the folders of the landing zone that others fill.

Topics and folders are observable: the sensors record what they hold, with its data version, so that it shows when
something landed, and an `AutomationCondition` downstream of them fires.
"""

from collections.abc import Callable, Iterator

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    ObserveResult,
    ResourceParam,
    TableColumn,
    TableColumnConstraints,
    TableSchema,
    multi_observable_source_asset,
)

from fitness_assets.contracts.feeds import (
    DATE_LOOKUP,
    FILE_FEEDS,
    GYM_LOGINS,
    KAFKA_RECORDS,
    REGISTERED_USERS,
    TOPICS,
    Field,
)
from fitness_assets.defs.asset_keys import folder_asset_key, sql_table_asset_key, topic_asset_key
from fitness_assets.defs.beta import beta_allowed
from fitness_assets.defs.events import folder_observe_result, topic_observe_result
from fitness_assets.resources.kafka_lag_watcher import KafkaLagWatcher
from fitness_assets.resources.landing_zone_watcher import LandingZoneWatcher

SQL_TABLES = {REGISTERED_USERS.name: "registered_users", GYM_LOGINS.name: "gym_logins"}
"""The SQL table that each extracted folder comes from."""
OBSERVED_FOLDERS = frozenset(folder.name for folder in FILE_FEEDS.values()) - frozenset(SQL_TABLES)
"""The folders that nothing of ours fills."""
OWNERS = ["team:data-platform"]
_TOPIC_DESCRIPTIONS = {
    "user_info": "what people change in their profiles.",
    "workout": "starts and stops of workouts.",
    "bpm": "heart rates as the wearables measure them.",
}
_FOLDER_DESCRIPTIONS = {
    KAFKA_RECORDS.name: "Records of the three topics as files, one JSON object a line.",
    DATE_LOOKUP.name: "The financial calendar's history, one JSON object a line.",
}


def source_assets() -> list[AssetSpec | AssetsDefinition]:
    """Sources, in their own groups, so that the graph shows the whole way."""
    return [*_sql_tables(), _topics(), _folders()]


def _sql_tables() -> list[AssetSpec]:
    return [
        _source_spec(
            sql_table_asset_key(sql_table),
            f"The table `{sql_table}` in Azure SQL, which the business system writes. We only read it.",
            "sqlserver",
            FILE_FEEDS[f"bronz_db.{folder_name}"].fields,
        )
        for folder_name, sql_table in SQL_TABLES.items()
    ]


def _topics() -> AssetsDefinition:
    specs = [
        _source_spec(
            topic_asset_key(topic),
            f"The Kafka topic `{topic}`: {_TOPIC_DESCRIPTIONS[topic]} A value is one event as a JSON object; the "
            f"columns are its fields. How many records are unread is observed while the sensor `kafka_lag_sensor` is "
            f"on.",
            "kafka",
            fields,
        )
        for topic, fields in TOPICS.items()
    ]

    @_observable("observe_topics", specs, "Looks at what the topics hold.")
    def observe_topics(
        context: AssetExecutionContext, kafka_lag_watcher: ResourceParam[KafkaLagWatcher]
    ) -> Iterator[ObserveResult]:
        monitor = kafka_lag_watcher.monitor
        if monitor is None:
            context.log.info("KAFKA_BOOTSTRAP_SERVERS is not set: there is no broker to look at.")
            return
        for lag in monitor.measure():
            if topic_asset_key(lag.topic) in context.selected_asset_keys:
                yield topic_observe_result(lag)

    return observe_topics


def _folders() -> AssetsDefinition:
    specs = [
        AssetSpec(
            folder_asset_key(folder.name),
            description=_FOLDER_DESCRIPTIONS[folder.name],
            group_name="landing_zone",
            kinds={folder.format.value},
            owners=OWNERS,
            metadata={"dagster/column_schema": _column_schema(folder.fields)},
        )
        for folder in FILE_FEEDS.values()
        if folder.name in OBSERVED_FOLDERS
    ]

    @_observable("observe_landing_zone", specs, "Looks at what lies in the folders.")
    def observe_landing_zone(
        context: AssetExecutionContext, landing_zone_watcher: ResourceParam[LandingZoneWatcher]
    ) -> Iterator[ObserveResult]:
        for folder_name, fingerprint in landing_zone_watcher.fingerprints().items():
            if folder_asset_key(folder_name) in context.selected_asset_keys:
                yield folder_observe_result(folder_name, fingerprint)

    return observe_landing_zone


def _observable(
    name: str, specs: list[AssetSpec], description: str
) -> Callable[[Callable[..., Iterator[ObserveResult]]], AssetsDefinition]:
    """Dagster's decorator, with the types that it lacks."""
    with beta_allowed():
        decorator: Callable[[Callable[..., Iterator[ObserveResult]]], AssetsDefinition] = multi_observable_source_asset(
            name=name, specs=specs, can_subset=True, description=description
        )
    return decorator


def _source_spec(key: AssetKey, description: str, kind: str, fields: tuple[Field, ...]) -> AssetSpec:
    return AssetSpec(
        key,
        description=description,
        group_name="sources",
        kinds={kind},
        owners=OWNERS,
        metadata={"dagster/column_schema": _column_schema(fields)},
    )


def _column_schema(fields: tuple[Field, ...]) -> TableSchema:
    return TableSchema(
        columns=[
            TableColumn(
                name=f"{field.parent}.{field.name}" if field.parent else field.name,
                type=field.type,
                description=_field_description(field),
                constraints=TableColumnConstraints(nullable=not field.required),
            )
            for field in fields
        ]
    )


def _field_description(field: Field) -> str | None:
    if field.accepted_values:
        return f"One of {', '.join(field.accepted_values)}."
    return "Seconds since 1970, UTC, with a fraction." if field.type == "epoch" else None
