"""The records of bronze that are accepted, with what was read of them when they landed."""

from pyspark.sql import DataFrame


def accepted(bronze: DataFrame) -> DataFrame:
    """The accepted records."""
    return bronze.where("reason IS NULL")


def events(kafka_multiplex_bz: DataFrame, topic: str) -> DataFrame:
    """The accepted events of one topic, whose fields are the columns `event_…`."""
    return accepted(kafka_multiplex_bz).where(f"topic_group = '{topic}'")
