from fitness_assets.contracts.audit_columns import FILE_LOAD, LINE_NUMBER, RAW_ENCODING
from fitness_assets.contracts.feeds import FILE_FEEDS, rejection_reasons
from fitness_assets.contracts.model import Column, Layer, Pii, Source, Table, UpdateStrategy

TABLE = Table(
    layer=Layer.SILVER,
    name="quarantine",
    strategy=UpdateStrategy.QUARANTINE,
    description="Every bronze record that a rule refuses, whole, with the reason.",
    grain="a refused bronze record",
    sources=tuple(Source(name) for name in FILE_FEEDS),
    columns=(
        Column(
            name="record",
            type="string",
            description="The record whole: the line as it landed, or the broker's record as JSON.",
            pii=Pii.IDENTITY,
            lineage=tuple(f"{name}.raw" for name in FILE_FEEDS),
        ),
        Column(
            name="reason",
            type="string",
            description="Why it was refused.",
            nullable=False,
            accepted_values=tuple(rejection_reasons()),
        ),
        Column(
            name="source_table",
            type="string",
            description="The bronze table that holds it.",
            nullable=False,
            accepted_values=tuple(FILE_FEEDS),
        ),
        Column(
            name="source_file",
            type="string",
            description="The file of the landing zone it came in.",
            lineage=tuple(f"{name}.source_file" for name in FILE_FEEDS),
        ),
        Column(
            name="load_time",
            type="timestamp",
            description="When bronze loaded it, UTC.",
            lineage=tuple(f"{name}.load_time" for name in FILE_FEEDS),
        ),
    ),
    audit_columns=(FILE_LOAD, LINE_NUMBER, RAW_ENCODING),
)
