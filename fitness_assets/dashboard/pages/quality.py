"""Data quality: refused records, checks, freshness of each table, and what waits in Kafka."""

from dash import html
from dash.development.base_component import Component

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.pages import refused
from fitness_assets.dashboard.pages.page import Page, View
from fitness_assets.dashboard.questions import quality as ask
from fitness_assets.dashboard.rows import as_rows
from fitness_assets.dashboard.view.cards import card, downloads, empty, grid, guarded, pill, since, stat, stats
from fitness_assets.dashboard.view.controls import choice, switch
from fitness_assets.dashboard.view.heads import head as page_head
from fitness_assets.dashboard.view.tables import table
from fitness_assets.dashboard.view.words import moment, number, size, span

_TONES = {"up to date": "good", "waiting": "warn"}


def head(view: View) -> Component:
    chosen = view.address
    known = ask.refused(view.lake).value.by_reason
    reasons = [(one, refused.in_words(one)) for one in sorted(set(known["reason"].to_pylist()))]
    sources = [(one, refused.short(one)) for one in sorted(set(known["source_table"].to_pylist()))]
    filters = [
        choice("reason", "Reason", [("", "All reasons"), *reasons], chosen.get("reason")),
        choice("source", "Source", [("", "All sources"), *sources], chosen.get("source")),
        switch("loaded", "Refused within", refused.PERIODS, chosen.get("loaded", "all"), "all"),
    ]
    return page_head("Data quality", "Can the numbers be trusted, and what has to be looked at", filters)


def body(view: View) -> Component:
    return html.Div(
        [
            guarded("At a glance", lambda: _glance(view)),
            grid(
                guarded("Refused records over time", lambda: refused.over_time(view), span=8),
                guarded("What waits in Kafka", lambda: _kafka(view), span=4),
                guarded("Refused by reason and source", lambda: refused.by_reason(view), span=5),
                guarded("Checks", lambda: _checks(view), span=7),
                guarded("Freshness of each table", lambda: _freshness(view), span=12),
                guarded("Latest refused records", lambda: refused.latest(view), span=12),
            ),
        ],
        className="stack",
    )


def _glance(view: View) -> Component:
    wrong, checks, tables = refused.found(view), ask.checks(view.lake), ask.tables(view.lake, view.now)
    failed = [one for one in checks if not one.passed]
    waiting = [one for one in tables if one.state == "waiting"]
    there = [one for one in tables if one.version is not None]
    newest = max((one.changed for one in there if one.changed), default=None)
    lag = ask.kafka_lag(view.lake)
    return stats(
        stat(
            "Checks",
            f"{len(checks) - len(failed):,} of {len(checks):,}",
            "pass",
            f"{failed[0].name} fails" if failed else "nothing to look at" if checks else "none was run yet",
            "bad" if failed else "good" if checks else "",
        ),
        stat("Refused records", number(wrong.total), "", _part(wrong.total, wrong.records)),
        stat(
            "Tables up to date",
            f"{len(there) - len(waiting):,} of {len(tables):,}",
            "",
            ["changed ", since(newest, view.now)] if newest else "none is there yet",
            "warn" if waiting else "",
        ),
        stat(
            "Waiting in Kafka",
            number(lag.records) if lag.topics else "–",
            "records" if lag.topics else "",
            lag.state,
            "bad" if lag.state == "trouble" else "",
        ),
    )


def _part(refused: int, of: int) -> str:
    """Few of them are told of a million, many in per cent."""
    if not of:
        return ""
    part = refused / of
    return f"{100 * part:.1f} % of what was loaded" if part >= 0.001 else f"{1e6 * part:,.0f} of a million loaded"


