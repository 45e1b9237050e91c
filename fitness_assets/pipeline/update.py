"""Bringing one table up to date, whatever kind it is. The only way in from Dagster, the CLI and Databricks."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pyspark.sql import SparkSession

from fitness_assets.contracts.feeds import KAFKA_RECORDS
from fitness_assets.contracts.model import Source, Table, UpdateStrategy
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.reading import Gap
from fitness_assets.lakehouse.staging import staging
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.lakehouse.writes import ConcurrentWriteError, RowCounts, conflicts_as_errors
from fitness_assets.pipeline.landing_zone import list_files
from fitness_assets.pipeline.plan import Plan, plan
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.file_ingestion import FileIngestion, feed_folder
from fitness_assets.pipeline.strategies.incremental import Deriving
from fitness_assets.pipeline.strategies.kafka_ingestion import KafkaIngestion
from fitness_assets.pipeline.strategies.quarantine import QuarantineUpdate, progress_from_commits
from fitness_assets.pipeline.strategies.tombstones import Tombstones
from fitness_assets.pipeline.strategies.upsert import Folding

log = logging.getLogger("fitness_assets")

SparkProvider = Callable[[], SparkSession]
_TRIES = 3
_MOST_FILES = 300
"""Each small update adds a file. With more a check, which opens all of them, takes longer than an update."""


def update(lake: Lakehouse, table: Table, spark: SparkProvider, full: bool = False) -> UpdateResult:
    """Bring a table up to date with its sources.

    Args:
        spark: gives the session; it is not called where nothing is new.
        full: compute the table whole and make it equal; a bronze table is loaded anew.

    Raises:
        FitnessError: the table cannot be brought up to date; the message says what to do.
    """
    began = time.monotonic()
    for attempt in range(1, _TRIES + 1):
        try:
            with table_lock(table.full_name, lake.settings.lock_folder(table.layer.value, table.name)):
                done = (_landed if table.strategy is UpdateStrategy.APPEND else _keyed)(lake, table, spark, full)
                if done.changed:
                    _put_together(lake, table, spark)
            break
        except ConcurrentWriteError as race:
            if attempt == _TRIES:
                raise
            log.warning("%s Trying again (%s of %s).", race, attempt + 1, _TRIES)
    return replace(done, seconds=time.monotonic() - began)


def _put_together(lake: Lakehouse, table: Table, spark: SparkProvider) -> None:
    """Compact a table in a folder whose small updates have left it with many files."""
    if lake.few_here and lake.log(table).data_files() > _MOST_FILES:
        with conflicts_as_errors(table):
            lake.compact(spark, table)


def _landed(lake: Lakehouse, table: Table, spark: SparkProvider, full: bool) -> UpdateResult:
    """Files first: a broker that does not answer keeps nothing else from coming in."""
    store = ProgressStore(lake.settings)
    for one in [table, *(get_table(source.table) for source in table.sources)]:
        lake.ensure(one)
    landing = FileIngestion(lake, table, store)
    noted = landing.prepare(store.read(table), full)
    now = list_files(feed_folder(lake, landing.folder), landing.folder)
    if not noted.cleared:
        noted = landing.clear(spark, noted)
    settings = lake.settings.kafka if table.full_name == KAFKA_RECORDS.table else None
    topics = KafkaIngestion(lake, table, settings) if settings else None
    position = topics.position(noted) if topics else None
    before, missed, anew = _version(lake, table), position.gaps if position else (), False
    if now.fingerprint != noted.landed and (now.files or noted.landed is not None):
        anew = noted.landed is None and noted.generation > 0
        landing.run(spark(), noted, now)
        noted = replace(noted, landed=now.fingerprint)
    trouble, told = "", _told(())
    if topics and position is not None:
        try:
            consumed = topics.consume(spark, position)
            position, trouble = consumed.position, _gone(consumed.gone)
        except KafkaError as error:
            position, trouble = topics.position(noted), str(error)
        told = _told([gap for gap in position.gaps if gap not in missed])
        noted = replace(noted, kafka=position.as_json())
    noted = replace(noted, table=_version(lake, table))
    if noted != store.read(table):
        store.write(table, noted)
    records = _appended(lake, table, before, noted.table)
    mode = "whole" if anew else "incremental" if records else "unchanged"
    done = _result(lake, table, mode, "loaded anew" if anew else "", RowCounts(inserted=records), read=records)
    return replace(done, trouble=trouble, told=told)


def _appended(lake: Lakehouse, table: Table, before: Version, now: Version) -> int:
    """The rows that the commits since then say they added: also those of an update that ended in trouble."""
    commits = lake.log(table).commits(before.number, now.number)
    return sum(int(commit.metrics.get("numOutputRows", 0)) for commit in commits)


def _gone(topics: Sequence[str]) -> str:
    return f"The broker no longer has {', '.join(topics)}, which we read before. Make the topic anew." if topics else ""


def _told(gaps: Iterable[Gap]) -> tuple[str, ...]:
    return tuple(f"Records were gone before we could read them: {gap}" for gap in gaps)


def _keyed(lake: Lakehouse, table: Table, spark: SparkProvider, full: bool) -> UpdateResult:
    store = ProgressStore(lake.settings)
    noted = store.read(table)
    if table.strategy is UpdateStrategy.QUARANTINE:
        noted = progress_from_commits(lake, table, noted)
    as_of = lake.settings.as_of
    todo = plan(lake, table, noted, as_of.isoformat(), full)
    if todo.nothing:
        if noted is not None and noted.sources != todo.versions:
            store.write(table, replace(noted, sources=todo.versions))
        unchanged = _result(lake, table, "unchanged", accepted=noted.accepted if noted else {})
        return replace(unchanged, refused=noted.refused if noted else None)
    written, accepted = _written(lake, table, spark(), todo, store)
    counted = {} if todo.whole or noted is None else dict(noted.accepted)
    refused = None
    if table.strategy is UpdateStrategy.UPSERT:
        source = table.sources[0].table
        counted[source] = counted.get(source, 0) + accepted
        refused = _records(lake, table.sources[0], todo.versions[source]) - counted[source]
    note = Progress(
        table=_version(lake, table),
        sources=todo.versions,
        accepted=counted,
        refused=refused,
        as_of=as_of.isoformat(),
        code_version=table.code_version,
    )
    store.write(table, note)
    mode = "whole" if todo.whole else "incremental"
    done = _result(lake, table, mode, todo.whole or "", written, todo.expected_rows, counted)
    return replace(done, refused=refused)


def _records(lake: Lakehouse, source: Source, version: Version) -> int:
    """How many records a source held in one version; of the topics only those of the one that is read."""
    partition = {"topic_group": source.topic} if source.topic else {}
    return lake.log(get_table(source.table)).row_count(version.number, partition)


def _written(
    lake: Lakehouse, table: Table, spark: SparkSession, todo: Plan, store: ProgressStore
) -> tuple[RowCounts, int]:
    with staging(spark, store.staging(table)) as stage:
        if table.strategy is UpdateStrategy.UPSERT:
            tombstones = Tombstones(lake, table)
            return Folding(spark, lake, table, stage, tombstones).run(todo)
        if table.strategy is UpdateStrategy.QUARANTINE:
            return QuarantineUpdate(spark, lake, table, stage).run(todo), 0
        return Deriving(spark, lake, table, stage, lake.settings.as_of).run(todo), 0


def _result(
    lake: Lakehouse,
    table: Table,
    mode: str,
    reason: str = "",
    written: RowCounts | None = None,
    read: int = 0,
    accepted: dict[str, int] | None = None,
) -> UpdateResult:
    written = written or RowCounts()
    return UpdateResult(
        table=table.full_name,
        mode=mode,
        reason=reason,
        version=_version(lake, table).number,
        rows=lake.log(table).row_count(),
        read=read,
        inserted=written.inserted,
        updated=written.updated,
        deleted=written.deleted,
        accepted=accepted or {},
    )


def _version(lake: Lakehouse, table: Table) -> Version:
    version = lake.log(table).version()
    if version is None:
        raise RuntimeError(f"{table.full_name} vanished while it was being updated.")
    return version
