"""What lies upstream of us: SQL tables, Kafka topics and the folders of the landing zone that others fill."""

from dagster import AssetKey, AssetSpec, TableColumn, TableColumnConstraints, TableSchema

from fitness_assets.contracts.feeds import (
    DATE_LOOKUP,
    FILE_FEEDS,
    GYM_LOGINS,
    KAFKA_RECORDS,
    REGISTERED_USERS,
    TOPICS,
    Field,
)

SQL_TABLES = {REGISTERED_USERS.name: "registered_users", GYM_LOGINS.name: "gym_logins"}
_OWNER = ["team:data-platform"]


def landing_key(folder: str) -> AssetKey:
    return AssetKey(["landing_zone", folder])


def topic_key(topic: str) -> AssetKey:
    return AssetKey(["kafka", topic])


def external_assets() -> list[AssetSpec]:
    """Sources, in their own groups, so that the graph shows the whole way."""
    sql = [
        _source(
            AssetKey(["azure_sql", name]),
            f"The table `{name}` in Azure SQL, which the business system writes. We only read it.",
            "sqlserver",
            FILE_FEEDS[f"bronz_db.{folder}"].fields,
        )
        for folder, name in SQL_TABLES.items()
    ]
    topics = [
        _source(
            topic_key(topic),
            f"The Kafka topic `{topic}`: {_TOPICS[topic]} A value is one event as a JSON object; the columns are its "
            f"fields. How many records are unread is observed while the sensor `kafka_lag` is on.",
            "kafka",
            fields,
        )
        for topic, fields in TOPICS.items()
    ]
    folders = [
        AssetSpec(
            landing_key(folder.name),
            description=_FOLDERS[folder.name],
            group_name="landing_zone",
            kinds={folder.format.value},
            owners=_OWNER,
            metadata={"dagster/column_schema": _columns(folder.fields)},
        )
        for folder in FILE_FEEDS.values()
        if folder.name not in SQL_TABLES
    ]
    return sql + topics + folders


def _source(key: AssetKey, description: str, kind: str, fields: tuple[Field, ...]) -> AssetSpec:
    return AssetSpec(
        key,
        description=description,
        group_name="sources",
        kinds={kind},
        owners=_OWNER,
        metadata={"dagster/column_schema": _columns(fields)},
    )


def _columns(fields: tuple[Field, ...]) -> TableSchema:
    return TableSchema(
        columns=[
            TableColumn(
                name=f"{field.parent}.{field.name}" if field.parent else field.name,
                type=field.type,
                description=_said(field),
                constraints=TableColumnConstraints(nullable=not field.required),
            )
            for field in fields
        ]
    )


def _said(field: Field) -> str | None:
    if field.accepted_values:
        return f"One of {', '.join(field.accepted_values)}."
    return "Seconds since 1970, UTC, with a fraction." if field.type == "epoch" else None


_TOPICS = {
    "user_info": "what people change in their profiles.",
    "workout": "starts and stops of workouts.",
    "bpm": "heart rates as the wearables measure them.",
}
_FOLDERS = {
    KAFKA_RECORDS.name: "Records of the three topics as files, one JSON object a line.",
    DATE_LOOKUP.name: "The financial calendar's history, one JSON object a line.",
}
