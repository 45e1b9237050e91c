"""When something is an alert, what it means, and what to do: pure functions of facts, settings and trends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fitness_assets.alerts.alert import Alert
from fitness_assets.alerts.facts import Facts
from fitness_assets.alerts.trends import Trends
from fitness_assets.pipeline.quality.runbook import remedy_for
from fitness_assets.settings.alerts import AlertSettings

GAP_CHECK = "nothing_missed"
_FAILURES_IN_A_ROW = 3
_MISSED_TICKS = 3

Evaluate = Callable[[Facts, AlertSettings, Trends], Iterator[tuple[str, str, str]]]
"""Gives subject, summary and the path in Dagster's UI of each thing that is wrong."""


@dataclass(frozen=True)
class Rule:
    """One kind of alert.

    Attributes:
        meaning: what it says when it begins, for the operator's page.
        look_at: where to look first.
        advice: what to do.
    """

    name: str
    meaning: str
    look_at: str
    advice: str
    evaluate: Evaluate


RULES: dict[str, Rule] = {}
"""All rules by name."""


def evaluate(facts: Facts, settings: AlertSettings, trends: Trends) -> dict[str, Alert]:
    """Everything that is wrong now, by key."""
    alerts = [
        Alert(rule=rule.name, subject=subject, summary=summary, advice=_advice(rule, subject), path=path)
        for rule in RULES.values()
        for subject, summary, path in rule.evaluate(facts, settings, trends)
    ]
    return {alert.key: alert for alert in alerts}


def _advice(rule: Rule, subject: str) -> str:
    """Of a check its own advice, otherwise that of the rule."""
    table, _, check = subject.rpartition(" ")
    if rule.name not in ("check_failed", "topic_gap"):
        return rule.advice
    return f"{remedy_for(check, table)} The alert is over when a run in Dagster has checked the table again."


def _rule(name: str, meaning: str, look_at: str, advice: str) -> Callable[[Evaluate], Evaluate]:
    def add(function: Evaluate) -> Evaluate:
        RULES[name] = Rule(name, meaning, look_at, advice, function)
        return function

    return add


