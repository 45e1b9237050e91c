from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Table
from fitness_assets.contracts.technical import LANDED, UNREADABLE

TABLE = Table(
    layer=Layer.BRONZE,
    name="registered_users_bz",
    kind=Kind.LANDED,
    description="Registrations of wearable devices as they left Azure SQL.",
    grain="one registration record as it landed",
    columns=(
        Column("user_id", "bigint", "The person.", pii=Pii.IDENTITY),
        Column("device_id", "bigint", "The wearable that sends heart rates.", pii=Pii.IDENTITY),
        Column("mac_address", "string", "The address by which the gym knows the wearable.", pii=Pii.IDENTITY),
        Column("registration_timestamp", "double", "When the device was registered, epoch seconds."),
        *LANDED,
    ),
    technical=UNREADABLE,
)
