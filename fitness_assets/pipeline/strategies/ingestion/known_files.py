"""Which files are in a bronze table: by their list and the commits since, or by its rows where these are not to be
relied on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from fitness_assets.lakehouse import TransactionLog
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.state.file_rows import ContentRows, FileRows, earlier_records
from fitness_assets.pipeline.state.history import History
from fitness_assets.pipeline.state.ingested_files import IngestedFile
from fitness_assets.pipeline.strategies.ingestion.file_appends import COMMITTED_FILES
from fitness_assets.pipeline.strategies.ingestion.source_files import SourceFiles


@dataclass(frozen=True)
class KnownFiles:
    """What is known of the files of one table.

    Attributes:
        noted: the files as the list has them; None where it is lost.
        listed: the files of the landing zone.
        is_same: whether a file of the landing zone holds what was noted of it, although it looks another.
    """

    log: TransactionLog
    source_files: SourceFiles
    noted: Mapping[str, IngestedFile] | None
    listed: Mapping[str, FileVersion]
    is_same: Callable[[str, IngestedFile], bool]

    def noted_since(self, after: int) -> dict[str, IngestedFile]:
        """The list, and what was appended after a version by an update that was killed before it could list it."""
        noted = dict(self.noted or {})
        new = {
            name: (load, version)
            for (name, load), version in self._committed(after).items()
            if name not in noted or noted[name].load < load or noted[name].is_missing
        }
        rows: FileRows = self.source_files.rows() if new else {}
        for name, (load, version) in new.items():
            contents = rows.get(name, {})
            count = contents.get(load, ContentRows()).rows
            noted[name] = IngestedFile(version, load, records=count, earlier=earlier_records(contents, load))
        return noted

    def unlisted(self, known: Mapping[str, IngestedFile]) -> set[str]:
        """The files that are known to lie in the landing zone with a content that the list does not have."""
        loads = {name: file.load for name, file in (self.noted or {}).items()}
        return {name for name, file in known.items() if name in self.listed and loads.get(name, 0) < file.load}

    def told_by_rows(self, history: History, is_erased: bool = False) -> dict[str, IngestedFile]:
        """The files that have rows.

        One that was noted, and whose rows are gone, is missing: it is read again if it lies in the landing zone, and
        named by a check where it does not.

        Args:
            history: what became of the table since its progress was written.
            is_erased: whether rows of people who are forgotten were taken out; they never count.
        """
        told = history if self.noted is not None else History.UNKNOWN
        return dict(self._told(self.source_files.rows(), told, is_erased))

    def _told(self, rows: FileRows, history: History, is_erased: bool) -> Iterator[tuple[str, IngestedFile]]:
        noted, committed = self.noted or {}, self._committed(-1)
        for name in noted.keys() | rows.keys():
            known, contents = noted.get(name), rows.get(name, {})
            last = max(contents, default=0)
            if known is None or last > known.load:
                version = committed.get((name, last)) or self.listed.get(name) or FileVersion(0, 0)
                count, earlier = contents[last].rows, earlier_records(contents, last)
                lost = max(_noted_records(known) - earlier, 0) if known else 0
                yield name, IngestedFile(version, last, records=count, earlier=earlier, lost=lost)
                continue
            count = contents.get(known.load, ContentRows()).rows
            if history is History.REMOVED:
                earlier = earlier_records(contents, known.load)
                removed = known.removed + known.records - count
                yield name, replace(known, records=count, earlier=earlier, removed=removed)
            elif is_erased and (count or history is History.CONTINUOUS):
                # A restore takes all rows of a file or none; those that are gone of this one are of forgotten people.
                yield name, replace(known, records=count, earlier=earlier_records(contents, known.load))
            elif count and self._is_newer(name, known, committed.get((name, known.load))):
                # The list is older than the commit: an update was killed in between.
                yield name, self._as_committed(name, known, contents)
            else:
                lost = max(known.earlier + known.lost - earlier_records(contents, known.load), 0)
                earlier = known.earlier + known.lost - lost
                is_missing = not count and known.records > 0
                yield name, replace(known, is_missing=is_missing, earlier=earlier, lost=lost)

    def _is_newer(self, name: str, known: IngestedFile, committed: FileVersion | None) -> bool:
        """Whether a commit read a file as it is now, and the list has it as it was before."""
        return committed is not None and committed == self.listed.get(name) and committed != known.version

    def _as_committed(self, name: str, known: IngestedFile, contents: Mapping[int, ContentRows]) -> IngestedFile:
        """A file that was read as it is now. If it is of another content than was noted, that one's rows are gone."""
        count, earlier = contents[known.load].rows, earlier_records(contents, known.load)
        if self.is_same(name, known):
            return replace(known, version=self.listed[name], records=count, is_missing=False)
        lost = max(_noted_records(known) - earlier, 0)
        return IngestedFile(self.listed[name], known.load, records=count, earlier=earlier, lost=lost)

    def _committed(self, after: int) -> dict[tuple[str, int], FileVersion]:
        """What the files looked like that the commits after a version appended, by name and content."""
        return {
            (name, load): FileVersion(*version)
            for commit in self.log.commits(after, self.log.latest_number())
            for name, (load, *version) in commit.user_metadata.get(COMMITTED_FILES, {}).items()
        }


def _noted_records(known: IngestedFile) -> int:
    """How many records all contents of a name had, as they were noted."""
    return known.earlier + known.lost + (0 if known.content.reason else known.records)
