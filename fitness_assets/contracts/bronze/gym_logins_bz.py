from fitness_assets.contracts.audit_columns import CSV_COLUMNS, INGESTION_COLUMNS
from fitness_assets.contracts.model import Column, Layer, Pii, Table, UpdateStrategy

TABLE = Table(
    layer=Layer.BRONZE,
    name="gym_logins_bz",
    strategy=UpdateStrategy.APPEND,
    description="Visits to a gym as they left Azure SQL; an open visit comes again once its logout is known.",
    grain="one login record as it landed",
    columns=(
        Column(name="mac_address", type="string", description="The wearable seen at the gym's door.", pii=Pii.IDENTITY),
        Column(name="gym", type="bigint", description="The gym."),
        Column(name="login", type="double", description="When the visit began, epoch seconds.", pii=Pii.IDENTITY),
        Column(
            name="logout",
            type="double",
            description="When it ended, epoch seconds; null while it is open.",
            pii=Pii.IDENTITY,
        ),
        *INGESTION_COLUMNS,
    ),
    audit_columns=CSV_COLUMNS,
)
