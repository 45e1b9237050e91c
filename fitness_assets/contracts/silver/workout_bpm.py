from fitness_assets.contracts.model import (
    Column,
    EquiJoin,
    ForeignKey,
    Layer,
    Pii,
    RangeJoin,
    Source,
    Table,
    UpdateStrategy,
)

_WORKOUTS, _USERS, _READINGS = "silver_db.completed_workouts", "silver_db.users", "silver_db.heart_rate"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.SILVER,
    name="workout_bpm",
    strategy=UpdateStrategy.INCREMENTAL,
    description="The heart rate during finished workouts: after the start, up to and at the end.",
    grain="a valid reading of the person's wearable during a finished session",
    key=(*_SESSION, "time"),
    cluster_by=("time",),
    sources=(
        Source(_WORKOUTS, change_key=_SESSION),
        Source(_USERS, change_key=("user_id",)),
        Source(_READINGS, change_key=("device_id", "time")),
    ),
    joins=(
        EquiJoin("completed_workouts.user_id", "users.user_id"),
        EquiJoin("users.device_id", "heart_rate.device_id"),
        RangeJoin("heart_rate.time", "completed_workouts.start_time", "completed_workouts.end_time"),
    ),
    foreign_keys=(ForeignKey(_SESSION, _WORKOUTS), ForeignKey(("device_id", "time"), _READINGS)),
    columns=(
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_WORKOUTS}.user_id", f"{_USERS}.user_id"),
        ),
        Column(
            name="workout_id",
            type="int",
            description="The workout of the person.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.workout_id",),
        ),
        Column(
            name="session_id",
            type="int",
            description="The session of the workout.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.session_id",),
        ),
        Column(
            name="start_time",
            type="timestamp",
            description="When the session began, UTC.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.start_time",),
        ),
        Column(
            name="end_time",
            type="timestamp",
            description="When the session ended, UTC.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.end_time",),
        ),
        Column(
            name="time",
            type="timestamp",
            description="When the heart rate was measured, UTC.",
            nullable=False,
            lineage=(f"{_READINGS}.time",),
        ),
        Column(
            name="heartrate",
            type="double",
            description="Beats a minute.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_READINGS}.heartrate",),
        ),
    ),
    audit_columns=(
        Column(
            name="device_id",
            type="bigint",
            description="The wearable.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_USERS}.device_id",),
        ),
    ),
)
