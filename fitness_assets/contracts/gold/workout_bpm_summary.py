from fitness_assets.contracts.model import Column, Equal, Kind, Layer, Pii, Reference, Source, Table
from fitness_assets.contracts.silver.user_bins import AGES

_BPM, _BINS = "silver_db.workout_bpm", "silver_db.user_bins"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.GOLD,
    name="workout_bpm_summary",
    kind=Kind.DERIVED,
    description="The heart rate of each finished workout in three numbers, beside what may be known of the person.",
    grain="a finished session of a workout with at least one valid reading",
    key=_SESSION,
    sources=(Source(_BPM, on=_SESSION), Source(_BINS, on=("user_id",))),
    links=(Equal("workout_bpm.user_id", "user_bins.user_id"),),
    references=(Reference(_SESSION, "silver_db.completed_workouts"),),
    columns=(
        Column("workout_id", "int", "The workout of the person.", nullable=False, lineage=(f"{_BPM}.workout_id",)),
        Column("session_id", "int", "The session of the workout.", nullable=False, lineage=(f"{_BPM}.session_id",)),
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=(f"{_BPM}.user_id",)),
        Column("age", "string", "Age bin; null where the person has no profile.", True, None, AGES, (f"{_BINS}.age",)),
        Column("gender", "string", "Gender.", pii=Pii.IDENTITY, lineage=(f"{_BINS}.gender",)),
        Column("city", "string", "City.", pii=Pii.CONTACT, lineage=(f"{_BINS}.city",)),
        Column("state", "string", "State.", pii=Pii.CONTACT, lineage=(f"{_BINS}.state",)),
        Column(
            "min_bpm", "double", "Lowest heart rate, beats a minute.", False, Pii.HEALTH, lineage=(f"{_BPM}.heartrate",)
        ),
        Column(
            "avg_bpm", "double", "Mean heart rate, beats a minute.", False, Pii.HEALTH, lineage=(f"{_BPM}.heartrate",)
        ),
        Column(
            "max_bpm",
            "double",
            "Highest heart rate, beats a minute.",
            False,
            Pii.HEALTH,
            lineage=(f"{_BPM}.heartrate",),
        ),
        Column("num_recordings", "bigint", "How many valid readings.", nullable=False, lineage=(f"{_BPM}.time",)),
    ),
)
