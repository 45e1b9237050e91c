from fitness_assets.contracts.model import Column, Equal, Kind, Layer, Pii, Reference, Source, Table

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
    kind=Kind.DERIVED,
    description="What analysts may know of a person: age in bins, gender, city and state, and no more.",
    grain="a registered person who has a profile",
    key=("user_id",),
    daily=True,
    sources=(Source(_USERS, on=("user_id",)), Source(_PROFILE, on=("user_id",))),
    links=(Equal("users.user_id", "user_profile.user_id"),),
    references=(Reference(("user_id",), _USERS), Reference(("user_id",), _PROFILE)),
    columns=(
        Column(
            "user_id", "bigint", "The person.", False, Pii.IDENTITY, (), (f"{_USERS}.user_id", f"{_PROFILE}.user_id")
        ),
        Column(
            "age",
            "string",
            "Age in whole years on the as-of date, in bins; the lower bound belongs to the bin.",
            nullable=False,
            allowed=AGES,
            lineage=(f"{_PROFILE}.dob",),
        ),
        Column("gender", "string", "Gender.", pii=Pii.IDENTITY, lineage=(f"{_PROFILE}.gender",)),
        Column("city", "string", "City.", pii=Pii.CONTACT, lineage=(f"{_PROFILE}.city",)),
        Column("state", "string", "State.", pii=Pii.CONTACT, lineage=(f"{_PROFILE}.state",)),
    ),
)
