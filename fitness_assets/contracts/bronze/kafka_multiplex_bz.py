from fitness_assets.contracts.audit_columns import INGESTION_COLUMNS, LINE_COLUMNS, event_columns
from fitness_assets.contracts.feeds import OTHER_TOPICS, TOPICS
from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

TABLE = Table(
    layer=Layer.BRONZE,
    name="kafka_multiplex_bz",
    strategy=UpdateStrategy.APPEND,
    description="The records of the topics user_info, workout and bpm in one table.",
    grain="one Kafka record as it landed",
    sources=(Source("bronz_db.date_lookup"),),
    partition_by=("topic_group",),
    columns=(
        Column(
            name="key", type="string", description="The record's key: the person or the wearable.", pii=Pii.IDENTITY
        ),
        Column(
            name="value",
            type="string",
            description="The event as JSON text: profiles, workouts and heart rates.",
            pii=Pii.IDENTITY,
        ),
        Column(name="topic", type="string", description="The topic."),
        Column(name="partition", type="bigint", description="The topic's partition."),
        Column(name="offset", type="bigint", description="The offset; in record files it repeats and means nothing."),
        Column(
            name="timestamp",
            type="bigint",
            description="The record's time as it came: epoch seconds, or milliseconds from 1e11 up.",
        ),
        Column(name="date", type="date", description="The UTC day of `timestamp`."),
        Column(
            name="week_part",
            type="string",
            description="Financial year and week of `date`; null where the calendar does not have the day.",
            lineage=("bronz_db.date_lookup.week_part",),
        ),
        *INGESTION_COLUMNS,
    ),
    audit_columns=(
        *LINE_COLUMNS,
        Column(
            name="key_base64",
            type="string",
            description="The key of a broker's record as Base64, where it is no UTF-8 text; null otherwise.",
            pii=Pii.IDENTITY,
        ),
        Column(
            name="value_base64",
            type="string",
            description="The value of a broker's record as Base64, where it is no UTF-8 text; null otherwise.",
            pii=Pii.IDENTITY,
        ),
        *event_columns(),
        Column(
            name="topic_group",
            type="string",
            description="The topic where it is a known one, otherwise `other`; the table is partitioned by it.",
            nullable=False,
            accepted_values=(*TOPICS, OTHER_TOPICS),
        ),
    ),
)
