"""Which landed files are to be appended: those that were not read yet, and those with another content than was read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.landing.loading import Content, inspect_file, survey_file
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.pipeline.state.ingested_files import IngestedFile
from fitness_assets.pipeline.strategies.ingestion.blanking import count_records


@dataclass(frozen=True)
class DueFiles:
    """Holds the files of a feed against what is known of them.

    Attributes:
        erasures: people whose records are in no file that counts.
        blanked: what is in the files now from which we took lines ourselves, by name.
        has_new_rules: whether the rules are others than those that judged the table's records.
    """

    feed: FileFeed
    folder: Path
    erasures: Erasures
    blanked: Mapping[str, str]
    has_new_rules: bool

    def find(
        self, files: Mapping[str, FileVersion], ingested: dict[str, IngestedFile], unsettled: set[str]
    ) -> dict[str, int]:
        """The files that are due, and which content of its name each is.

        Args:
            ingested: what is known; of files that are not due it is brought up to date.
            unsettled: takes the files that do not hold still.
        """
        due: dict[str, int] = {}
        for name, version in files.items():
            known = ingested.get(name)
            if known is None:
                due[name] = 1
            elif known.is_missing:
                due[name] = known.load + (0 if self._may_be_same(name, known) else 1)
            elif known.version != version:
                content = inspect_file(self.folder, name)
                if content is None:
                    unsettled.add(name)
                elif self._is_same(name, known, content):
                    ingested[name] = replace(known, version=version, content=content)
                else:
                    due[name] = known.load + 1
            elif not known.content.digest and not known.content.reason:
                # Of a killed update, or of a list that was lost: what is in it is noted now.
                ingested[name] = replace(known, content=inspect_file(self.folder, name) or known.content)
            elif self.has_new_rules and known.content.reason and self._is_readable(name):
                due[name] = known.load + 1
        return due

    def is_same(self, name: str, known: IngestedFile) -> bool:
        """Whether a file holds what is known of it."""
        content = inspect_file(self.folder, name)
        return content is not None and self._is_same(name, known, content)

    def _may_be_same(self, name: str, known: IngestedFile) -> bool:
        """Whether a file whose rows are gone may still be the one that they were read from."""
        content = inspect_file(self.folder, name)
        return content is None or not known.content.digest or self._is_same(name, known, content)

    def _is_same(self, name: str, known: IngestedFile, content: Content) -> bool:
        if known.content.is_same_as(content):
            return True
        # One that is refused as a whole is read again without what was taken out of it.
        if content.digest and content.digest == self.blanked.get(name) and not known.content.reason:
            return True
        return self._has_as_many_records(name, known)

    def _is_readable(self, name: str) -> bool:
        """Whether a file is not refused as a whole by the rules as they are now."""
        survey = survey_file(self.feed, self.folder, name)
        return survey is not None and not survey[1]

    def _has_as_many_records(self, name: str, known: IngestedFile) -> bool:
        """Whether a file of which nobody knows any more what was in it has as many records as it had."""
        if known.content.digest or known.content.reason:
            return False
        survey = count_records(self.feed, self.folder, name, self.erasures)
        return survey is not None and survey[0] == known.records
