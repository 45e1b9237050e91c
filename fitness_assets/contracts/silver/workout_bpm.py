from fitness_assets.contracts.model import Column, Equal, Kind, Layer, Pii, Reference, Source, Table, Within

_WORKOUTS, _USERS, _READINGS = "silver_db.completed_workouts", "silver_db.users", "silver_db.heart_rate"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.SILVER,
    name="workout_bpm",
    kind=Kind.DERIVED,
    description="The heart rate during finished workouts: after the start, up to and at the end.",
    grain="a valid reading of the person's wearable during a finished session",
    key=(*_SESSION, "time"),
    order_by=("time",),
    sources=(
        Source(_WORKOUTS, on=_SESSION),
        Source(_USERS, on=("user_id",)),
        Source(_READINGS, on=("device_id", "time")),
    ),
    links=(
        Equal("completed_workouts.user_id", "users.user_id"),
        Equal("users.device_id", "heart_rate.device_id"),
        Within("heart_rate.time", "completed_workouts.start_time", "completed_workouts.end_time"),
    ),
    references=(Reference(_SESSION, _WORKOUTS), Reference(("device_id", "time"), _READINGS)),
    columns=(
        Column(
            "user_id", "bigint", "The person.", False, Pii.IDENTITY, (), (f"{_WORKOUTS}.user_id", f"{_USERS}.user_id")
        ),
        Column("workout_id", "int", "The workout of the person.", nullable=False, lineage=(f"{_WORKOUTS}.workout_id",)),
        Column(
            "session_id", "int", "The session of the workout.", nullable=False, lineage=(f"{_WORKOUTS}.session_id",)
        ),
        Column("start_time", "timestamp", "When the session began, UTC.", False, lineage=(f"{_WORKOUTS}.start_time",)),
        Column("end_time", "timestamp", "When the session ended, UTC.", False, lineage=(f"{_WORKOUTS}.end_time",)),
        Column("time", "timestamp", "When the heart rate was measured, UTC.", False, lineage=(f"{_READINGS}.time",)),
        Column("heartrate", "double", "Beats a minute.", False, Pii.HEALTH, lineage=(f"{_READINGS}.heartrate",)),
    ),
    technical=(Column("device_id", "bigint", "The wearable.", False, Pii.IDENTITY, lineage=(f"{_USERS}.device_id",)),),
)
