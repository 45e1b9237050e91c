"""The judge of each feed's files."""

from fitness_assets.contracts.feeds import KAFKA_RECORDS, FileFeed, FileFormat
from fitness_assets.transforms.records.csv_file import CsvJudge
from fitness_assets.transforms.records.file_judge import FileJudge
from fitness_assets.transforms.records.json_file import CalendarJudge, KafkaRecordJudge
from fitness_assets.transforms.records.rows import BronzeRows, SourceFile


def open_judge(feed: FileFeed, rows: BronzeRows, source: SourceFile, beginning: bytes) -> FileJudge:
    """The judge of a file of a feed."""
    if feed.format is FileFormat.CSV:
        return CsvJudge(feed, rows, source, beginning)
    kind = KafkaRecordJudge if feed is KAFKA_RECORDS else CalendarJudge
    return kind(feed, rows, source, beginning)