def _kafka(view: View) -> Component:
    title, lag = "What waits in Kafka", ask.kafka_lag(view.lake)
    if lag.state == "no broker":
        said = empty("No broker is set; records come as files.", "To read from one, set KAFKA_BOOTSTRAP_SERVERS.")
        return card(title, said, span=4)
    if lag.state == "trouble" and not lag.topics:
        return card(title, empty("The broker does not answer.", lag.trouble or ""), lag.broker or "", 4)
    if not lag.topics:
        return card(title, empty("The broker is being asked …"), lag.broker or "", 4)
    cells = [
        (one.topic, number(one.partitions), number(one.records), span(one.seconds) if one.records else "–")
        for one in lag.topics
    ]
    shown = [table(title, ("Topic", "Partitions", "Unread", "For"), cells, numbers=(1, 2, 3))]
    shown += [html.P(lag.trouble, className="notice")] if lag.trouble else []
    return card(title, shown, f"Broker {lag.broker}", 4, downloads("kafka", view.address, "what waits in Kafka"))


def _checks(view: View) -> Component:
    checks = ask.checks(view.lake)
    if not checks:
        return card("Checks", empty("No check was run yet.", "Each update of a table checks it.", "make run"), span=7)
    failed = [one for one in checks if not one.passed]
    cells = [_check_line(view, [one]) for one in failed]
    for name in dict.fromkeys(one.table for one in checks):
        passed = [one for one in checks if one.passed and one.table == name]
        cells += [_check_line(view, passed)] if passed else []
    shown = table("Checks", ("State", "Table", "Checks", "Checked"), cells, minor=(3,))
    note = f"All {len(checks):,} pass, as of the last update of each table"
    if failed:
        note = f"{len(failed):,} of {len(checks):,} fail; the tables above wait until they pass"
    files = downloads("checks", view.address, "the checks")
    return card("Checks", html.Div(shown, className="tall"), note, 7, files)


def _check_line(view: View, checks: list[ask.Check]) -> tuple[Component | str, ...]:
    """One check that failed, or all of a table that passed."""
    first = checks[0]
    names = ", ".join(one.name.replace("_", " ") for one in checks)
    if not first.passed:
        names += ": " + ", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in first.figures)
    return (
        pill("pass", "good") if first.passed else pill("fails", "bad"),
        first.table.partition(".")[2],
        html.Span(names, className="prose", title="\n".join(f"{one.name}: {one.description}" for one in checks)),
        since(max(one.checked for one in checks), view.now),
    )


def _freshness(view: View) -> Component:
    cells = [
        (
            html.Span(
                [html.Span(f"{one.layer}.", className="minor"), one.table.partition(".")[2]], title=one.description
            ),
            pill(one.state, _TONES.get(one.state, "")),
            since(one.changed, view.now) if one.changed else "–",
            moment(one.newest, seconds=True),
            number(one.rows),
            number(one.files),
            size(one.bytes),
            one.operation or "–",
            ", ".join(name.partition(".")[2] for name in one.waits_for) or "–",
        )
        for one in ask.tables(view.lake, view.now)
    ]
    names = ("Table", "State", "Changed", "Newest record (UTC)", "Rows", "Files", "Size", "By", "Waits for")
    shown = table("Freshness of each table", names, cells, numbers=(4, 5, 6), minor=(3, 4, 5, 6, 7, 8))
    return card(
        "Freshness of each table",
        shown,
        "In the order of the graph, sources first",
        12,
        downloads("tables", view.address, "the state of each table"),
    )


PAGE = Page(
    path="/quality",
    name="Data quality",
    icon="quality",
    tables=tuple(all_tables()),
    head=head,
    body=body,
    files={
        "refused": lambda view: refused.found(view).over_time,
        "reasons": lambda view: refused.found(view).by_reason,
        "kafka": lambda view: as_rows(ask.TopicLag, ask.kafka_lag(view.lake).topics),
        "checks": lambda view: as_rows(ask.Check, ask.checks(view.lake)),
        "tables": lambda view: as_rows(ask.TableState, ask.tables(view.lake, view.now)),
        "records": refused.records,
    },
    repaint_seconds=15,
)
