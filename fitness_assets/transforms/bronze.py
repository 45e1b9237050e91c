"""Landed files and Kafka records to bronze rows: each line or record a row, and one for a file that is no text."""

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from fitness_assets.contracts.feeds import KAFKA_RECORDS, OTHER_TOPICS, TOPICS, FileFeed
from fitness_assets.contracts.registry import get_table
from fitness_assets.transforms.parsing import cast_text, holds_object, line_text
from fitness_assets.transforms.times import record_day
from fitness_assets.transforms.validation import calendar

_KEPT_OF_BINARY = 65_536
FILE_URI = "_metadata.file_path"
"""The `source_file` of a landed file: its URI."""
REPLACEMENT_MARK = "?replaced="
REPLACED_FILE_URI = f"concat(_metadata.file_path, '{REPLACEMENT_MARK}', unix_millis(_metadata.file_modification_time))"
"""The `source_file` of one that replaced another under its name, with its time in milliseconds."""
KAFKA_SCHEME = "kafka://"
"""How `source_file` begins where a record came from a broker."""


def csv_lines(files: DataFrame, feed: FileFeed, source_file: str = FILE_URI) -> DataFrame:
    """`line`, `fault` and `source_file` from whole files (`content`, `_metadata`).

    A file that is binary or has another header gives one row, with the fault.
    """
    return (
        files.selectExpr("*", f"{_without_mark('make_valid_utf8(cast(content AS string))')} AS _text")
        .selectExpr("*", r"split(_text, '\\r\\n|\\n|\\r') AS _lines")
        .selectExpr(
            "*",
            f"""CASE
                WHEN instr(_text, char(0)) > 0 THEN 'binary_file'
                WHEN replace(replace(_lines[0], ' '), '"') <> '{feed.header}' THEN 'wrong_header'
            END AS fault""",
        )
        .selectExpr(
            f"""explode(CASE
                WHEN fault IS NULL THEN filter(slice(_lines, 2, size(_lines)), line -> trim(line) <> '')
                WHEN fault = 'wrong_header' THEN array(_text)
                ELSE array(base64(substring(content, 1, {_KEPT_OF_BINARY})))
            END) AS line""",
            "fault",
            f"{source_file} AS source_file",
        )
    )


def json_lines(lines: DataFrame, source_file: str = FILE_URI) -> DataFrame:
    """`line`, `fault` and `source_file` from lines of text (`value`, `_metadata`)."""
    return lines.selectExpr(
        f"{_without_mark('make_valid_utf8(value)')} AS line",
        "cast(NULL AS string) AS fault",
        f"{source_file} AS source_file",
    ).where("trim(line) <> ''")


def bronze_rows(lines: DataFrame, feed: FileFeed, weeks: DataFrame | None = None) -> DataFrame:
    """The rows of the feed's bronze table.

    Args:
        weeks: of each day of the calendar, for the table that carries `week_part`.
    """
    contract = get_table(feed.table)
    kept = {field.name: f"_text.`{field.name}`" for field in feed.fields}
    if feed is KAFKA_RECORDS:
        kept["value"] = f"CASE WHEN NOT {holds_object('line', 'value')} THEN _text.value END"
    typed = {field.name: cast_text(kept[field.name], field.type) for field in feed.fields}
    fits = " AND ".join(f"(_text.`{name}` IS NULL OR ({value}) IS NOT NULL)" for name, value in typed.items())
    rows = lines.selectExpr("*", f"CASE WHEN fault IS NULL THEN {line_text('line', feed)} END AS _text").selectExpr(
        *[f"cast({value} AS {contract.column(name).type}) AS `{name}`" for name, value in typed.items()],
        "current_timestamp() AS load_time",
        "source_file",
        f"CASE WHEN _text IS NULL OR NOT ({fits}) THEN line END AS raw",
        "fault",
    )
    if feed is KAFKA_RECORDS and weeks is not None:
        rows = _with_week_part(rows, weeks)
    return rows.select(contract.column_names)


def topic_source_file(topic: str, topic_id: str) -> str:
    """The `source_file` of records from a broker; a topic made anew has another id."""
    return f"{KAFKA_SCHEME}{topic}/{topic_id}"


def kafka_rows(records: DataFrame, weeks: DataFrame, sources: Mapping[str, str]) -> DataFrame:
    """The rows of `kafka_multiplex_bz` from Spark's Kafka source.

    A value that is no UTF-8 text is kept whole as Base64 in `raw`.

    Args:
        weeks: of each day of the calendar.
        sources: the `source_file` of each topic.
    """
    contract = get_table(KAFKA_RECORDS.table)
    text = "CASE WHEN value IS NULL OR is_valid_utf8(value) THEN {} END"
    cases = " ".join(f"WHEN '{topic}' THEN '{source}'" for topic, source in sources.items())
    rows = records.selectExpr(
        "make_valid_utf8(cast(key AS string)) AS key",
        f"{text.format('cast(value AS string)')} AS value",
        "topic",
        "cast(partition AS bigint) AS partition",
        "offset",
        "unix_millis(timestamp) AS timestamp",
        "current_timestamp() AS load_time",
        f"CASE topic {cases} END AS source_file",
        "CASE WHEN NOT is_valid_utf8(value) THEN base64(value) END AS raw",
        "cast(NULL AS string) AS fault",
    )
    return _with_week_part(rows, weeks).select(contract.column_names)


def _without_mark(text: str) -> str:
    """Without a byte order mark, which some editors put before the first line."""
    return f"ltrim('\ufeff', {text})"


def calendar_weeks(date_lookup: DataFrame) -> DataFrame:
    """`date` and `week_part` of each day of the calendar; where it has a day twice, the greater week counts."""
    days = calendar(date_lookup).selectExpr("event.date", "event.week_part")
    return days.groupBy("date").agg(F.expr("max(week_part) AS week_part"))


def _with_week_part(rows: DataFrame, weeks: DataFrame) -> DataFrame:
    """Each record's day, week and topic group."""
    known = ", ".join(f"'{topic}'" for topic in TOPICS)
    dated = rows.selectExpr("*", f"{record_day('`timestamp`')} AS date")
    grouped = dated.withColumn(
        "topic_group", F.expr(f"CASE WHEN topic IN ({known}) THEN topic ELSE '{OTHER_TOPICS}' END")
    )
    return grouped.join(F.broadcast(weeks), "date", "left")
