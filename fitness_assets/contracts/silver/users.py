from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

_BRONZE = "bronz_db.registered_users_bz"

TABLE = Table(
    layer=Layer.SILVER,
    name="users",
    strategy=UpdateStrategy.UPSERT,
    description="Who is registered, with which wearable: the earliest registration of each person.",
    grain="a person's earliest registration; ties go to the smallest device_id, then mac_address",
    key=("user_id",),
    sources=(Source(_BRONZE),),
    columns=(
        Column(
            name="user_id",
            type="bigint",
            description="The person.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.user_id",),
        ),
        Column(
            name="device_id",
            type="bigint",
            description="The wearable that sends heart rates.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.device_id",),
        ),
        Column(
            name="mac_address",
            type="string",
            description="The address by which the gym knows the wearable.",
            nullable=False,
            pii=Pii.IDENTITY,
            lineage=(f"{_BRONZE}.mac_address",),
        ),
        Column(
            name="registration_timestamp",
            type="timestamp",
            description="When the device was registered, UTC.",
            nullable=False,
            lineage=(f"{_BRONZE}.registration_timestamp",),
        ),
    ),
)
