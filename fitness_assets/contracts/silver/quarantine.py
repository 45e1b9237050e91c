from fitness_assets.contracts.landing import FOLDERS, reasons
from fitness_assets.contracts.model import Column, Kind, Layer, Pii, Source, Table

TABLE = Table(
    layer=Layer.SILVER,
    name="quarantine",
    kind=Kind.REFUSED,
    description="Every bronze record that a rule refuses, whole, with the reason.",
    grain="a refused bronze record",
    sources=tuple(Source(name) for name in FOLDERS),
    columns=(
        Column(
            "record",
            "string",
            "The record whole: the line as it landed, or the bronze row as JSON.",
            pii=Pii.IDENTITY,
            lineage=tuple(f"{name}.raw" for name in FOLDERS),
        ),
        Column("reason", "string", "Why it was refused.", nullable=False, allowed=tuple(reasons())),
        Column("source_table", "string", "The bronze table that holds it.", nullable=False, allowed=tuple(FOLDERS)),
        Column(
            "source_file",
            "string",
            "The file of the landing zone it came in.",
            lineage=tuple(f"{name}.source_file" for name in FOLDERS),
        ),
        Column(
            "load_time",
            "timestamp",
            "When bronze loaded it, UTC.",
            lineage=tuple(f"{name}.load_time" for name in FOLDERS),
        ),
    ),
)
