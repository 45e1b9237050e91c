"""What happens in a Dagster instance, and a look at it."""

import time

from dagster import (
    AssetCheckEvaluation,
    AssetMaterialization,
    AssetObservation,
    DagsterInstance,
    DagsterRunStatus,
    Failure,
    SensorResult,
    job,
    op,
)
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._utils.error import SerializableErrorInfo

from fitness_assets.defs.asset_keys import alerts_asset_key, table_asset_key
from fitness_assets_tests.defs.code_server import CodeServer

BROKEN = "The disk is full: FITNESS_BASE_DIR lies on it."


def look(code_server: CodeServer) -> str:
    result = code_server.tick("alert_sensor")
    assert isinstance(result, SensorResult) and result.skip_reason
    return str(result.skip_reason.skip_message)


def observed(instance: DagsterInstance) -> list[tuple[str, str]]:
    """What Dagster shows on the page of the alerts, oldest first."""
    records = instance.fetch_observations(alerts_asset_key(), limit=50, ascending=True).records
    observations = [record.asset_observation for record in records]
    return [
        (str(one.metadata["news"].value), f"{one.metadata['rule'].value}:{one.metadata['subject'].value}")
        for one in observations
        if isinstance(one, AssetObservation)
    ]


def run_job(instance: DagsterInstance, name: str, fails: bool) -> None:
    @op(name=f"step_of_{name}")
    def step() -> None:
        if fails:
            raise Failure(BROKEN)

    @job(name=name)
    def made() -> None:
        step()

    made.execute_in_process(instance=instance, raise_on_error=False)


def run_of(code_server: CodeServer, status: DagsterRunStatus, *tables: str, job_name: str = "update_all_tables") -> str:
    """A run of some tables, or of all, with that status."""
    instance = code_server.instance
    keys = frozenset(table_asset_key(table) for table in tables) or None
    run = instance.create_run_for_job(code_server.repository.get_job(job_name), status=status, asset_selection=keys)
    return run.run_id


def check(instance: DagsterInstance, table: str, name: str, passed: bool) -> None:
    instance.report_runless_asset_event(
        AssetCheckEvaluation(asset_key=table_asset_key(table), check_name=name, passed=passed, metadata={})
    )


def freshness(instance: DagsterInstance, table: str, state: FreshnessState) -> None:
    """As Dagster's freshness daemon records it."""
    instance._report_runless_asset_event(
        FreshnessStateChange(
            key=table_asset_key(table),
            previous_state=FreshnessState.UNKNOWN,
            new_state=state,
            state_change_timestamp=time.time(),
        )
    )


def materialize(instance: DagsterInstance, table: str, rows: int) -> None:
    instance.report_runless_asset_event(
        AssetMaterialization(asset_key=table_asset_key(table), metadata={"dagster/row_count": rows})
    )


class SwitchedOn:
    """A sensor that is on in an instance, and its ticks."""

    def __init__(self, instance: DagsterInstance, name: str) -> None:
        location = RegisteredCodeLocationOrigin("a location")
        origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(location, "__repository__"), name)
        self._instance, self._name = instance, name
        self._origin_id, self._selector_id = origin.get_id(), f"selector of {name}"
        self._state = InstigatorState(
            origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, SensorInstigatorData(min_interval=5)
        )
        self._selector_id = self._state.selector_id
        instance.add_instigator_state(self._state)

    def tick(self, seconds_ago: float, status: TickStatus, problem: str = "") -> None:
        error = SerializableErrorInfo(problem, [], None) if problem else None
        self._instance.create_tick(
            TickData(
                self._origin_id,
                self._name,
                InstigatorType.SENSOR,
                status,
                time.time() - seconds_ago,
                selector_id=self._selector_id,
                error=error,
            )
        )
