"""Somebody adds an asset of their own below ours: its AutomationCondition fires when ours change."""

import re
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetKey,
    AssetsDefinition,
    AssetSelection,
    AutomationCondition,
    BetaWarning,
    DagsterInstance,
    Definitions,
    EvaluateAutomationConditionsResult,
    SensorResult,
    asset,
    define_asset_job,
    evaluate_automation_conditions,
    materialize,
)

from fitness_assets.definitions import defs
from fitness_assets.defs.asset_keys import folder_asset_key, table_asset_key, topic_asset_key
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.defs.automation import polling
from fitness_assets.defs.events import topic_observation
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.kafka.lag import TopicLag
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.defs.code_server import CodeServer
from fitness_assets_tests.defs.scripted_updates import script_updates, updated
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, reading

GYMS = "gold_db.gym_summary"


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.setattr(polling, "LOOK_FOR_SECONDS", 0)
    return tmp_path / "base"


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


def report_below(key: AssetKey) -> AssetsDefinition:
    """What somebody else adds."""
    condition = AutomationCondition.eager() & AutomationCondition.all_deps_blocking_checks_passed()

    @asset(deps=[key], automation_condition=condition)
    def report() -> None: ...

    return report


class Daemon:
    """What the automation daemon does, tick by tick: what it requests runs at once."""

    def __init__(self, instance: DagsterInstance, report: AssetsDefinition) -> None:
        self._instance = instance
        self._report = report
        self._definitions = Definitions.merge(defs(), Definitions(assets=[report]))
        self._last: EvaluateAutomationConditionsResult | None = None

    def tick(self) -> bool:
        """Whether the report was requested."""
        # In a thread of its own, as the daemon does: in the main one the browser's tests have an event loop.
        with ThreadPoolExecutor(1) as daemon:
            self._last = daemon.submit(self._evaluate).result()
        is_requested = self._last.get_num_requested(self._report.key) == 1
        if is_requested:
            assert materialize([self._report], instance=self._instance).success
        return is_requested

    def _evaluate(self) -> EvaluateAutomationConditionsResult:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BetaWarning)  # which Dagster's own function raises
            return evaluate_automation_conditions(
                defs=self._definitions, instance=self._instance, cursor=self._last.cursor if self._last else None
            )


def update(instance: DagsterInstance, table_name: str) -> None:
    spark = SparkResource()
    materialize(
        [table_assets()],
        instance=instance,
        selection=[table_asset_key(table_name)],
        resources={"spark": spark, "lakehouse": LakehouseResource(spark=spark)},
        raise_on_error=False,
    )


def documented_report() -> AssetsDefinition:
    """The asset that docs/extending.md adds, by the letter."""
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    report = names["gym_report"]
    assert isinstance(report, AssetsDefinition)
    return report


def test_below_a_table_it_fires_once_for_each_update(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(instance, documented_report())
    assert not daemon.tick()
    for version in (1, 2):
        script_updates(monkeypatch, updated(GYMS, version))
        update(instance, GYMS)
        assert daemon.tick()
        assert not daemon.tick()


def test_below_a_table_it_fires_for_a_stream_run_that_goes_on(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(instance, report_below(table_asset_key(GYMS)))
    assert not daemon.tick()
    script_updates(monkeypatch, updated(GYMS, 1), updated(GYMS, 2))
    job = defs().resolve_job_def(stream_all_tables.name)
    config = {"ops": {"stream_updates": {"config": {"mode": "once", "processing_time": 0.01}}}}
    assert job.execute_in_process(instance=instance, run_config=config).success
    assert daemon.tick()


def test_below_a_table_that_did_not_pass_it_waits_until_the_check_passes(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(instance, report_below(table_asset_key(GYMS)))
    assert not daemon.tick()
    script_updates(monkeypatch, updated(GYMS, 1, failed_check="unique_key"))
    update(instance, GYMS)
    assert not daemon.tick()
    script_updates(monkeypatch, updated(GYMS, 2))
    update(instance, GYMS)
    assert daemon.tick()


def test_below_a_landing_folder_it_fires_when_something_has_landed(instance: DagsterInstance, base: Path) -> None:
    landing_zone = Platform(base, lambda: None)  # type: ignore[arg-type, return-value]  # gives no session on purpose
    code_server, daemon = CodeServer(instance), Daemon(instance, report_below(folder_asset_key("kafka_multiplex_bz")))
    code_server.tick("landing_zone_sensor")
    assert not daemon.tick()
    for number in range(2):
        landing_zone.land("kafka_multiplex_bz", f"{number}.json", [reading(1, NOON + number, 60.0)])
        code_server.tick("landing_zone_sensor")
        assert daemon.tick()
        code_server.tick("landing_zone_sensor")
        assert not daemon.tick()


def lag_of_bpm(end: int, read: int) -> TopicLag:
    return TopicLag(
        topic="bpm", records=end - read, age_seconds=0.0, end_offset=end, committed_offset=read, partitions=2
    )


def test_below_a_topic_it_fires_for_new_records_and_not_for_records_that_were_read(instance: DagsterInstance) -> None:
    daemon = Daemon(instance, report_below(topic_asset_key("bpm")))
    assert not daemon.tick()
    instance.report_runless_asset_event(topic_observation(lag_of_bpm(end=5, read=0)))
    assert daemon.tick()
    instance.report_runless_asset_event(topic_observation(lag_of_bpm(end=5, read=5)))
    assert not daemon.tick()
    instance.report_runless_asset_event(topic_observation(lag_of_bpm(end=6, read=5)))
    assert daemon.tick()


def test_a_click_on_observe_looks_at_the_folders(instance: DagsterInstance, base: Path) -> None:
    landing_zone = Platform(base, lambda: None)  # type: ignore[arg-type, return-value]  # gives no session on purpose
    landing_zone.land("date_lookup", "a.json", ["{}"])
    folders = [folder_asset_key("date_lookup"), folder_asset_key("kafka_multiplex_bz")]
    click = define_asset_job("click", AssetSelection.assets(*folders))
    result = (
        Definitions.merge(defs(), Definitions(jobs=[click]))
        .resolve_job_def("click")
        .execute_in_process(instance=instance)
    )
    (event,) = result.get_asset_observation_events()
    assert event.asset_key == folder_asset_key("date_lookup")
    tick = CodeServer(instance).tick("landing_zone_sensor")
    assert isinstance(tick, SensorResult) and not tick.asset_events, "the sensor need not observe it again"
