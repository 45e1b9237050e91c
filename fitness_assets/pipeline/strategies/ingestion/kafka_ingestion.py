"""Bronze from Kafka: each record of the topics is appended once.

How far the topics are read is said by the commit that appends their records, so the two cannot part: a run that is
killed at any instant goes on where the last commit ended. The offsets that the consumer group is given afterwards are
for other tools to look at, and are never read back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.contracts.model import Table
from fitness_assets.errors import KafkaError, UpdateError
from fitness_assets.kafka.cluster import Cluster, Topic
from fitness_assets.kafka.offsets import (
    ConsumedOffsets,
    ReadPlan,
    TopicOffsets,
    plan_reads,
    split_into_batches,
)
from fitness_assets.lakehouse import Commit, Lakehouse, TableScan, new_user_metadata
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.pipeline.state.history import History, history_since
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.appends import appended, existing_version
from fitness_assets.pipeline.strategies.ingestion.calendar import calendar_weeks
from fitness_assets.pipeline.strategies.ingestion.consumed_rows import FROM_BROKER, OFFSETS, consumed_by_rows
from fitness_assets.pipeline.strategies.ingestion.erasing import erasures_now
from fitness_assets.pipeline.strategies.ingestion.kafka_rows import broker_rows
from fitness_assets.pipeline.strategies.ingestion.unknown_fields import with_unknown_fields
from fitness_assets.pipeline.strategies.strategy import Strategy, StrategyResult, ZoneView
from fitness_assets.settings import KafkaSettings
from fitness_assets.transforms.records import judge_event

_ONCE, _NOTHING_MISSED = "each_offset_once", "nothing_missed"


@dataclass(frozen=True)
class KafkaPlan:
    """What to read.

    Attributes:
        topics: what the broker holds.
        reads: what of it was not read yet; None where the broker could not be asked, or there is none.
        problem: why it could not be asked.
    """

    topics: Mapping[str, Topic] = field(default_factory=dict)
    reads: ReadPlan | None = None
    problem: str = ""


class KafkaIngestion(Strategy[KafkaPlan]):
    """One update of the bronze table of the topics from the broker that the settings name, if they name one."""

    SUMMARY = "appended as files and records land"
    DESCRIPTION = "Each record of the topics is appended once; nothing is dropped or changed."
    warning_checks = frozenset({_NOTHING_MISSED})

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        super().__init__(lake, table, store)
        self._settings = lake.settings.kafka

    @cached_property
    def _cluster(self) -> Cluster | None:
        """The broker's client, for who asks the broker something: the checks do not."""
        return Cluster(self._settings) if self._settings else None

    @cached_property
    def _erasures(self) -> Erasures:
        return erasures_now(self.lake, self.store.storage, self.table.full_name)

    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress | None:
        """The progress with the offsets that the commits since then tell; of a table that was restored its rows do."""
        if progress is None:
            return None
        # Also without a broker: the progress is about to move on past these commits.
        if history_since(self.lake.log(self.table), progress) is History.UNKNOWN and progress.kafka_offsets is not None:
            offsets: dict[str, Any] | None = self._restored_offsets(progress.kafka_offsets).as_json()
        else:
            offsets = self._committed_offsets(progress)
        if offsets is None and self._settings is not None:
            offsets = consumed_by_rows(self.lake, self.table).as_json()
        return replace(progress, kafka_offsets=offsets)

    def plan(self, progress: Progress | None, full_refresh: bool) -> KafkaPlan:
        if self._cluster is None or progress is None:
            return KafkaPlan()
        try:
            topics = self._cluster.describe_topics(TOPICS)
        except KafkaError as error:
            return KafkaPlan(problem=str(error))
        return KafkaPlan(topics, plan_reads(self.consumed(progress), topics))

    def run(self, plan: KafkaPlan, progress: Progress | None) -> StrategyResult:
        """Append what the broker holds beyond the offsets, a bounded batch a commit, and tell the consumer group."""
        assert progress is not None, "files are ingested first, and leave their progress"
        if self._settings is None or self._cluster is None:
            return StrategyResult(progress)
        before, consumed, problem = existing_version(self.lake, self.table), self.consumed(progress), plan.problem
        known_gaps, unknown_fields = consumed.gaps, set[str]()
        if plan.reads is not None:
            try:
                consumed = self._consume(plan.reads, self._settings, unknown_fields)
                self._commit_offsets(self._cluster, consumed, plan.topics)
                problem = _missing(plan.reads.missing_topics)
            except KafkaError as error:
                # The batches before the failure are in the table, and its commits tell which.
                consumed, problem = self.consumed(progress), str(error)
        new_gaps = [gap for gap in consumed.gaps if gap not in known_gaps]
        result = appended(self.lake, self.table, before, replace(progress, kafka_offsets=consumed.as_json()))
        progress, warnings = with_unknown_fields(result.progress, unknown_fields)
        warnings += tuple(f"Records were gone before we could read them: {gap}" for gap in new_gaps)
        return replace(result, progress=progress, problem=problem, warnings=warnings)

    def consumed(self, progress: Progress) -> ConsumedOffsets:
        """How far the topics are read: by the progress, moved on by commits since; where that is lost, by the rows."""
        offsets = self._committed_offsets(progress)
        return ConsumedOffsets.from_json(offsets) if offsets else consumed_by_rows(self.lake, self.table)

    def current_offsets(self) -> ConsumedOffsets:
        """How far the topics are read now; nowhere, where the table was never updated."""
        progress = self.store.read(self.table)
        return self.consumed(progress) if progress else ConsumedOffsets()

    def accept_gaps(self) -> None:
        """Strike off the gaps that are known by now.

        Raises:
            UpdateError: an update was ended before it could note what it had appended.
        """
        with table_lock(self.store.storage, self.table):
            progress = self.store.read(self.table)
            if progress is not None:
                if any(commit.user_metadata for commit in self._commits_since(progress)):
                    raise UpdateError(
                        f"An update of {self.table.full_name} was ended before it could note what it had appended. "
                        f"Let it finish: fitness-assets run {self.table.full_name}. Then accept the gaps."
                    )
                accepted = replace(self.consumed(progress), gaps=())
                self.store.write(self.table, replace(progress, kafka_offsets=accepted.as_json()))

    @classmethod
    def is_pending(cls, table: Table, view: ZoneView) -> bool:
        """Never: what waits on the broker is its lag."""
        return False

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"judge of events": judge_event}

    @classmethod
    def check_descriptions(cls, table: Table) -> dict[str, str]:
        return {
            _ONCE: "No record of a broker is here twice.",
            _NOTHING_MISSED: "Every record that the broker held was read before it was gone. Once the gaps are known, "
            "`fitness-assets kafka --accept-gaps` strikes them off.",
        }

    @classmethod
    def depends_on_progress(cls) -> bool:
        return True

    def check(self, scan: TableScan) -> Iterator[CheckResult]:
        descriptions = self.check_descriptions(self.table)
        place = scan.names(("source_file", "partition", "offset"))
        records = f"(SELECT {place} FROM {{}} WHERE {FROM_BROKER})"
        candidates = records.format(scan.semi_join(scan, ("offset",)))
        new = scan.count(records.format(scan.new_rows))
        wrong = scan.count(f"(SELECT {place} FROM {candidates} GROUP BY ALL HAVING count(*) > 1)") if new else 0
        yield CheckResult(_ONCE, wrong == 0, descriptions[_ONCE], {"rows": new, "wrong": wrong})
        progress = self.store.read(self.table)
        offsets = progress.kafka_offsets if progress else None
        gaps = ConsumedOffsets.from_json(offsets).gaps if offsets else ()
        figures: dict[str, int | str] = {"gaps": "; ".join(map(str, gaps)) or "none"}
        yield CheckResult(_NOTHING_MISSED, not gaps, descriptions[_NOTHING_MISSED], figures, blocking=False)

    def _consume(self, reads: ReadPlan, settings: KafkaSettings, unknown_fields: set[str]) -> ConsumedOffsets:
        consumed = reads.consumed
        for batch in split_into_batches(reads.ranges, settings.records_a_batch):
            consumed = consumed.after(batch)
            user_metadata = new_user_metadata(**{OFFSETS: consumed.as_json()})
            rows = broker_rows(batch, settings, calendar_weeks(self.lake), self._erasures, unknown_fields)
            self.lake.append_batches(self.table, rows, user_metadata)
        return consumed

    def _commit_offsets(self, cluster: Cluster, consumed: ConsumedOffsets, topics: Mapping[str, Topic]) -> None:
        """Give our consumer group the offsets up to which all is in the table, where it has others."""
        committed = cluster.committed(topics.values())
        existing = {(topic.name, number) for topic in topics.values() for number in topic.partitions}
        offsets = consumed.by_partition.items()
        cluster.commit({key: at for key, at in offsets if key in existing and committed.get(key) != at})

    def _committed_offsets(self, progress: Progress) -> dict[str, Any] | None:
        """How far the topics are read by the progress and the commits since; None where neither says."""
        offsets = progress.kafka_offsets
        for commit in self._commits_since(progress):
            offsets = commit.user_metadata.get(OFFSETS, offsets)
        return offsets

    def _commits_since(self, progress: Progress) -> Iterator[Commit]:
        log = self.lake.log(self.table)
        version = log.version()
        return log.commits(progress.table.number, version.number) if version else iter(())

    def _restored_offsets(self, noted: Mapping[str, Any]) -> ConsumedOffsets:
        """How far the topics are read by the rows, where they are not those that were noted.

        A partition that was read, and of which there is no row now, is read from its first record on: what the broker
        no longer has of it is a gap.
        """
        before, by_rows = ConsumedOffsets.from_json(noted), consumed_by_rows(self.lake, self.table)
        topics = {
            name: TopicOffsets(topic.topic_id, dict.fromkeys(topic.next_offsets, 0))
            for name, topic in before.topics.items()
        }
        for name, topic in by_rows.topics.items():
            same = name in topics and topics[name].topic_id == topic.topic_id
            read = topics[name].next_offsets if same else {}
            topics[name] = TopicOffsets(topic.topic_id, {**read, **topic.next_offsets})
        return ConsumedOffsets(topics, before.gaps)


def _missing(topics: Sequence[str]) -> str:
    return f"The broker no longer has {', '.join(topics)}, which we read before. Make the topic anew." if topics else ""
