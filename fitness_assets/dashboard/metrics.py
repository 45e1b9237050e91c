"""`/metrics`: how tables, sources, checks and alerts stand, for Prometheus. Logs and notes are read, and no rows but
those of quarantine."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask, Response, abort
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fitness_assets.alerts import RULES, open_alerts
from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.queries.quality.check_results import get_check_results
from fitness_assets.dashboard.queries.quality.kafka_lag import get_kafka_lag
from fitness_assets.dashboard.queries.quality.left_alone import get_left_alone
from fitness_assets.dashboard.queries.quality.rejected_records import count_rejected_records
from fitness_assets.dashboard.queries.quality.table_status import NEW_FILES, get_table_statuses
from fitness_assets.dashboard.table_reader.reader import TableReader

METRICS_PATH = "/metrics"
_LOG = logging.getLogger(__name__)


def add_metrics_route(server: Flask, reader: TableReader, clock: Callable[[], datetime]) -> None:
    """Answer Prometheus."""

    @server.get(METRICS_PATH)
    def metrics() -> Response:
        registry = CollectorRegistry()
        try:
            registry.register(_Platform(reader, clock()))
            text = generate_latest(registry)
        except Exception:  # whatever it is, the log has it, and Prometheus counts the platform as down
            _LOG.exception("The metrics could not be read")
            abort(503, "The metrics could not be read just now; the dashboard's log has the cause.")
        return Response(text, content_type=CONTENT_TYPE_LATEST)


class _Platform(Collector):
    """Everything as of one instant."""

    def __init__(self, reader: TableReader, now: datetime) -> None:
        self._reader = reader
        self._now = now

    def describe(self) -> Iterator[Metric]:
        """Nothing: what is registered is only collected."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield from self._tables()
        yield from self._checks()
        yield from self._sources()
        yield from self._topics()
        yield from self._alerts()

    def _tables(self) -> Iterator[Metric]:
        statuses = get_table_statuses(self._reader, self._now)
        labels = ["table", "layer"]
        rows = GaugeMetricFamily("fitness_table_rows", "Rows of a table.", labels=labels)
        size = GaugeMetricFamily("fitness_table_bytes", "Bytes of a table's current files.", labels=labels)
        files = GaugeMetricFamily("fitness_table_files", "Current files of a table.", labels=labels)
        changed = GaugeMetricFamily(
            "fitness_table_changed_timestamp_seconds", "When a table's rows last changed.", labels=labels
        )
        seconds = GaugeMetricFamily(
            "fitness_table_update_seconds", "How long the last update took that did something.", labels=labels
        )
        waiting = GaugeMetricFamily("fitness_table_waiting", "1 where an update of a table is due.", labels=labels)
        for status in statuses:
            values = [status.table_name, status.layer]
            rows.add_metric(values, status.rows)
            size.add_metric(values, status.bytes)
            files.add_metric(values, status.files)
            waiting.add_metric(values, float(status.status == "waiting"))
            if status.changed_at is not None:
                changed.add_metric(values, status.changed_at.timestamp())
            progress = self._reader.zone.progress(all_tables()[status.table_name])
            if progress is not None:
                seconds.add_metric(values, progress.seconds)
        yield from (rows, size, files, changed, seconds, waiting)
        new_files = GaugeMetricFamily(
            "fitness_folder_waiting", "1 where files wait in a landing folder.", labels=["folder"]
        )
        for status in statuses:
            if feed := FILE_FEEDS.get(status.table_name):
                new_files.add_metric([feed.name], float(NEW_FILES in status.waits_for))
        yield new_files

    def _checks(self) -> Iterator[Metric]:
        labels = ["table", "check", "blocking"]
        passed = GaugeMetricFamily(
            "fitness_check_passed", "1 where a check passed when it was last made.", labels=labels
        )
        made = GaugeMetricFamily("fitness_check_timestamp_seconds", "When a table was last checked.", labels=["table"])
        checked_at = {}
        for result in get_check_results(self._reader):
            passed.add_metric(
                [result.table_name, result.check_name, str(result.is_blocking).lower()], float(result.passed)
            )
            checked_at[result.table_name] = result.checked_at.timestamp()
        for table_name, timestamp in checked_at.items():
            made.add_metric([table_name], timestamp)
        yield from (passed, made)

    def _sources(self) -> Iterator[Metric]:
        refused = GaugeMetricFamily("fitness_refused_records", "Records in quarantine.", labels=["source", "reason"])
        counts = count_rejected_records(self._reader).value.by_reason.to_pylist()
        for count in counts:
            refused.add_metric([count["source_table"], count["reason"]], count["records"])
        left_alone = GaugeMetricFamily(
            "fitness_files_left_alone", "Files of the landing zone that are not read.", labels=["folder"]
        )
        names = [file.name.split("/")[0] for file in get_left_alone(self._reader)]
        for feed in FILE_FEEDS.values():
            left_alone.add_metric([feed.name], names.count(feed.name))
        yield from (refused, left_alone)

    def _topics(self) -> Iterator[Metric]:
        lag = get_kafka_lag(self._reader)
        if lag.status == "no broker":
            return
        yield GaugeMetricFamily(
            "fitness_kafka_up", "1 where the broker answers.", value=float(lag.status == "connected")
        )
        records = GaugeMetricFamily("fitness_kafka_lag_records", "Unread records of a topic.", labels=["topic"])
        seconds = GaugeMetricFamily("fitness_kafka_lag_seconds", "For how long some wait.", labels=["topic"])
        for topic in lag.topics if lag.status == "connected" else ():
            records.add_metric([topic.topic], topic.records)
            seconds.add_metric([topic.topic], topic.seconds)
        yield from (records, seconds)

    def _alerts(self) -> Iterator[Metric]:
        alerts = open_alerts()
        going_on = [incident.alert.rule for incident in alerts.open_incidents()]
        gauge = GaugeMetricFamily("fitness_alerts", "Alerts that go on, by rule.", labels=["rule"])
        for rule in RULES:
            gauge.add_metric([rule], going_on.count(rule))
        yield gauge
        if (last_look := alerts.last_look()) is not None:
            yield GaugeMetricFamily(
                "fitness_alerts_looked_timestamp_seconds",
                "When somebody last looked whether something is wrong.",
                value=last_look.timestamp(),
            )
