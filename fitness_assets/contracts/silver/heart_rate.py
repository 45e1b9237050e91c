from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="heart_rate",
    strategy=UpdateStrategy.UPSERT,
    description="Heart rates as the wearables measured them.",
    grain="a reading; of two readings at one instant the greater",
    key=("device_id", "time"),
    cluster_by=("time",),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="bpm"),),
    columns=(
        Column(
            name="device_id",
            type="bigint",
            description="The wearable.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=_VALUE,
        ),
        Column(name="time", type="timestamp", description="When it was measured, UTC.", nullable=False, lineage=_VALUE),
        Column(
            name="heartrate",
            type="double",
            description="Beats a minute.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=_VALUE,
        ),
        Column(
            name="valid",
            type="boolean",
            description="Whether the heart rate is above zero.",
            nullable=False,
            lineage=_VALUE,
        ),
    ),
)
