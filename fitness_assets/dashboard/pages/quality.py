"""Data quality: rejected records, checks, freshness of each table, and Kafka's lag."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.components.cards import card, card_grid, pill, stat, stat_row
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.filters.inputs import segmented_control, select
from fitness_assets.dashboard.components.formatting import format_duration, format_number
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.components.tables.data_table import Cell, data_table
from fitness_assets.dashboard.components.tables.download_links import download_links
from fitness_assets.dashboard.pages.cards.rejected_records import (
    PERIOD_OPTIONS,
    by_reason_card,
    fetch_rejected_counts,
    latest_card,
    over_time_card,
    reason_label,
    rejected_record_rows,
    source_label,
)
from fitness_assets.dashboard.pages.cards.table_status import freshness_card, table_status_rows
from fitness_assets.dashboard.pages.download_tables import to_arrow
from fitness_assets.dashboard.pages.page import Page, PageContext
from fitness_assets.dashboard.queries.quality.check_results import CheckResult, get_check_results
from fitness_assets.dashboard.queries.quality.kafka_lag import TopicBacklog, get_kafka_lag
from fitness_assets.dashboard.queries.quality.left_alone import LeftAlone, get_left_alone
from fitness_assets.dashboard.queries.quality.rejected_records import RejectedCounts, count_rejected_records
from fitness_assets.dashboard.queries.quality.table_status import get_table_statuses

_LEFT_ALONE = 20


def render_header(context: PageContext) -> Component:
    url, rejected = context.url, count_rejected_records(context.reader).value.by_reason
    reasons = [(reason, reason_label(reason)) for reason in sorted(set(rejected["reason"].to_pylist()))]
    sources = [(source, source_label(source)) for source in sorted(set(rejected["source_table"].to_pylist()))]
    filters = [
        select("reason", "Reason", [("", "All reasons"), *reasons], url.get("reason")),
        select("source", "Source", [("", "All sources"), *sources], url.get("source")),
        segmented_control("loaded", "Refused within", PERIOD_OPTIONS, url.get("loaded", "all"), "all"),
    ]
    return page_header("Data quality", "Can the numbers be trusted, and what has to be looked at", filters)


def render_body(context: PageContext) -> Component:
    return html.Div(
        [
            error_boundary("At a glance", lambda: _glance(context)),
            card_grid(
                error_boundary("Refused records over time", lambda: over_time_card(context), span=8),
                error_boundary("What waits in Kafka", lambda: _kafka_card(context), span=4),
                error_boundary("Refused by reason and source", lambda: by_reason_card(context), span=5),
                error_boundary("Checks", lambda: _checks_card(context), span=7),
                error_boundary("Freshness of each table", lambda: freshness_card(context), span=12),
                error_boundary("Latest refused records", lambda: latest_card(context), span=12),
                error_boundary("Left alone", lambda: _left_alone_card(context), span=12),
            ),
        ],
        className="stack",
    )


def _glance(context: PageContext) -> Component:
    rejected, checks = fetch_rejected_counts(context), get_check_results(context.reader)
    statuses = get_table_statuses(context.reader, context.now)
    failed = [check for check in checks if not check.passed]
    waiting = [table_status for table_status in statuses if table_status.status == "waiting"]
    existing = [table_status for table_status in statuses if table_status.version is not None]
    changed_at = max((table_status.changed_at for table_status in existing if table_status.changed_at), default=None)
    lag = get_kafka_lag(context.reader)
    return stat_row(
        stat(
            "Checks",
            f"{len(checks) - len(failed):,} of {len(checks):,}",
            "pass",
            f"{failed[0].check_name} fails" if failed else "nothing to look at" if checks else "none was run yet",
            tone="bad" if failed else "good" if checks else "",
        ),
        stat("Refused records", format_number(rejected.total), note=_rejected_share(rejected)),
        stat(
            "Tables up to date",
            f"{len(existing) - len(waiting):,} of {len(statuses):,}",
            note=["changed ", relative_time(changed_at, context.now)] if changed_at else "none is there yet",
            tone="warn" if waiting else "",
        ),
        stat(
            "Waiting in Kafka",
            format_number(lag.records) if lag.topics else "–",
            "records" if lag.topics else "",
            lag.status,
            tone="bad" if lag.status == "unavailable" else "",
        ),
    )


def _rejected_share(rejected: RejectedCounts) -> str:
    """Few of them are told of a million, many in per cent."""
    if not rejected.loaded:
        return ""
    share = rejected.total / rejected.loaded
    return f"{100 * share:.1f} % of what was loaded" if share >= 0.001 else f"{1e6 * share:,.0f} of a million loaded"


def _kafka_card(context: PageContext) -> Component:
    title, lag = "What waits in Kafka", get_kafka_lag(context.reader)
    if lag.status == "no broker":
        hint = "To read from one, set KAFKA_BOOTSTRAP_SERVERS."
        return card(title, empty_state("No broker is set; records come as files.", hint), span=4)
    if lag.status == "unavailable" and not lag.topics:
        return card(title, empty_state("The broker does not answer.", lag.problem or ""), lag.broker or "", span=4)
    if not lag.topics:
        return card(title, empty_state("The broker is being asked …"), lag.broker or "", span=4)
    cells = [
        (
            topic.topic,
            format_number(topic.partitions),
            format_number(topic.records),
            format_duration(topic.seconds) if topic.records else "–",
        )
        for topic in lag.topics
    ]
    content = [data_table(title, ("Topic", "Partitions", "Unread", "For"), cells, numeric=(1, 2, 3))]
    content += [html.P(lag.problem, className="notice")] if lag.problem else []
    links = download_links("kafka", context.url, "what waits in Kafka")
    return card(title, content, f"Broker {lag.broker}", span=4, downloads=links)


def _checks_card(context: PageContext) -> Component:
    checks = get_check_results(context.reader)
    if not checks:
        content = empty_state("No check was run yet.", "Each update of a table checks it.", "make run")
        return card("Checks", content, span=7)
    failed = [check for check in checks if not check.passed]
    lines = [_check_line(context, [check]) for check in failed]
    for table_name in dict.fromkeys(check.table_name for check in checks):
        passed = [check for check in checks if check.passed and check.table_name == table_name]
        lines += [_check_line(context, passed)] if passed else []
    note = f"All {len(checks):,} pass, as of the last update of each table"
    if failed:
        note = f"{len(failed):,} of {len(checks):,} fail; the tables above wait until they pass"
    return card(
        "Checks",
        data_table("Checks", ("State", "Table", "Checks", "Checked"), lines, minor=(3,)),
        note,
        span=7,
        downloads=download_links("checks", context.url, "the checks"),
    )


def _check_line(context: PageContext, checks: Sequence[CheckResult]) -> Sequence[Cell]:
    """One check that failed, or all of a table that passed."""
    first = checks[0]
    text = ", ".join(check.check_name.replace("_", " ") for check in checks)
    if not first.passed:
        text += ": " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in first.figures)
    descriptions = "\n".join(f"{check.check_name}: {check.description}" for check in checks)
    return (
        pill("pass", "good") if first.passed else pill("fails", "bad"),
        first.table_name.partition(".")[2],
        html.Span(text, className="prose", title=descriptions),
        relative_time(max(check.checked_at for check in checks), context.now),
    )


def _left_alone_card(context: PageContext) -> Component:
    title, files = "Left alone in the landing zone", get_left_alone(context.reader)
    if not files:
        return card(title, empty_state("Every file of the landing zone is read.", ""), span=12)
    lines = [(html.Span(file.name, className="prose"), file.reason) for file in files[:_LEFT_ALONE]]
    note = f"{len(files):,} files" + (f", the first {_LEFT_ALONE}" if len(files) > _LEFT_ALONE else "")
    content = data_table(title, ("File", "Why it is not read"), lines)
    links = download_links("left_alone", context.url, "what is left alone in the landing zone")
    return card(title, content, note, span=12, downloads=links)


PAGE = Page(
    path="/quality",
    name="Data quality",
    icon="quality",
    table_names=tuple(all_tables()),
    render_header=render_header,
    render_body=render_body,
    downloads={
        "over_time": lambda context: fetch_rejected_counts(context).over_time,
        "reasons": lambda context: fetch_rejected_counts(context).by_reason,
        "kafka": lambda context: to_arrow(TopicBacklog, get_kafka_lag(context.reader).topics),
        "checks": lambda context: to_arrow(CheckResult, get_check_results(context.reader)),
        "tables": table_status_rows,
        "records": rejected_record_rows,
        "left_alone": lambda context: to_arrow(LeftAlone, get_left_alone(context.reader)),
    },
    repaint_seconds=15,
)
