"""The cards of the tables' status: tiles with the last updates, and all that is known of each table."""

from datetime import datetime

import pyarrow as pa
from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import Content, card, pill
from fitness_assets.dashboard.components.formatting import format_bytes, format_datetime, format_number
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.components.tables.data_table import data_table
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.queries.quality.table_status import TableStatus, get_table_statuses

_TILE_CLASSES = {"waiting": "waiting", "empty": "no-data", "not there": "no-data"}
_TONES = {"up to date": "good", "waiting": "warn"}


def last_updates_card(context: PageContext) -> Component:
    """A tile a table with its last update."""
    statuses = get_table_statuses(context.reader, context.now)
    note: Content = ["Sources first; ", dcc.Link("more under Data quality", href="/quality")]
    return card(
        "Last update of each table",
        html.Ul([_tile(table_status, context.now) for table_status in statuses], className="table-tiles"),
        note,
        span=12,
        downloads=download_links("tables", context.url, "the state of each table"),
    )


def _tile(table_status: TableStatus, now: datetime) -> Component:
    changed_at, status = table_status.changed_at, table_status.status
    return html.Li(
        [
            html.Span(table_status.table_name.partition(".")[2], className="name"),
            html.Span(relative_time(changed_at, now) if changed_at else status, className="changed"),
            html.Span([format_number(table_status.rows), " rows"], className="note"),
            *([pill(status, "warn")] if status == "waiting" else []),
        ],
        className=_TILE_CLASSES.get(status, ""),
        title=f"{table_status.table_name}: {status}",
    )


def freshness_card(context: PageContext) -> Component:
    """A line a table with all that its log says."""
    title = "Freshness of each table"
    columns = ("Table", "State", "Changed", "Newest record (UTC)", "Rows", "Files", "Size", "By", "Waits for")
    cells = [
        (
            html.Span(
                [html.Span(f"{table_status.layer}.", className="minor"), table_status.table_name.partition(".")[2]],
                title=table_status.description,
            ),
            pill(table_status.status, _TONES.get(table_status.status, "")),
            relative_time(table_status.changed_at, context.now) if table_status.changed_at else "–",
            format_datetime(table_status.newest_event, seconds=True),
            format_number(table_status.rows),
            format_number(table_status.files),
            format_bytes(table_status.bytes),
            table_status.operation or "–",
            ", ".join(name.partition(".")[2] for name in table_status.waits_for) or "–",
        )
        for table_status in get_table_statuses(context.reader, context.now)
    ]
    return card(
        title,
        data_table(title, columns, cells, numeric=(4, 5, 6), minor=(3, 4, 5, 6, 7, 8)),
        note="In the order of the graph, sources first",
        span=12,
        downloads=download_links("tables", context.url, "the state of each table"),
    )


def table_status_rows(context: PageContext) -> pa.Table:
    """The status of every table, for a download."""
    return to_arrow(TableStatus, get_table_statuses(context.reader, context.now))
