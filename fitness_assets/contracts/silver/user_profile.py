from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

_VALUE = ("bronz_db.kafka_multiplex_bz.value",)

TABLE = Table(
    layer=Layer.SILVER,
    name="user_profile",
    strategy=UpdateStrategy.UPSERT,
    description="Who a person is, after the latest change of the profile (SCD type 1); deleted profiles are gone.",
    grain="a person's latest profile event; ties go to the greater JSON text",
    key=("user_id",),
    sources=(Source("bronz_db.kafka_multiplex_bz", topic="user_info"),),
    tombstone_condition="update_type = 'delete'",
    columns=(
        Column(
            name="user_id", type="bigint", description="The person.", nullable=False, pii=Pii.IDENTITY, lineage=_VALUE
        ),
        Column(name="dob", type="date", description="Date of birth.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column(name="sex", type="string", description="Sex.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column(name="gender", type="string", description="Gender.", pii=Pii.IDENTITY, lineage=_VALUE),
        Column(name="first_name", type="string", description="First name.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(name="last_name", type="string", description="Last name.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(name="street_address", type="string", description="Street and number.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(name="city", type="string", description="City.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(name="state", type="string", description="State.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(name="zip", type="int", description="Postal code.", pii=Pii.CONTACT, lineage=_VALUE),
        Column(
            name="updated",
            type="timestamp",
            description="When the profile was last changed, UTC.",
            nullable=False,
            lineage=_VALUE,
        ),
    ),
    audit_columns=(
        Column(
            name="update_type",
            type="string",
            description="What the event was.",
            accepted_values=("new", "update"),
            lineage=_VALUE,
        ),
        Column(
            name="event",
            type="string",
            description="The event's JSON text, which decides ties.",
            pii=Pii.IDENTITY,
            lineage=_VALUE,
        ),
    ),
)
