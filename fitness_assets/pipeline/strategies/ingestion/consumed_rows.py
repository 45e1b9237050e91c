"""How far the topics are read, as rows and commits of bronze tell it: for progress that is lost, or no longer true."""

from fitness_assets.contracts.model import Table
from fitness_assets.kafka.offsets import ConsumedOffsets, Gap, TopicOffsets
from fitness_assets.lakehouse import Lakehouse

OFFSETS = "kafka"
"""Under which name a commit says how far the topics are read."""
FROM_BROKER = "file_load IS NULL"
"""Of which rows a broker sent the record, in SQL."""


def consumed_by_rows(lake: Lakehouse, table: Table) -> ConsumedOffsets:
    """Up to which offset there are rows of each partition, and which gaps the newest commit knows."""
    topics: dict[str, TopicOffsets] = {}
    if lake.log(table).row_count():
        with lake.query_engine() as engine:
            scan = engine.scan(table)
            place, next_ = scan.names(("topic", "source_file", "partition")), f"max({scan.name('offset')}) + 1"
            partitions = scan.fetch(
                f"SELECT {place}, {next_}, max(load_time) AS latest FROM {scan.all_rows} "
                f"WHERE {FROM_BROKER} GROUP BY {place} ORDER BY latest"
            )
        for topic, source_file, partition, offset, _ in partitions:
            topic_id = source_file.rpartition("/")[2]
            known = topics[topic].next_offsets if topic in topics and topics[topic].topic_id == topic_id else {}
            topics[topic] = TopicOffsets(topic_id, {**known, partition: offset})
    return ConsumedOffsets(topics, _committed_gaps(lake, table))


def _committed_gaps(lake: Lakehouse, table: Table) -> tuple[Gap, ...]:
    log = lake.log(table)
    metadata = [commit.user_metadata for commit in log.commits(-1, log.latest_number())]
    told = [each[OFFSETS] for each in metadata if OFFSETS in each]
    return ConsumedOffsets.from_json(told[-1]).gaps if told else ()
