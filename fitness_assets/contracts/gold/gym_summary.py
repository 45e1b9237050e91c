from fitness_assets.contracts.model import Column, Equal, Kind, Layer, Pii, Reference, Source, Table, Within

_LOGS, _USERS, _WORKOUTS = "silver_db.gym_logs", "silver_db.users", "silver_db.completed_workouts"
_VISIT = ("mac_address", "gym", "login")
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.GOLD,
    name="gym_summary",
    kind=Kind.DERIVED,
    description="Minutes in the gym against minutes exercising, for each workout that began during a visit.",
    grain="a closed visit and a finished session that began during it",
    key=(*_VISIT, *_SESSION),
    sources=(
        Source(_LOGS, on=_VISIT),
        Source(_USERS, on=("user_id",)),
        Source(_WORKOUTS, on=_SESSION),
    ),
    links=(
        Equal("gym_logs.mac_address", "users.mac_address"),
        Equal("users.user_id", "completed_workouts.user_id"),
        Within("completed_workouts.start_time", "gym_logs.login", "gym_logs.logout"),
    ),
    references=(Reference(_VISIT, _LOGS), Reference(_SESSION, _WORKOUTS)),
    columns=(
        Column("date", "date", "The UTC day of the login.", nullable=False, lineage=(f"{_LOGS}.login",)),
        Column("gym", "bigint", "The gym.", nullable=False, lineage=(f"{_LOGS}.gym",)),
        Column("mac_address", "string", "The wearable.", False, Pii.IDENTITY, lineage=(f"{_LOGS}.mac_address",)),
        Column("workout_id", "int", "The workout of the person.", nullable=False, lineage=(f"{_WORKOUTS}.workout_id",)),
        Column(
            "session_id", "int", "The session of the workout.", nullable=False, lineage=(f"{_WORKOUTS}.session_id",)
        ),
        Column(
            "minutes_in_gym",
            "double",
            "Minutes from login to logout, rounded half up to 2 decimals.",
            nullable=False,
            lineage=(f"{_LOGS}.login", f"{_LOGS}.logout"),
        ),
        Column(
            "minutes_exercising",
            "double",
            "Minutes from start to end of the session, rounded half up to 2 decimals.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_WORKOUTS}.start_time", f"{_WORKOUTS}.end_time"),
        ),
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=(f"{_USERS}.user_id",)),
        Column("login", "timestamp", "When the visit began, UTC.", False, Pii.IDENTITY, lineage=(f"{_LOGS}.login",)),
    ),
)
