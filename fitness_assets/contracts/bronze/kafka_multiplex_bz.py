from fitness_assets.contracts.landing import OTHER, TOPICS
from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table
from fitness_assets.contracts.technical import LANDED, UNREADABLE

TABLE = Table(
    layer=Layer.BRONZE,
    name="kafka_multiplex_bz",
    kind=Kind.LANDED,
    description="The records of the topics user_info, workout and bpm in one table.",
    grain="one Kafka record as it landed",
    sources=(Source("bronz_db.date_lookup"),),
    partition_by=("topic_group",),
    columns=(
        Column("key", "string", "The record's key: the person or the wearable.", pii=Pii.IDENTITY),
        Column("value", "string", "The event as JSON text: profiles, workouts and heart rates.", pii=Pii.IDENTITY),
        Column("topic", "string", "The topic."),
        Column("partition", "bigint", "The topic's partition."),
        Column("offset", "bigint", "The offset; in record files it repeats and means nothing."),
        Column("timestamp", "bigint", "The record's time as it came: epoch seconds, or milliseconds from 1e11 up."),
        Column("date", "date", "The UTC day of `timestamp`."),
        Column(
            "week_part",
            "string",
            "Financial year and week of `date`; null where the calendar does not have the day.",
            lineage=("bronz_db.date_lookup.week_part",),
        ),
        *LANDED,
    ),
    technical=(
        *UNREADABLE,
        Column(
            "topic_group",
            "string",
            "The topic where it is one of the known ones, otherwise `other`; the table is partitioned by it.",
            nullable=False,
            allowed=(*TOPICS, OTHER),
        ),
    ),
)
