"""The rows of a table that stay, as they were, when the records below them are let go.

They are kept in a table of their own. Before the mark of the archive the rows of the table are those of the archive,
and from there on those that its sources give. Rows are archived first, then the mark is noted, and only then records
go: what is killed in between is done again and gives the same.
"""

import logging
from dataclasses import replace

import pyarrow as pa

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import CHANGE_TYPE, Lakehouse, OneOf, RowSet, StagingArea, Version, diff_rows, union
from fitness_assets.pipeline.state.archive_mark import ArchiveMark, delete_mark, due_mark, put_mark, read_mark
from fitness_assets.pipeline.state.erased_rows import rows_of_people
from fitness_assets.pipeline.state.erasures import Cutoff, Erasures, read_erasures
from fitness_assets.pipeline.state.history import is_intact
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.ingestion.erasing import erasures_now

log = logging.getLogger("fitness_assets")


class Archive:
    """The archive of one table, which its contract says that there is (`archive_by`)."""

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        archive = table.archive_table
        assert archive is not None, "only a table with archive_by has an archive"
        self._lake = lake
        self._table = table
        self._archive = archive
        self._storage = store.storage
        self.mark = read_mark(store.storage, table)

    def bring_up_to_date(self, progress: Progress | None) -> str:
        """Archive what is due, put back what was lost, take out people who are forgotten, before an update of the
        table; the erasures that it was held against, as a text."""
        # Also where a contract says only now that rows stay, or a backup is older than the cutoffs.
        self.advance(read_erasures(self._storage).cutoffs)
        if self.mark is None:
            return ""
        erasures = erasures_now(self._lake, self._storage, self._table.full_name)
        is_changed = self._put_back(self.mark, progress)
        if is_changed or progress is None or progress.erasures != erasures.fingerprint:
            self._take_out(erasures)
        return erasures.fingerprint

    def advance(self, cutoffs: tuple[Cutoff, ...]) -> None:
        """Archive the rows of the table, as they are, that are below what is due; what was archived before stays."""
        due, mark = due_mark(self._table, cutoffs), self.mark
        if due is None or (mark is not None and mark.before >= due.before):
            return
        self._lake.ensure(self._archive)
        with self._lake.staging(self._archive) as area:
            rows = self._lake.read(self._table).where(due.archived(self._table))
            # What a killed one left behind the mark is replaced.
            left = self._lake.read(self._archive)
            if mark is not None:
                rows = rows.where(mark.archived(self._table), is_met=False)
                left = left.where(mark.archived(self._table), is_met=False)
            changes = diff_rows(rows, left, self._archive).stage(area, self._lake.log(self._table).row_count())
            self._lake.apply_changes(self._archive, changes)
        # A row that another cluster changed meanwhile would be archived as it was.
        self._lake.check_fence(self._table)
        put_mark(self._storage, self._table, due)
        self.mark = due

    def version(self) -> Version | None:
        """The latest version of the archive; None where nothing of the table stays yet."""
        return self._lake.log(self._archive).version()

    def with_archived(self, derived: RowSet) -> RowSet:
        """The true rows of the table, from all that its sources give."""
        if self.mark is None:
            return derived
        archived = self._lake.read(self._archive).where(self.mark.archived(self._table))
        return union([self.without_archived(derived).anti_join(archived, self._table.key), archived])

    def without_archived(self, rows: RowSet) -> RowSet:
        """Those of some rows that are none of the archive's by their time."""
        return rows if self.mark is None else rows.where(self.mark.archived(self._table), is_met=False)

    def without_archived_keys(self, changes: RowSet, area: StagingArea) -> RowSet:
        """Changes without rows to insert whose key an archived row has: that one stays.

        The archive is not read for it, as the table has the same rows.
        """
        if self.mark is None:
            return changes
        inserts = changes.filter(CHANGE_TYPE, OneOf(("insert",)))
        if inserts.is_empty:
            return changes
        key = list(self._table.key)
        same = self._lake.semi_join(self._table, inserts.distinct(*key).stage(area, 0), key)
        archived = same.where(self.mark.archived(self._table)).stage(area, 0)
        return changes if archived.is_empty else changes.anti_join(archived, key).stage(area, 0)

    def _put_back(self, mark: ArchiveMark, progress: Progress | None) -> bool:
        """Put the table's rows into an archive that lost some to somebody else; whether it lost any."""
        was_there = self._lake.log(self._archive).exists()
        self._lake.ensure(self._archive)
        known = progress.archive if progress else None
        if was_there if known is None else is_intact(self._lake, self._archive, known):
            return False
        if progress is not None and not is_intact(self._lake, self._table, progress.table):
            log.warning(
                "%s and its archive were both changed by somebody else: rows whose records were let go may be lost. "
                "What is not in %s any more is in a backup (fitness-assets restore).",
                self._table.full_name,
                self._lake.address(self._archive),
            )
            return True
        # What was archived since is not the table's to tell: the table may be older than the archive, from a backup.
        known_mark = mark if progress is None else replace(mark, before=progress.archived_before or 0)
        kept = self._lake.read(self._table).where(known_mark.archived(self._table))
        missing = kept.anti_join(self._lake.read(self._archive), self._table.key)
        self._lake.append(self._archive, missing, self._lake.log(self._table).row_count())
        return True

    def _take_out(self, erasures: Erasures) -> None:
        """Take people who are forgotten out."""
        if not erasures.erasures:
            return
        found = [rows.filter(rows_of_people(rows, erasures)) for rows in self._lake.read_batches(self._archive)]
        gone = pa.concat_tables(found) if found else None
        if gone is not None and gone.num_rows:
            deletes = gone.append_column(CHANGE_TYPE, pa.array(["delete"] * gone.num_rows, pa.string()))
            self._lake.apply_changes(self._archive, RowSet.in_process(self._lake.spark, deletes))


def archive_of(lake: Lakehouse, table: Table, store: ProgressStore) -> Archive | None:
    """The archive of a table whose contract says that rows of it stay."""
    return Archive(lake, table, store) if table.archive_by else None


def remove_archive(lake: Lakehouse, table: Table, store: ProgressStore) -> None:
    """Remove the archive of a table whose contract does not say any more that rows of it stay."""
    archive = replace(table, archive_by=table.key[0]).archive_table
    assert archive is not None, "it says so here"
    lake.remove(archive)
    delete_mark(store.storage, table)


def archive_rows(lake: Lakehouse, table: Table, cutoffs: tuple[Cutoff, ...]) -> None:
    """Archive the rows of a table before records below some cutoffs are let go. Nobody updates it meanwhile.

    Raises:
        LockTimeoutError: another process updates the table and does not finish.
        ConcurrentWriteError: another cluster has updated it meanwhile.
    """
    store = ProgressStore.from_settings(lake.settings)
    with table_lock(store.storage, table):
        lake.ensure(table)
        with lake.fenced(table):
            Archive(lake, table, store).advance(cutoffs)
