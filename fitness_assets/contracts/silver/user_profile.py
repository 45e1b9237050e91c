from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="user_profile",
    kind=Kind.FOLDED,
    description="Who a person is, after the latest change of the profile (SCD type 1); deleted profiles are gone.",
    grain="a person's latest profile event; ties go to the greater JSON text",
    key=("user_id",),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="user_info"),),
    tombstone="update_type = 'delete'",
    columns=(
        Column("user_id", "bigint", "The person.", False, Pii.IDENTITY, lineage=_VALUE),
        Column("dob", "date", "Date of birth.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column("sex", "string", "Sex.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column("gender", "string", "Gender.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column("first_name", "string", "First name.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("last_name", "string", "Last name.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("street_address", "string", "Street and number.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("city", "string", "City.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("state", "string", "State.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("zip", "int", "Postal code.", pii=Pii.CONTACT, lineage=_VALUE),
        Column("updated", "timestamp", "When the profile was last changed, UTC.", nullable=False, lineage=_VALUE),
    ),
    technical=(
        Column("update_type", "string", "What the event was.", allowed=("new", "update"), lineage=_VALUE),
        Column("event", "string", "The event's JSON text, which decides ties.", pii=Pii.IDENTITY, lineage=_VALUE),
    ),
)
