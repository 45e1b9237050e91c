"""The cards of refused records, a part of the page on data quality."""

from datetime import datetime, timedelta

import pyarrow as pa
from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.pages.page import View
from fitness_assets.dashboard.questions import quality as ask
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.cards import card, downloads, empty, since
from fitness_assets.dashboard.view.palette import SERIES
from fitness_assets.dashboard.view.tables import short_moment, table
from fitness_assets.dashboard.view.words import number

PERIODS = (("1", "24 h"), ("7", "7 days"), ("30", "30 days"), ("all", "All"))
_FEWEST_STEPS = 23
"""The time axis is at least so long, so that a single bar is no wall."""


def _since(view: View) -> datetime | None:
    days = view.address.number("loaded")
    return view.now - timedelta(days=days) if days and str(days) in dict(PERIODS) else None


def _chosen(view: View, name: str) -> tuple[str, ...]:
    return (view.address.get(name),) if view.address.get(name) else ()


def found(view: View) -> ask.Refused:
    return ask.refused(view.lake, _since(view), None, _chosen(view, "reason"), _chosen(view, "source")).value


def over_time(view: View) -> Component:
    title, refused = "Refused records over time", found(view)
    if not refused.total:
        return card(
            title,
            empty("No record was refused.", "Everything that landed is in the tables, or nothing landed yet."),
            span=8,
        )
    rows = refused.over_time.to_pylist()
    reasons = list(dict.fromkeys(row["reason"] for row in refused.by_reason.to_pylist()))  # the most first
    traces = []
    for place, reason in enumerate(reasons):
        summed: dict[datetime, int] = {}
        for row in rows:
            if row["reason"] == reason:
                summed[row["time"]] = summed.get(row["time"], 0) + row["records"]
        traces.append(figures.bars(in_words(reason), list(summed), list(summed.values()), SERIES[place % len(SERIES)]))
    width = 3_600_000 if refused.step == "hour" else 86_400_000
    for trace in traces:
        trace |= {"width": width * 0.8, "offset": width * 0.1}
    step = timedelta(milliseconds=width)
    first, last = min(row["time"] for row in rows), max(row["time"] for row in rows)
    begin = min(first, last - _FEWEST_STEPS * step)
    drawn = figures.figure(
        traces,
        x={
            "title": f"{refused.step.capitalize()} of loading (UTC)",
            "type": "date",
            "range": [begin, last + step],
            **(figures.TIMES if refused.step == "hour" else figures.DAYS),
            "hoverformat": "%e %b %Y, %H:%M UTC",
        },
        y={"title": f"records an {refused.step}" if refused.step == "hour" else "records a day"},
        barmode="stack",
    )
    graph = figures.chart("refused", drawn, "Refused records over time by reason", 280, named=True)
    return card(
        title,
        graph,
        "By reason; each is kept whole in quarantine",
        8,
        downloads("refused", view.address, "refused records over time"),
    )


def by_reason(view: View) -> Component:
    title, rows = "Refused by reason and source", found(view).by_reason.to_pylist()
    if not rows:
        return card(title, empty("No record was refused."), span=5)
    cells = [
        (in_words(row["reason"]), short(row["source_table"]), number(row["records"]), since(row["last"], view.now))
        for row in rows
    ]
    shown = table(title, ("Reason", "Source", "Records", "Latest"), cells, numbers=(2,), minor=(3,))
    return card(title, shown, "", 5, downloads("reasons", view.address, "refused records by reason"))


def latest(view: View) -> Component:
    title = "Latest refused records"
    rows = ask.refused_records(
        view.lake, _chosen(view, "reason"), _chosen(view, "source"), 12, view.unmasked
    ).value.to_pylist()
    if not rows:
        return card(title, empty("No record was refused."), span=12)
    cells = [
        (
            short_moment(row["load_time"], seconds=True),
            in_words(row["reason"]),
            short(row["source_table"]),
            html.Code(_cut(row["record"]), className="record", title=_cut(row["record"], 600)),
        )
        for row in rows
    ]
    note = "" if view.unmasked else "Masked: every letter is x, every digit 9"
    return card(
        title,
        table(title, ("Loaded (UTC)", "Reason", "Source", "Record"), cells, minor=(2,)),
        note,
        12,
        downloads("records", view.address, "refused records"),
    )


def _cut(text: str | None, most: int = 110) -> str:
    return text if text and len(text) <= most else f"{(text or '')[:most]}…"


def in_words(reason: str) -> str:
    return reason.replace("_", " ")


def short(source: str) -> str:
    return source.partition(".")[2] or source


def records(view: View) -> pa.Table:
    """The latest refused records, for a download."""
    chosen = _chosen(view, "reason"), _chosen(view, "source")
    return ask.refused_records(view.lake, *chosen, 10_000, view.unmasked).value
