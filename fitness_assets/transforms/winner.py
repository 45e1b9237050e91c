"""Which of the rows of one key wins, as one order of rows: for an aggregate that weighs all of them at once, and as a
sequence by which whoever takes them one after the other keeps the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from fitness_assets.contracts.model import Table

_ASCENDING = {
    "bigint": ("{}", "0L"),
    "int": ("{}", "0"),
    "double": ("{}", "0D"),
    "string": ("{}", "''"),
    "boolean": ("{}", "false"),
    "date": ("{}", "DATE'1970-01-01'"),
    "timestamp": ("{}", "TIMESTAMP'1970-01-01 00:00:00Z'"),
}
"""Of each type the value in ascending order, and what stands for null, whose place another field says."""
_DESCENDING = {
    # The complement of a number turns its order round, and that of none is out of range.
    "bigint": ("~{}", "0L"),
    "int": ("~{}", "0"),
    "double": ("-{}", "0D"),
    # Of two texts of which one begins the other the shorter one is greater: G is above every digit.
    "string": ("concat(translate(hex({}), '0123456789ABCDEF', 'FEDCBA9876543210'), 'G')", "''"),
    "boolean": ("NOT {}", "false"),
    "date": ("~unix_date({})", "0"),
    "timestamp": ("~unix_micros({})", "0L"),
}
"""The same in descending order."""


@dataclass(frozen=True)
class Winner:
    """The row whose columns come last, or first, compared one after the other; null comes before any value.

    Attributes:
        columns: all columns outside the key, so that two rows that are equal in them are the same row.
        is_least: whether the first one wins instead of the last.
    """

    columns: tuple[str, ...]
    is_least: bool = False

    def aggregate(self) -> Column:
        """The winner among all rows of a group, as a struct of its columns."""
        if not self.columns:
            return F.expr("struct(max(true) AS seen)")
        return F.expr(f"{'min' if self.is_least else 'max'}(struct({', '.join(f'`{name}`' for name in self.columns)}))")

    def sequence(self, table: Table) -> str:
        """A struct without nulls that is greatest for the winner, in SQL; equal for equal rows alone."""
        fields: Sequence[str] = [
            field for name in self.columns for field in self._fields(name, table.column(name).type)
        ]
        return f"struct({', '.join(fields) or 'true AS seen'})"

    def _fields(self, name: str, kind: str) -> tuple[str, str]:
        value, instead = (_DESCENDING if self.is_least else _ASCENDING)[kind]
        presence = f"`{name}` IS {'' if self.is_least else 'NOT '}NULL"
        return f"{presence} AS `{name}_presence`", f"coalesce({value.format(f'`{name}`')}, {instead}) AS `{name}`"


def greatest(*columns: str) -> Winner:
    """The row that comes last by these columns wins."""
    return Winner(columns)


def least(*columns: str) -> Winner:
    """The row that comes first by these columns wins."""
    return Winner(columns, is_least=True)
