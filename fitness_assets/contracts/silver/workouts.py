from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="workouts",
    strategy=UpdateStrategy.UPSERT,
    description="Starts and stops of workouts.",
    grain="a distinct start or stop",
    key=("user_id", "workout_id", "session_id", "action", "time"),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="workout"),),
    columns=(
        Column(
            name="user_id", type="bigint", description="The person.", nullable=False, pii=Pii.IDENTITY, lineage=_VALUE
        ),
        Column(name="workout_id", type="int", description="The workout of the person.", nullable=False, lineage=_VALUE),
        Column(name="time", type="timestamp", description="When it happened, UTC.", nullable=False, lineage=_VALUE),
        Column(
            name="action",
            type="string",
            description="Start or stop.",
            nullable=False,
            pii=Pii.HEALTH,
            accepted_values=("start", "stop"),
            lineage=_VALUE,
        ),
        Column(
            name="session_id", type="int", description="The session of the workout.", nullable=False, lineage=_VALUE
        ),
    ),
)
