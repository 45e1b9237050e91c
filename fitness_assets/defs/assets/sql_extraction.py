"""The landing folders that are extracted from Azure SQL, each a real asset."""

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Config,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    asset,
)
from pydantic import Field

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.defs.asset_keys import folder_asset_key, sql_table_asset_key
from fitness_assets.defs.assets.source_assets import OWNERS, SQL_TABLES
from fitness_assets.defs.retention.nothing_new import note_nothing_new
from fitness_assets.errors import FitnessError
from fitness_assets.resources.sql_source import SqlSourceResource
from fitness_assets.sql_source.feeds import EXTRACTED_FEEDS

EXTRACTION_POOL = "sql_source"
"""The pool that bounds how many runs read the source at once."""


class ExtractConfig(Config):
    """How the table is read in this run."""

    whole: bool = Field(
        default=False,
        description="Read the whole table and compare it, although its rowversion says what changed.",
    )


def extracted_asset_keys() -> list[AssetKey]:
    """The landing folders that are assets here and no sources."""
    return [folder_asset_key(folder.name) for folder in EXTRACTED_FEEDS]


def sql_extraction_assets() -> list[AssetsDefinition]:
    return [_extracted_folder(folder) for folder in EXTRACTED_FEEDS]


def _extracted_folder(folder: FileFeed) -> AssetsDefinition:
    sql_table = SQL_TABLES[folder.name]

    @asset(
        key=folder_asset_key(folder.name),
        deps=[sql_table_asset_key(sql_table)],
        description=f"New and changed rows of the table {sql_table} in Azure SQL, extracted as CSV files.",
        group_name="landing_zone",
        kinds={"sqlserver", "csv"},
        owners=OWNERS,
        pool=EXTRACTION_POOL,
    )
    def extracted_folder(
        context: AssetExecutionContext, config: ExtractConfig, sql_source: SqlSourceResource
    ) -> MaterializeResult[None]:
        try:
            extracted = sql_source.extract(folder, config.whole)
        except FitnessError as error:
            raise Failure(f"{sql_table} was not extracted: {error}") from error
        if extracted is None:
            return _without_source(context)
        context.log.info(f"{sql_table}: {extracted.summary()}")
        if not extracted.files:
            note_nothing_new(context)
        if extracted.repeated:
            context.log.info(
                f"{extracted.repeated:,} rows of {sql_table} equal another one in every field; each came once."
            )
        return MaterializeResult(
            data_version=DataVersion(str(extracted.last_file_number)),
            metadata={
                "rows": MetadataValue.int(extracted.landed),
                "file": MetadataValue.text(", ".join(extracted.files) or "none"),
                "read": MetadataValue.int(extracted.read),
                "repeated": MetadataValue.int(extracted.repeated),
                "seconds": MetadataValue.float(round(extracted.seconds, 3)),
            },
        )

    return extracted_folder


def _without_source(context: AssetExecutionContext) -> MaterializeResult[None]:
    message = "FITNESS_SQL_URL is not set: nothing is extracted, and the files that are there are used."
    context.log.info(message)
    note_nothing_new(context)
    return MaterializeResult(
        data_version=DataVersion("0"), metadata={"rows": MetadataValue.int(0), "source": MetadataValue.text(message)}
    )
