from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="workouts",
    kind=Kind.FOLDED,
    description="Starts and stops of workouts.",
    grain="a distinct start or stop",
    key=("user_id", "workout_id", "session_id", "action", "time"),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="workout"),),
    columns=(
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=_VALUE),
        Column("workout_id", "int", "The workout of the person.", nullable=False, lineage=_VALUE),
        Column("time", "timestamp", "When it happened, UTC.", nullable=False, lineage=_VALUE),
        Column("action", "string", "Start or stop.", False, Pii.HEALTH, ("start", "stop"), _VALUE),
        Column("session_id", "int", "The session of the workout.", nullable=False, lineage=_VALUE),
    ),
)
