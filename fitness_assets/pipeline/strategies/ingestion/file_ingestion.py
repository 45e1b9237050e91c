"""Bronze from files: each complete file of a feed is appended once.

The commit that appends files names them, and the list of ingested files keeps the names; where these cannot be relied
on the rows tell. So a run that is killed neither loses nor doubles a file. A file with another content under its name
has landed a second time. One that cannot be read is one row that says why, and is tried again when it changes.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial

from fitness_assets.contracts.feeds import FILE_FEEDS, rules_version
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import DataLossError
from fitness_assets.lakehouse import Lakehouse, TableScan, Version
from fitness_assets.pipeline.landing.listing import FileListing, feed_folder, file_version, list_files
from fitness_assets.pipeline.landing.loading import inspect_file
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.pipeline.state.file_rows import FILE_LOAD
from fitness_assets.pipeline.state.history import OUR_OWN, History, history_since
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.state.reconciliation import NOTHING_WRONG, compare_files
from fitness_assets.pipeline.strategies.appends import appended, existing_version
from fitness_assets.pipeline.strategies.ingestion.blanking import BlankedFiles, Forgotten, count_records
from fitness_assets.pipeline.strategies.ingestion.due_files import DueFiles
from fitness_assets.pipeline.strategies.ingestion.erasing import erasures_now
from fitness_assets.pipeline.strategies.ingestion.file_appends import COMMITTED_FILES, FileAppender, IngestionOutcome
from fitness_assets.pipeline.strategies.ingestion.known_files import KnownFiles
from fitness_assets.pipeline.strategies.ingestion.rejudging import judge_again
from fitness_assets.pipeline.strategies.ingestion.source_files import SourceFiles
from fitness_assets.pipeline.strategies.ingestion.unknown_fields import (
    KNOWN_FIELDS,
    KNOWN_FIELDS_DESCRIPTION,
    check_known_fields,
    with_unknown_fields,
)
from fitness_assets.pipeline.strategies.strategy import Strategy, StrategyResult, ZoneView
from fitness_assets.transforms.records import judge_fields, open_judge

_CHECK = "landed_equals_loaded"


@dataclass(frozen=True)
class FilePlan:
    """What to ingest.

    Attributes:
        listing: the files that are there.
        is_due: whether they are others than those that were ingested, or the rules others.
        has_new_rules: whether the rules are others than those that judged the table's records.
        has_erased_rows: whether the table may have rows of people who are forgotten.
        is_reload: whether the table is loaded anew.
    """

    listing: FileListing
    is_due: bool
    is_reload: bool
    has_new_rules: bool
    has_erased_rows: bool


class FileIngestion(Strategy[FilePlan]):
    """One update of one bronze table from its files."""

    SUMMARY = "appended as files and records land"
    DESCRIPTION = (
        "Each complete file of the landing zone is appended once, and each record of the topics; nothing is dropped "
        "or changed."
    )

    warning_checks = frozenset({KNOWN_FIELDS})

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        super().__init__(lake, table, store)
        self.feed = FILE_FEEDS[table.full_name]
        self.folder = feed_folder(lake.settings, self.feed)
        self.ingested = IngestedFiles(store.storage, table)
        self.source_files = SourceFiles(lake, table, self.feed)
        self._blanked = BlankedFiles(store.storage, table, self.feed, self.folder)
        self._history = History.CONTINUOUS

    @cached_property
    def _erasures(self) -> Erasures:
        return erasures_now(self.lake, self.store.storage, self.table.full_name)

    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress:
        """The progress to go on from; a full refresh is noted before anything is taken out, and taken up again.

        Raises:
            DataLossError: files that the table was loaded from have left the landing zone.
        """
        for source in self.table.sources:
            self.lake.ensure(get_table(source.table))
        version = existing_version(self.lake, self.table)
        self._history = history_since(self.lake.log(self.table), progress)
        is_begun = progress is not None and not progress.is_cleared and progress.table.table_id == version.table_id
        if full_refresh:
            if missing := self.source_files.missing(self.ingested.read()):
                raise DataLossError(
                    f"A full refresh of {self.table.full_name} reads the landing zone anew, but {len(missing)} of the "
                    f"files it was loaded from are no longer there, for example {missing[0]}. Put them back, or "
                    f"refresh only the tables downstream."
                )
            progress = self._begun(version, progress, is_cleared=False)
            self.store.write(self.table, progress)
        elif progress is None or (self._history is History.UNKNOWN and not is_begun):
            progress = self._begun(version, progress, is_cleared=True)
        return progress

    def plan(self, progress: Progress | None, full_refresh: bool) -> FilePlan:
        assert progress is not None, "prepare always gives the progress of a bronze table"
        listing = self._blanked.listing()
        has_new_rules = progress.code_version != rules_version(self.feed)
        has_erased_rows = self._erasures.fingerprint != progress.erasures or (
            self._history is History.UNKNOWN and not self._erasures.is_empty
        )
        is_due = has_new_rules or listing.fingerprint != progress.files_fingerprint or self._is_changed
        return FilePlan(listing, is_due or has_erased_rows, not progress.is_cleared, has_new_rules, has_erased_rows)

    def run(self, plan: FilePlan, progress: Progress | None) -> StrategyResult:
        """Append the files that were not read yet, and those with another content than was read."""
        assert progress is not None, "prepare always gives the progress of a bronze table"
        if not progress.is_cleared:
            progress = self._clear(progress)
        if plan.has_erased_rows:
            progress = self._erase(progress)
        noted, judged = progress, StrategyResult(progress)
        if plan.has_new_rules:
            judged = judge_again(self.lake, self.table, self.feed, progress)
            progress = judged.progress
        before, outcome = existing_version(self.lake, self.table), IngestionOutcome()
        if plan.is_due:
            # From what was noted on: a killed update may have left commits before the table was judged again.
            self._ingest(plan, noted, outcome)
            # A file that did not hold still is looked at again, whatever it looks like then.
            fingerprint = plan.listing.fingerprint + ("?" if outcome.unsettled else "")
            progress = replace(progress, files_fingerprint=fingerprint)
        result = appended(self.lake, self.table, before, progress, is_reload=plan.is_reload)
        progress, warnings = with_unknown_fields(result.progress, outcome.unknown_fields)
        warnings += tuple(
            f"{name} was written to, or taken away, while it was read. The next update looks at it again."
            for name in sorted(outcome.unsettled)
        )
        result = replace(result, progress=progress, warnings=warnings, left_alone=plan.listing.some_left_alone())
        return judged.followed_by(result)

    @classmethod
    def is_pending(cls, table: Table, view: ZoneView) -> bool:
        feed, progress = FILE_FEEDS[table.full_name], view.progress(table)
        has_new_rules = progress is not None and progress.code_version != rules_version(feed)
        return has_new_rules or view.has_new_files(table, feed)

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"judge of files": open_judge, "judge of fields": judge_fields}

    @classmethod
    def check_descriptions(cls, table: Table) -> dict[str, str]:
        return {
            _CHECK: "Every record of the files that were loaded is here, exactly once.",
            KNOWN_FIELDS: KNOWN_FIELDS_DESCRIPTION,
        }

    def check(self, scan: TableScan) -> Iterator[CheckResult]:
        counts = compare_files(
            scan,
            self.feed,
            self.folder,
            self.ingested.read() or {},
            self._new_files(scan),
            partial(count_records, erasures=self._erasures),
        )
        description = self.check_descriptions(self.table)[_CHECK]
        yield CheckResult(_CHECK, counts.wrong == NOTHING_WRONG, description, asdict(counts))
        yield check_known_fields(self.store.read(self.table))

    def _new_files(self, scan: TableScan) -> set[str] | None:
        """The files that a check has to look at: those whose rows are new, and those of which rows are gone; None for
        all, where somebody else has changed the table since."""
        if scan.is_all_new or scan.since is None:
            return None
        commits = list(
            self.lake.log(self.table).commits(scan.since.number, existing_version(self.lake, self.table).number)
        )
        if any(commit.changed_rows and OUR_OWN not in commit.user_metadata for commit in commits):
            return None
        appended_files = {name for commit in commits for name in commit.user_metadata.get(COMMITTED_FILES, {})}
        known = self.ingested.read() or {}
        return appended_files | {name for name, file in known.items() if file.is_missing or file.lost}

    def _clear(self, progress: Progress) -> Progress:
        """Take out the rows of the generation before; of the new one nothing was read yet.

        Records from a broker stay: it may no longer have them, and they are exact as they are.
        """
        self.ingested.forget()
        self.lake.delete_not_null(self.table, FILE_LOAD)
        progress = replace(progress, is_cleared=True, table=existing_version(self.lake, self.table))
        self.store.write(self.table, progress)
        return progress

    def _erase(self, progress: Progress) -> Progress:
        """Take out the rows of people who are forgotten, and blank their lines in the files that have landed."""
        forgotten = Forgotten(self._erasures)
        self.lake.delete_rows(self.table, lambda rows: forgotten.rows(self.feed, rows), "erased")
        self._blanked.blank(list_files(self.folder, self.feed).files, forgotten)
        return replace(progress, erasures=self._erasures.fingerprint)

    def _ingest(self, plan: FilePlan, progress: Progress, outcome: IngestionOutcome) -> None:
        listing = list_files(self.folder, self.feed) if plan.has_erased_rows else plan.listing
        files = DueFiles(self.feed, self.folder, self._erasures, self._blanked.digests(), plan.has_new_rules)
        log, noted = self.lake.log(self.table), self.ingested.read()
        known_files = KnownFiles(log, self.source_files, noted, listing.files, files.is_same)
        if plan.is_reload or not (self._is_changed or plan.has_erased_rows or known_files.noted is None):
            ingested = known_files.noted_since(progress.table.number)
        else:
            ingested = known_files.told_by_rows(self._history, plan.has_erased_rows)
        due = files.find(listing.files, ingested, outcome.unsettled)
        # A killed update may have appended files and not come to blanking their lines.
        unlisted = set() if self._erasures.is_empty else known_files.unlisted(ingested)
        appended_files = FileAppender(self.lake, self.table, self.feed, listing, self._erasures, outcome).append(due)
        for name, file in appended_files.items():
            ingested[name] = file.after(ingested[name]) if name in ingested else file
        for name in self._blanked.blank(outcome.with_erased | unlisted, Forgotten(self._erasures)):
            now, content = file_version(self.folder, name), inspect_file(self.folder, name)
            if now is not None and content is not None:
                ingested[name] = replace(ingested[name], version=now, content=content)
        self.ingested.write(ingested)
        self._blanked.forget()

    @property
    def _is_changed(self) -> bool:
        """Whether others than our own updates changed the table."""
        return self._history is not History.CONTINUOUS

    def _begun(self, version: Version, before: Progress | None, is_cleared: bool) -> Progress:
        """The progress of a table of which nothing was read yet, or nobody knows what."""
        # Rows that came back may have been judged by the rules of their time.
        is_judged = not is_cleared or not self.lake.log(self.table).row_count()
        return Progress(
            table=version,
            is_cleared=is_cleared,
            code_version=rules_version(self.feed) if is_judged else "",
            kafka_offsets=before.kafka_offsets if before else None,
            unknown_fields=before.unknown_fields if before else {},
            erasures=before.erasures if before and not is_cleared else "",
        )
