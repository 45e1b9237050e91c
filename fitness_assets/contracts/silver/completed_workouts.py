from fitness_assets.contracts.model import Column, ForeignKey, Layer, Pii, Source, Table, UpdateStrategy

_WORKOUTS = "silver_db.workouts"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.SILVER,
    name="completed_workouts",
    strategy=UpdateStrategy.INCREMENTAL,
    description="Workouts that were finished: the earliest start with a stop after it and less than 3 h later.",
    grain="a finished session of a workout",
    key=_SESSION,
    sources=(Source(_WORKOUTS, change_key=_SESSION),),
    foreign_keys=(ForeignKey(_SESSION, _WORKOUTS),),
    columns=(
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_WORKOUTS}.user_id",),
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
            description="When it began, UTC.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.time",),
        ),
        Column(
            name="end_time",
            type="timestamp",
            description="When it ended, UTC.",
            nullable=False,
            lineage=(f"{_WORKOUTS}.time",),
        ),
    ),
)
