"""What we use of Lakeflow's module `pyspark.pipelines`. That of Spark itself has no expectations."""

from collections.abc import Callable
from typing import Protocol

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

Query = Callable[[], DataFrame]


class Pipelines(Protocol):
    """The module, or what stands in its place."""

    def create_streaming_table(
        self,
        name: str,
        *,
        comment: str,
        schema: str | StructType,
        table_properties: dict[str, str],
        cluster_by: list[str] | None,
        expect_all: dict[str, str],
    ) -> None: ...

    def append_flow(self, *, target: str, name: str) -> Callable[[Query], None]: ...

    def temporary_view(self, *, name: str) -> Callable[[Query], None]: ...

    def create_auto_cdc_flow(
        self,
        target: str,
        source: str,
        keys: list[str],
        sequence_by: str,
        apply_as_deletes: str | None,
        except_column_list: list[str],
        stored_as_scd_type: str,
    ) -> None: ...

    def materialized_view(
        self,
        *,
        name: str,
        comment: str,
        schema: str | StructType,
        table_properties: dict[str, str],
        cluster_by: list[str] | None,
    ) -> Callable[[Query], None]: ...

    def expect_all(self, expectations: dict[str, str]) -> Callable[[Query], Query]: ...
