"""What contracts are made of."""

from dataclasses import dataclass
from enum import Enum


class Layer(Enum):
    """The three layers of the medallion; the value is the schema's deployed name."""

    BRONZE = "bronz_db"
    SILVER = "silver_db"
    GOLD = "gold_db"


class Pii(Enum):
    """Classes of personal data, for masks and grants.

    A text that holds a whole record is IDENTITY, the class that the fewest roles may see.
    """

    IDENTITY = "identity"
    """Which person it is: ids, addresses of devices, when somebody came and went, date of birth, sex and gender."""
    CONTACT = "contact"
    """Where the person is found: names and the parts of the address."""
    HEALTH = "health"
    """What the body did: heart rates and exercise."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        type: the Delta type: bigint, int, double, string, boolean, date or timestamp (UTC).
        nullable: False makes Delta refuse a write that has no value here.
        accepted_values: the only values that may stand here; empty means any.
        lineage: the columns this one is made from, as `schema.table.column`.
        former_names: what it was called before; a table that has it under such a name goes on under this one.
    """

    name: str
    type: str
    description: str
    nullable: bool = True
    pii: Pii | None = None
    accepted_values: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A table that another is made from.

    Attributes:
        change_key: the columns of the source that every row made from it carries on. A changed source
            row can change only rows with the same values there, so this is what makes a change
            in the source small in the table.
        topic: the one Kafka topic that is read, where the source is the multiplexed bronze table.
    """

    table: str
    change_key: tuple[str, ...] = ()
    topic: str | None = None

    @property
    def name(self) -> str:
        return self.table.split(".")[1]


@dataclass(frozen=True)
class EquiJoin:
    """Two sources meet where these columns (`table.column`) are equal."""

    left: str
    right: str


@dataclass(frozen=True)
class RangeJoin:
    """Two sources meet where `point` lies between `start` and `end`, the borders included.

    It is used to read less, so it may be wider than the rule of the transform, never narrower.
    """

    point: str
    start: str
    end: str


@dataclass(frozen=True)
class ForeignKey:
    """Every row must have a row in `table` with the same values in these columns."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class Retention:
    """For how long the records of a bronze table are kept.

    What is older leaves the table, its landed files and every table above it, and nothing brings it back. A record
    without that time, as many that are refused, goes by its Kafka timestamp, or stays where it has none.

    Attributes:
        column: the time that counts: a timestamp, or epoch seconds.
        days: how many days a record is kept.
        topic: of the multiplexed table the topic whose records it is about.
    """

    column: str
    days: int
    topic: str | None = None


class UpdateStrategy(Enum):
    """How a table is updated."""

    APPEND = "append"
    """Bronze: every record of a file feed, and of the Kafka topics, is appended once."""
    UPSERT = "upsert"
    """Silver from bronze: the accepted records are merged, one row a key, into the rows that exist."""
    INCREMENTAL = "incremental"
    """From keyed tables: the rows that a change touches are computed again."""
    QUARANTINE = "quarantine"
    """Every bronze record that a rule refuses is appended once."""


@dataclass(frozen=True)
class Table:
    """A table: what one row is, its columns, and where its rows come from.

    Attributes:
        grain: what one row is, in a sentence.
        columns: the public columns, in order; names and types do not change.
        audit_columns: further, technical columns after the public ones.
        key: the columns that are unique together; empty for bronze and quarantine.
        joins: how the sources of an incremental table meet; lets an update read only what it needs.
        cluster_by: the order of many rows in files, so that a later change finds its few files.
        tombstone_condition: for an upserted table, a SQL condition: where it holds for the winning record of
            a key there is no row, and the record is kept in the table of tombstones.
        retention: for how long the records of a bronze table are kept; empty for ever.
        archive_by: for an incremental table, the time or day that says which of its rows stay, as they are then, when
            the records below them are let go; a day counts from its midnight, UTC. None: its rows go with the records.
        depends_on_date: the rows also depend on the as-of date.
        state_of: the table whose state this one holds; such a table is no asset, and as a folder it lies in the
            checkpoint zone.
        code_version: raise it when a rule or a transform changes what the rows are; the table is
            then rebuilt by itself.
    """

    layer: Layer
    name: str
    strategy: UpdateStrategy
    description: str
    grain: str
    columns: tuple[Column, ...]
    audit_columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    joins: tuple[EquiJoin | RangeJoin, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition_by: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    tombstone_condition: str | None = None
    retention: tuple[Retention, ...] = ()
    archive_by: str | None = None
    depends_on_date: bool = False
    owner: str = "team:data-platform"
    code_version: str = "1"
    state_of: str | None = None

    @property
    def tombstone_table(self) -> "Table | None":
        """The table of the records that mean "no row", for an upserted table that has such records."""
        if self.tombstone_condition is None:
            return None
        return Table(
            layer=self.layer,
            name=f"{self.name}_tombstones",
            strategy=self.strategy,
            description=f"The records that took rows out of {self.full_name}, so that an older one brings none back.",
            grain="one record that means that there is no row",
            columns=self.all_columns,
            owner=self.owner,
            state_of=self.name,
        )

    @property
    def archive_table(self) -> "Table | None":
        """The table of the rows that stay, for a table that has such rows."""
        if self.archive_by is None:
            return None
        return Table(
            layer=self.layer,
            name=f"{self.name}_archive",
            strategy=self.strategy,
            description=f"The rows of {self.full_name} that stay although the records below them were let go.",
            grain=self.grain,
            columns=self.all_columns,
            key=self.key,
            cluster_by=self.cluster_by,
            owner=self.owner,
            state_of=self.name,
        )

    @property
    def state_tables(self) -> "tuple[Table, ...]":
        """The tables that hold its state."""
        return tuple(table for table in (self.tombstone_table, self.archive_table) if table is not None)

    @property
    def state_name(self) -> str:
        """What such a table holds, in a word that is its own among those of one table."""
        return self.name.removeprefix(f"{self.state_of}_")

    @property
    def full_name(self) -> str:
        return f"{self.layer.value}.{self.name}"

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns + self.audit_columns

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.all_columns]

    @property
    def value_columns(self) -> list[str]:
        """The columns that are not part of the key."""
        return [name for name in self.column_names if name not in self.key]

    def column(self, name: str) -> Column:
        return next(column for column in self.all_columns if column.name == name)

    def source(self, name: str) -> Source:
        return next(source for source in self.sources if source.name == name)
