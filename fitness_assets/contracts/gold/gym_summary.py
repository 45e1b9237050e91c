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

_LOGS, _USERS, _WORKOUTS = "silver_db.gym_logs", "silver_db.users", "silver_db.completed_workouts"
_VISIT = ("mac_address", "gym", "login")
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.GOLD,
    name="gym_summary",
    strategy=UpdateStrategy.INCREMENTAL,
    description="Minutes in the gym against minutes exercising, for each workout that began during a visit.",
    grain="a closed visit and a finished session that began during it",
    key=(*_VISIT, *_SESSION),
    sources=(
        Source(_LOGS, change_key=_VISIT),
        Source(_USERS, change_key=("user_id",)),
        Source(_WORKOUTS, change_key=_SESSION),
    ),
    joins=(
        EquiJoin("gym_logs.mac_address", "users.mac_address"),
        EquiJoin("users.user_id", "completed_workouts.user_id"),
        RangeJoin("completed_workouts.start_time", "gym_logs.login", "gym_logs.logout"),
    ),
    foreign_keys=(ForeignKey(_VISIT, _LOGS), ForeignKey(_SESSION, _WORKOUTS)),
    columns=(
        Column(
            name="date",
            type="date",
            description="The UTC day of the login.",
            nullable=False,
            lineage=(f"{_LOGS}.login",),
        ),
        Column(name="gym", type="bigint", description="The gym.", nullable=False, lineage=(f"{_LOGS}.gym",)),
        Column(
            name="mac_address",
            type="string",
            description="The wearable.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_LOGS}.mac_address",),
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
            name="minutes_in_gym",
            type="double",
            description="Minutes from login to logout, rounded half up to 2 decimals.",
            nullable=False,
            lineage=(f"{_LOGS}.login", f"{_LOGS}.logout"),
        ),
        Column(
            name="minutes_exercising",
            type="double",
            description="Minutes from start to end of the session, rounded half up to 2 decimals.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_WORKOUTS}.start_time", f"{_WORKOUTS}.end_time"),
        ),
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_USERS}.user_id",),
        ),
        Column(
            name="login",
            type="timestamp",
            description="When the visit began, UTC.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_LOGS}.login",),
        ),
    ),
)
