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
from fitness_assets.defs.external import SQL_TABLES, landing_key
from fitness_assets.errors import FitnessError
from fitness_assets.settings import Settings
from fitness_assets.sql_source.extract import EXTRACTED, extract
from fitness_assets.sql_source.settings import URL_VARIABLE, SqlSource

ONE_READER = "sql_source"
"""The pool that bounds how many runs read the source at once."""
_OWNER = ["team:data-platform"]


class ExtractConfig(Config):
    """How the table is read in this run."""

    whole: bool = Field(
        default=False,
        description="Read the whole table and compare it, although its rowversion says what changed.",
    )


def extracted_keys() -> list[AssetKey]:
    """The landing folders that are assets here and no longer external ones."""
    return [landing_key(folder.name) for folder in EXTRACTED]


def sql_source_assets() -> list[AssetsDefinition]:
    return [_extracting(folder) for folder in EXTRACTED]


def _extracting(folder: FileFeed) -> AssetsDefinition:
    table = SQL_TABLES[folder.name]

    @asset(
        key=landing_key(folder.name),
        deps=[AssetKey(["azure_sql", table])],
        description=f"New and changed rows of the table {table} in Azure SQL, extracted as CSV files.",
        group_name="landing_zone",
        kinds={"sqlserver", "csv"},
        owners=_OWNER,
        pool=ONE_READER,
    )
    def extracted(context: AssetExecutionContext, config: ExtractConfig) -> MaterializeResult[None]:
        try:
            source = SqlSource.from_env()
            if source is None:
                return _without_source(context)
            result = extract(Settings.from_env(), source, folder, config.whole)
        except FitnessError as error:
            raise Failure(f"{table} was not extracted: {error}") from error
        context.log.info(f"{table}: {result.line()}")
        if result.repeated:
            context.log.info(f"{result.repeated:,} rows of {table} equal another one in every field; each came once.")
        return MaterializeResult(
            data_version=DataVersion(str(result.number)),
            metadata={
                "rows": MetadataValue.int(result.rows),
                "file": MetadataValue.text(", ".join(result.files) or "none"),
                "read": MetadataValue.int(result.read),
                "repeated": MetadataValue.int(result.repeated),
                "seconds": MetadataValue.float(round(result.seconds, 3)),
            },
        )

    return extracted


def _without_source(context: AssetExecutionContext) -> MaterializeResult[None]:
    said = f"{URL_VARIABLE} is not set: nothing is extracted, and the files that are there are used."
    context.log.info(said)
    return MaterializeResult(
        data_version=DataVersion("0"), metadata={"rows": MetadataValue.int(0), "source": MetadataValue.text(said)}
    )
