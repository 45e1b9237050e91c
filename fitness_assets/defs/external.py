"""What lies upstream of us: SQL tables, Kafka topics and the folders of the landing zone that others fill."""

from dagster import AssetKey, AssetSpec

from fitness_assets.contracts.landing import DATE_LOOKUP, FOLDERS, GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS

SQL_TABLES = {REGISTERED_USERS.name: "registered_users", GYM_LOGINS.name: "gym_logins"}
_OWNER = ["team:data-platform"]


def landing_key(folder: str) -> AssetKey:
    return AssetKey(["landing_zone", folder])


def topic_key(topic: str) -> AssetKey:
    return AssetKey(["kafka", topic])


def external_assets() -> list[AssetSpec]:
    """Sources, in their own groups, so that the graph shows the whole way."""
    sql = [
        AssetSpec(
            AssetKey(["azure_sql", name]),
            description=f"The table {name} in Azure SQL.",
            group_name="sources",
            kinds={"sqlserver"},
            owners=_OWNER,
        )
        for name in SQL_TABLES.values()
    ]
    topics = [
        AssetSpec(
            topic_key(topic),
            description=f"The Kafka topic {topic}.",
            group_name="sources",
            kinds={"kafka"},
            owners=_OWNER,
        )
        for topic in TOPICS
    ]
    folders = [
        AssetSpec(
            landing_key(folder.name),
            description=_FOLDERS[folder.name],
            group_name="landing_zone",
            kinds={folder.format.value},
            owners=_OWNER,
        )
        for folder in FOLDERS.values()
        if folder.name not in SQL_TABLES
    ]
    return sql + topics + folders


_FOLDERS = {
    KAFKA_RECORDS.name: "Records of the three topics as files, one JSON object a line.",
    DATE_LOOKUP.name: "The financial calendar's history, one JSON object a line.",
}
