from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Reference, Source, Table

_WORKOUTS = "silver_db.workouts"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.SILVER,
    name="completed_workouts",
    kind=Kind.DERIVED,
    description="Workouts that were finished: the earliest start with a stop after it and less than 3 h later.",
    grain="a finished session of a workout",
    key=_SESSION,
    sources=(Source(_WORKOUTS, on=_SESSION),),
    references=(Reference(_SESSION, _WORKOUTS),),
    columns=(
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=(f"{_WORKOUTS}.user_id",)),
        Column("workout_id", "int", "The workout of the person.", nullable=False, lineage=(f"{_WORKOUTS}.workout_id",)),
        Column(
            "session_id", "int", "The session of the workout.", nullable=False, lineage=(f"{_WORKOUTS}.session_id",)
        ),
        Column("start_time", "timestamp", "When it began, UTC.", nullable=False, lineage=(f"{_WORKOUTS}.time",)),
        Column("end_time", "timestamp", "When it ended, UTC.", nullable=False, lineage=(f"{_WORKOUTS}.time",)),
    ),
)
