from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="heart_rate",
    kind=Kind.FOLDED,
    description="Heart rates as the wearables measured them.",
    grain="a reading; of two readings at one instant the greater",
    key=("device_id", "time"),
    order_by=("time",),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="bpm"),),
    columns=(
        Column("device_id", "bigint", "The wearable.", False, Pii.IDENTITY, lineage=_VALUE),
        Column("time", "timestamp", "When it was measured, UTC.", nullable=False, lineage=_VALUE),
        Column("heartrate", "double", "Beats a minute.", False, Pii.HEALTH, lineage=_VALUE),
        Column("valid", "boolean", "Whether the heart rate is above zero.", nullable=False, lineage=_VALUE),
    ),
)
