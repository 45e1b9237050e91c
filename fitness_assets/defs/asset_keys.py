"""The keys of the assets."""

from dagster import AssetKey


def table_asset_key(table_name: str) -> AssetKey:
    """`silver_db.users` is the asset `silver_db/users`."""
    return AssetKey(table_name.split("."))


def table_name_of(key: AssetKey) -> str:
    """The full name of the table that is this asset."""
    return ".".join(key.path)


def folder_asset_key(folder_name: str) -> AssetKey:
    return AssetKey(["landing_zone", folder_name])


def topic_asset_key(topic: str) -> AssetKey:
    return AssetKey(["kafka", topic])


def sql_table_asset_key(sql_table_name: str) -> AssetKey:
    return AssetKey(["azure_sql", sql_table_name])


def alerts_asset_key() -> AssetKey:
    return AssetKey(["operations", "alerts"])
