from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Table
from fitness_assets.contracts.technical import LANDED, UNREADABLE

TABLE = Table(
    layer=Layer.BRONZE,
    name="gym_logins_bz",
    kind=Kind.LANDED,
    description="Visits to a gym as they left Azure SQL; an open visit comes again once its logout is known.",
    grain="one login record as it landed",
    columns=(
        Column("mac_address", "string", "The wearable seen at the gym's door.", pii=Pii.IDENTITY),
        Column("gym", "bigint", "The gym."),
        Column("login", "double", "When the visit began, epoch seconds.", pii=Pii.IDENTITY),
        Column("logout", "double", "When it ended, epoch seconds; null while it is open.", pii=Pii.IDENTITY),
        *LANDED,
    ),
    technical=UNREADABLE,
)
