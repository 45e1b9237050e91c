"""What Prometheus reads, and that the dashboard file for Grafana asks for nothing else."""

import json
import re

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from fitness_assets.alerts import Facts, FailedRun, open_alerts
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.app import make_app
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder, utc

Samples = dict[str, dict[tuple[str, ...], float]]


def scrape(client: FlaskClient) -> Samples:
    """The samples by metric and by the values of their labels, in the order of the labels' names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.content_type.startswith("text/plain")
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        family.name: {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in family.samples
        }
        for family in families
    }


def client_of(builder: TableBuilder) -> FlaskClient:
    return make_app(builder.settings, lambda: NOW).server.test_client()


def test_tables_checks_and_sources_have_their_figures(sample: TableBuilder) -> None:
    samples = scrape(client_of(sample))
    assert {table for _, table in samples["fitness_table_rows"]} == set(all_tables())
    rows = samples["fitness_table_rows"][("gold_db", "gold_db.gym_summary")]
    assert rows == sample.reader.begin(("gold_db.gym_summary",)).__enter__().metadata("gold_db.gym_summary").row_count
    changed = samples["fitness_table_changed_timestamp_seconds"][("gold_db", "gold_db.gym_summary")]
    assert NOW.timestamp() - 86_400 * 30 < changed
    assert "fitness_kafka_up" not in samples, "there is no broker"


def test_refused_records_have_source_and_reason(builder: TableBuilder) -> None:
    row = {
        "source_table": "bronz_db.gym_logins_bz",
        "record": "x",
        "source_file": "a",
        "load_time": utc("06-01 10:00:00"),
    }
    builder.write("silver_db.quarantine", row | {"reason": "bad_gym"}, row | {"reason": "bad_gym"})
    samples = scrape(client_of(builder))
    assert samples["fitness_refused_records"] == {("bad_gym", "bronz_db.gym_logins_bz"): 2.0}


def test_without_any_table_there_are_figures_all_the_same(builder: TableBuilder) -> None:
    samples = scrape(client_of(builder))
    assert set(samples["fitness_table_rows"].values()) == {0.0}


def test_a_broker_that_is_down_is_said_to_be(builder: TableBuilder) -> None:
    kafka = KafkaSettings(servers=f"127.0.0.1:{free_port()}", group="x")
    app = make_app(builder.settings.model_copy(update={"kafka": kafka}), lambda: NOW)
    samples = scrape(app.server.test_client())
    assert samples["fitness_kafka_up"] == {(): 0.0}
    assert samples.get("fitness_kafka_lag_records", {}) == {}


def test_alerts_and_the_last_look_are_there(builder: TableBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(builder.settings.base_dir))
    client = client_of(builder)
    assert "fitness_alerts_looked_timestamp_seconds" not in scrape(client)
    open_alerts().observe(lambda: Facts(at=NOW, failed_runs=(FailedRun("maintain_tables", "abc", "Why."),)))
    samples = scrape(client)
    assert samples["fitness_alerts"][("run_failed",)] == 1.0
    assert samples["fitness_alerts"][("lag_growing",)] == 0.0
    assert samples["fitness_alerts_looked_timestamp_seconds"] == {(): NOW.timestamp()}


def test_what_cannot_be_read_is_an_error_and_no_figure(builder: TableBuilder) -> None:
    client = client_of(builder)
    row = {"source_table": "x", "record": "x", "source_file": "a", "reason": "y", "load_time": utc("06-01 10:00:00")}
    builder.write("silver_db.quarantine", row)
    for file in builder.settings.data_zone.rglob("quarantine/*.parquet"):
        file.unlink()
    assert client.get("/metrics").status_code == 503


def test_only_loopback_hosts_are_answered(sample: TableBuilder) -> None:
    assert client_of(sample).get("/metrics", headers={"Host": "evil.example"}).status_code == 403


def test_grafana_asks_for_what_there_is(sample: TableBuilder) -> None:
    """Names of metrics and of labels; what needs a broker or an alert is taken from the code."""
    source = (ROOT / "fitness_assets/dashboard/metrics.py").read_text(encoding="utf-8")
    known = set(re.findall(r'"(fitness_[a-z_]+)"', source))
    labels = {"table", "layer", "check", "blocking", "source", "reason", "folder", "topic", "rule"}
    dashboard = json.loads((ROOT / "dashboards/fitness.grafana.json").read_text(encoding="utf-8"))
    asked = [target for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(asked) >= 12
    for target in asked:
        assert set(re.findall(r"fitness_[a-z_]+", target["expr"])) <= known, target
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels, target
    assert set(scrape(client_of(sample))) <= known
