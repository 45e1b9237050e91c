from fitness_assets.contracts.model import Column, EquiJoin, ForeignKey, Layer, Pii, Source, Table, UpdateStrategy
from fitness_assets.contracts.silver.user_bins import AGES

_BPM, _BINS = "silver_db.workout_bpm", "silver_db.user_bins"
_SESSION = ("user_id", "workout_id", "session_id")

TABLE = Table(
    layer=Layer.GOLD,
    name="workout_bpm_summary",
    strategy=UpdateStrategy.INCREMENTAL,
    description="The heart rate of each finished workout in three numbers, beside what may be known of the person.",
    grain="a finished session of a workout with at least one valid reading",
    key=_SESSION,
    sources=(Source(_BPM, change_key=_SESSION), Source(_BINS, change_key=("user_id",))),
    joins=(EquiJoin("workout_bpm.user_id", "user_bins.user_id"),),
    foreign_keys=(ForeignKey(_SESSION, "silver_db.completed_workouts"),),
    columns=(
        Column(
            name="workout_id",
            type="int",
            description="The workout of the person.",
            nullable=False,
            lineage=(f"{_BPM}.workout_id",),
        ),
        Column(
            name="session_id",
            type="int",
            description="The session of the workout.",
            nullable=False,
            lineage=(f"{_BPM}.session_id",),
        ),
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BPM}.user_id",),
        ),
        Column(
            name="age",
            type="string",
            description="Age bin; null where the person has no profile.",
            nullable=True,
            pii=None,
            accepted_values=AGES,
            lineage=(f"{_BINS}.age",),
        ),
        Column(name="gender", type="string", description="Gender.", pii=Pii.IDENTITY, lineage=(f"{_BINS}.gender",)),
        Column(name="city", type="string", description="City.", pii=Pii.CONTACT, lineage=(f"{_BINS}.city",)),
        Column(name="state", type="string", description="State.", pii=Pii.CONTACT, lineage=(f"{_BINS}.state",)),
        Column(
            name="min_bpm",
            type="double",
            description="Lowest heart rate, beats a minute.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_BPM}.heartrate",),
        ),
        Column(
            name="avg_bpm",
            type="double",
            description="Mean heart rate, beats a minute.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_BPM}.heartrate",),
        ),
        Column(
            name="max_bpm",
            type="double",
            description="Highest heart rate, beats a minute.",
            nullable=False,
            pii=Pii.HEALTH,
            lineage=(f"{_BPM}.heartrate",),
        ),
        Column(
            name="num_recordings",
            type="bigint",
            description="How many valid readings.",
            nullable=False,
            lineage=(f"{_BPM}.time",),
        ),
    ),
)
