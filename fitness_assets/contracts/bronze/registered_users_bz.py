from fitness_assets.contracts.audit_columns import CSV_COLUMNS, INGESTION_COLUMNS
from fitness_assets.contracts.model import Column, Layer, Pii, Table, UpdateStrategy

TABLE = Table(
    layer=Layer.BRONZE,
    name="registered_users_bz",
    strategy=UpdateStrategy.APPEND,
    description="Registrations of wearable devices as they left Azure SQL.",
    grain="one registration record as it landed",
    columns=(
        Column(name="user_id", type="bigint", description="The person.", pii=Pii.IDENTITY),
        Column(name="device_id", type="bigint", description="The wearable that sends heart rates.", pii=Pii.IDENTITY),
        Column(
            name="mac_address",
            type="string",
            description="The address by which the gym knows the wearable.",
            pii=Pii.IDENTITY,
        ),
        Column(
            name="registration_timestamp", type="double", description="When the device was registered, epoch seconds."
        ),
        *INGESTION_COLUMNS,
    ),
    audit_columns=CSV_COLUMNS,
)
