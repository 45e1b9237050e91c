from fitness_assets.contracts.model import Column, EquiJoin, ForeignKey, Layer, Pii, Source, Table, UpdateStrategy

AGES = (
    "under 18",
    "18-25",
    "25-35",
    "35-45",
    "45-55",
    "55-65",
    "65-75",
    "75-85",
    "85-95",
    "95+",
    "invalid age",
)
_USERS, _PROFILE = "silver_db.users", "silver_db.user_profile"

TABLE = Table(
    layer=Layer.SILVER,
    name="user_bins",
    strategy=UpdateStrategy.INCREMENTAL,
    description="What analysts may know of a person: age in bins, gender, city and state, and no more.",
    grain="a registered person who has a profile",
    key=("user_id",),
    depends_on_date=True,
    sources=(Source(_USERS, change_key=("user_id",)), Source(_PROFILE, change_key=("user_id",))),
    joins=(EquiJoin("users.user_id", "user_profile.user_id"),),
    foreign_keys=(ForeignKey(("user_id",), _USERS), ForeignKey(("user_id",), _PROFILE)),
    columns=(
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_USERS}.user_id", f"{_PROFILE}.user_id"),
        ),
        Column(
            name="age",
            type="string",
            description="Age in whole years on the as-of date, in bins; the lower bound belongs to the bin.",
            nullable=False,
            accepted_values=AGES,
            lineage=(f"{_PROFILE}.dob",),
        ),
        Column(name="gender", type="string", description="Gender.", pii=Pii.IDENTITY, lineage=(f"{_PROFILE}.gender",)),
        Column(name="city", type="string", description="City.", pii=Pii.CONTACT, lineage=(f"{_PROFILE}.city",)),
        Column(name="state", type="string", description="State.", pii=Pii.CONTACT, lineage=(f"{_PROFILE}.state",)),
    ),
)
