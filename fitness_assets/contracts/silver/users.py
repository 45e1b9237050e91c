from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

_BRONZE = "bronz_db.registered_users_bz"

TABLE = Table(
    layer=Layer.SILVER,
    name="users",
    kind=Kind.FOLDED,
    description="Who is registered, with which wearable: the earliest registration of each person.",
    grain="a person's earliest registration; ties go to the smallest device_id, then mac_address",
    key=("user_id",),
    sources=(Source(_BRONZE),),
    columns=(
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=(f"{_BRONZE}.user_id",)),
        Column(
            "device_id",
            "bigint",
            "The wearable that sends heart rates.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.device_id",),
        ),
        Column(
            "mac_address",
            "string",
            "The address by which the gym knows the wearable.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.mac_address",),
        ),
        Column(
            "registration_timestamp",
            "timestamp",
            "When the device was registered, UTC.",
            nullable=False,
            lineage=(f"{_BRONZE}.registration_timestamp",),
        ),
    ),
)