@_rule(
    "run_failed",
    "The latest run of a job failed. It is over when one of the job succeeds.",
    "The run's page: its last error, and the lines before it.",
    "Do what the error says. What was committed stays; the sensors ask for the next run by themselves, a scheduled job "
    "is launched by hand.",
)
def _run_failed(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for run in facts.failed_runs:
        yield run.job, f"The latest run of {run.job} failed: {run.message}", f"/runs/{run.run_id}"


@_rule(
    "check_failed",
    "A check did not pass. Tables downstream wait where it is a blocking one.",
    "The check's page: its figures and its advice; `fitness-assets status`.",
    "See the table of checks in docs/operations.md. It is over when a run in Dagster has checked the table again.",
)
def _check_failed(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for check in facts.failed_checks:
        if check.check != GAP_CHECK:
            wait = " Tables downstream wait for it." if check.is_blocking else ""
            yield (
                f"{check.table} {check.check}",
                f"{check.table} does not hold: {check.description}{wait}",
                _asset_path(check.table),
            )


@_rule(
    "topic_gap",
    "Records were gone from the broker before they were read.",
    "`fitness-assets kafka`: which offsets of which topic; the broker's retention.",
    "See `nothing_missed` in the table of checks in docs/operations.md.",
)
def _topic_gap(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for check in facts.failed_checks:
        if check.check == GAP_CHECK:
            yield (
                f"{check.table} {check.check}",
                f"Records of a topic were never read into {check.table}.",
                _asset_path(check.table),
            )


@_rule(
    "table_stale",
    "A table was not brought up to date for longer than its freshness policy allows.",
    "The table's page: its last materialization. Are the sensors on? Did anything land?",
    "Turn the sensors on, look at the latest failed run, or ask the source why nothing comes.",
)
def _table_stale(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for stale in facts.stale_tables:
        since = f"since {_utc(stale.materialized_at)}" if stale.materialized_at else "ever"
        yield stale.table, f"{stale.table} was not brought up to date {since}.", _asset_path(stale.table)


@_rule(
    "lag_growing",
    "A topic has more unread records, or older ones, than the thresholds allow.",
    "`fitness-assets kafka`; is a run going, does it fail, is the engine up?",
    "Look for the run that should read them. Where they come faster than they are read: a stream run, more cores.",
)
def _lag_growing(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for backlog in facts.backlogs:
        seconds = trends.waiting_seconds(backlog.topic)
        if backlog.records and (backlog.records >= settings.lag_records or seconds >= settings.lag_seconds):
            waiting = f", some for {seconds:,.0f} s" if seconds >= 1 else ""
            yield (
                backlog.topic,
                f"{backlog.topic} has {backlog.records:,} unread records{waiting}.",
                f"/assets/kafka/{backlog.topic}",
            )


@_rule(
    "broker_unreachable",
    "The Kafka broker does not answer, or refuses us.",
    "The broker's own log and address; the `FITNESS_KAFKA_` settings.",
    "Bring the broker back. Nothing is lost as long as it keeps its records; files go on meanwhile.",
)
def _broker_unreachable(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    if facts.broker_problem:
        yield "broker", facts.broker_problem, "/assets/kafka"


@_rule(
    "refused_jump",
    "Of the records of the last window unusually many were refused.",
    "`fitness-assets quarantine list`: which reason, of which source.",
    "Ask who sends them; they are kept. Once the rule or the sender is mended: `fitness-assets quarantine replay`, or "
    "land the mended file.",
)
def _refused_jump(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for since, loaded, refused in trends.arrivals():
        if refused >= settings.refused_records and refused >= settings.refused_share * loaded:
            summary = f"{refused:,} of {loaded:,} records since {_utc(since)} were refused."
            yield "quarantine", summary, _asset_path("silver_db.quarantine")
            return


@_rule(
    "source_silent",
    "A topic or a landing folder that always brings records brings none.",
    "The source itself: the producer, the extraction (`extract_from_sql`), who puts the files there.",
    "Ask the source. Where it is quiet on purpose: another number in FITNESS_ALERT_SILENT_HOURS.",
)
def _source_silent(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for records in facts.records:
        hours, last = settings.silent_hours.get(records.source), trends.last_records.get(records.source)
        if hours is not None and last is not None and facts.at - last.at >= timedelta(hours=hours):
            yield records.source, f"{records.source} brought no record since {_utc(last.at)}.", ""


@_rule(
    "automation_silent",
    "A sensor that is on, or a daemon of Dagster, does not look any more.",
    "Dagster's *Deployment*, *Daemons*: which one is not running; its process and log.",
    "Start Dagster's daemon again; the live stack does it by itself. What waits is a state, so nothing is lost.",
)
def _automation_silent(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for automation in facts.automations:
        allowed = timedelta(seconds=max(settings.tick_seconds, _MISSED_TICKS * automation.interval_seconds))
        instants = (automation.last_tick, trends.watched_since, facts.watched_from)
        expected = [instant for instant in instants if instant]
        if expected and facts.at - max(expected) > allowed:
            since = f"since {_utc(automation.last_tick)}" if automation.last_tick else "yet"
            yield automation.name, f"{automation.name} is on and has not looked {since}.", "/automation"


@_rule(
    "automation_failing",
    f"A sensor or schedule failed {_FAILURES_IN_A_ROW} times, one after the other.",
    "Its page: the error of the latest tick.",
    "Do what the error says; it tries again by itself.",
)
def _automation_failing(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for automation in facts.automations:
        if automation.failures >= _FAILURES_IN_A_ROW:
            yield automation.name, f"{automation.name} fails again and again: {automation.problem}", "/automation"


@_rule(
    "receiver_unreachable",
    "One of those who are to be told cannot be reached; the others are told so.",
    "`fitness-assets alerts test`: what it answers.",
    "Mend its address in FITNESS_ALERT_WEBHOOKS, or the mail server. What it missed and still goes on it is told then.",
)
def _receiver_unreachable(facts: Facts, settings: AlertSettings, trends: Trends) -> Iterator[tuple[str, str, str]]:
    for receiver, problem in facts.receiver_problems.items():
        yield receiver, f"{receiver} could not be told: {problem}", ""


def _asset_path(table: str) -> str:
    return f"/assets/{table.replace('.', '/')}"


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
