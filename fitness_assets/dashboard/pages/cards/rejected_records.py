"""The cards of rejected records, a part of the page on data quality."""

from datetime import datetime, timedelta

import pyarrow as pa
from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import card
from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.dashboard.components.filters.inputs import Option
from fitness_assets.dashboard.components.formatting import format_number
from fitness_assets.dashboard.components.palette import SERIES_COLOURS
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.components.tables.data_table import data_table, short_datetime
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.queries.quality.rejected_records import (
    RejectedCounts,
    count_rejected_records,
    list_rejected_records,
)

PERIOD_OPTIONS: tuple[Option, ...] = (("1", "24 h"), ("7", "7 days"), ("30", "30 days"), ("all", "All"))
_MIN_BARS = 24
"""The time axis has room for so many bars, so that a single one is no wall."""
_BAR_MILLISECONDS = {"hour": 3_600_000, "day": 86_400_000}
_MAX_ROWS, _MAX_DOWNLOAD = 12, 10_000


def fetch_rejected_counts(context: PageContext) -> RejectedCounts:
    """The counts with the filters of the page."""
    days = context.url.get_int("loaded")
    since = context.now - timedelta(days=days) if days and str(days) in dict(PERIOD_OPTIONS) else None
    reasons, sources = _parameter_values(context, "reason"), _parameter_values(context, "source")
    return count_rejected_records(context.reader, since, None, reasons, sources).value


def _fetch_records(context: PageContext, limit: int) -> pa.Table:
    reasons, sources = _parameter_values(context, "reason"), _parameter_values(context, "source")
    return list_rejected_records(context.reader, reasons, sources, limit, context.unmasked).value


def _parameter_values(context: PageContext, name: str) -> tuple[str, ...]:
    return (context.url.get(name),) if context.url.get(name) else ()


def over_time_card(context: PageContext) -> Component:
    """A bar an hour or day of loading, stacked by reason."""
    title, counts = "Refused records over time", fetch_rejected_counts(context)
    if not counts.total:
        hint = "Everything that landed is in the tables, or nothing landed yet."
        return card(title, empty_state("No record was refused.", hint), span=8)
    rows = counts.over_time.to_pylist()
    width = _BAR_MILLISECONDS[counts.unit]
    traces = []
    most_frequent_first = list(dict.fromkeys(row["reason"] for row in counts.by_reason.to_pylist()))
    for position, reason in enumerate(most_frequent_first):
        records: dict[datetime, int] = {}
        for row in rows:
            if row["reason"] == reason:
                records[row["time"]] = records.get(row["time"], 0) + row["records"]
        colour = SERIES_COLOURS[position % len(SERIES_COLOURS)]
        label = reason_label(reason)
        traces.append(
            figures.bar_trace(
                label, list(records), list(records.values()), colour, width=width * 0.8, offset=width * 0.1
            )
        )
    bar = timedelta(milliseconds=width)
    first, last = min(row["time"] for row in rows), max(row["time"] for row in rows)
    figure = figures.figure(
        traces,
        x={
            "title": f"{counts.unit.capitalize()} of loading (UTC)",
            "type": "date",
            "range": [min(first, last - (_MIN_BARS - 1) * bar), last + bar],
            **(figures.TIME_AXIS if counts.unit == "hour" else figures.DATE_AXIS),
            "hoverformat": "%e %b %Y, %H:%M UTC",
        },
        y={"title": "records an hour" if counts.unit == "hour" else "records a day"},
        barmode="stack",
    )
    return card(
        title,
        figures.chart("rejected-records", figure, "Refused records over time by reason", 280, with_legend=True),
        note="By reason; each is kept whole in quarantine",
        span=8,
        downloads=download_links("over_time", context.url, "refused records over time"),
    )


def by_reason_card(context: PageContext) -> Component:
    """A line a reason and source."""
    title, rows = "Refused by reason and source", fetch_rejected_counts(context).by_reason.to_pylist()
    if not rows:
        return card(title, empty_state("No record was refused."), span=5)
    cells = [
        (
            reason_label(row["reason"]),
            source_label(row["source_table"]),
            format_number(row["records"]),
            relative_time(row["last_load"], context.now),
        )
        for row in rows
    ]
    return card(
        title,
        data_table(title, ("Reason", "Source", "Records", "Latest"), cells, numeric=(2,), minor=(3,)),
        span=5,
        downloads=download_links("reasons", context.url, "refused records by reason"),
    )


def latest_card(context: PageContext) -> Component:
    """The latest rejected records themselves."""
    title, rows = "Latest refused records", _fetch_records(context, _MAX_ROWS).to_pylist()
    if not rows:
        return card(title, empty_state("No record was refused."), span=12)
    cells = [
        (
            short_datetime(row["load_time"], seconds=True),
            reason_label(row["reason"]),
            source_label(row["source_table"]),
            html.Code(_truncate(row["record"], 110), className="record", title=_truncate(row["record"], 600)),
        )
        for row in rows
    ]
    return card(
        title,
        data_table(title, ("Loaded (UTC)", "Reason", "Source", "Record"), cells, minor=(2,)),
        note="" if context.unmasked else "Masked: every letter is x, every digit 9",
        span=12,
        downloads=download_links("records", context.url, "refused records"),
    )


def _truncate(text: str | None, length: int) -> str:
    return text if text and len(text) <= length else f"{(text or '')[:length]}…"


def reason_label(reason: str) -> str:
    return reason.replace("_", " ")


def source_label(source_table: str) -> str:
    return source_table.partition(".")[2] or source_table


def rejected_record_rows(context: PageContext) -> pa.Table:
    """The latest rejected records, for a download."""
    return _fetch_records(context, _MAX_DOWNLOAD)
