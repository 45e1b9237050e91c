from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

_BRONZE = "bronz_db.gym_logins_bz"

TABLE = Table(
    layer=Layer.SILVER,
    name="gym_logs",
    strategy=UpdateStrategy.UPSERT,
    description="Visits to the gyms, each with the latest logout that was seen for it.",
    grain="a visit",
    key=("mac_address", "gym", "login"),
    sources=(Source(_BRONZE),),
    columns=(
        Column(
            name="mac_address",
            type="string",
            description="The wearable seen at the gym's door.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.mac_address",),
        ),
        Column(name="gym", type="bigint", description="The gym.", nullable=False, lineage=(f"{_BRONZE}.gym",)),
        Column(
            name="login",
            type="timestamp",
            description="When the visit began, UTC.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.login",),
        ),
        Column(
            name="logout",
            type="timestamp",
            description="When it ended, UTC; null while it is open.",
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.logout",),
        ),
    ),
)
