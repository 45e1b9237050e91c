from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

_BRONZE = "bronz_db.gym_logins_bz"

TABLE = Table(
    layer=Layer.SILVER,
    name="gym_logs",
    kind=Kind.FOLDED,
    description="Visits to the gyms, each with the latest logout that was seen for it.",
    grain="a visit",
    key=("mac_address", "gym", "login"),
    sources=(Source(_BRONZE),),
    columns=(
        Column(
            "mac_address",
            "string",
            "The wearable seen at the gym's door.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.mac_address",),
        ),
        Column("gym", "bigint", "The gym.", nullable=False, lineage=(f"{_BRONZE}.gym",)),
        Column("login", "timestamp", "When the visit began, UTC.", False, Pii.IDENTITY, lineage=(f"{_BRONZE}.login",)),
        Column(
            "logout",
            "timestamp",
            "When it ended, UTC; null while it is open.",
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.logout",),
        ),
    ),
)
