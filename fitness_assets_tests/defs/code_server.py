"""The definitions as a code server holds them: loaded once, for every tick of every sensor."""

from dagster import DagsterInstance, SensorResult, SkipReason, build_sensor_context

from fitness_assets.definitions import defs


class CodeServer:
    """What is remembered from tick to tick is remembered here; another one knows nothing of it."""

    def __init__(self, instance: DagsterInstance) -> None:
        self.instance = instance
        self.repository = defs().get_repository_def()

    def tick(self, sensor_name: str, cursor: str | None = None) -> SensorResult | SkipReason:
        """One tick, with the resources that Dagster makes for it; its events are recorded as the daemon does it."""
        sensor = self.repository.get_sensor_def(sensor_name)
        resources = self.repository.get_top_level_resources()
        context = build_sensor_context(
            instance=self.instance,
            cursor=cursor,
            repository_def=self.repository,
            sensor_name=sensor_name,
            resources={key: resources[key] for key in sensor.required_resource_keys},
        )
        result = sensor(context)
        assert isinstance(result, SensorResult | SkipReason)
        for event in result.asset_events if isinstance(result, SensorResult) else ():
            self.instance.report_runless_asset_event(event)
        return result


def requested_assets(result: SensorResult | SkipReason) -> set[str]:
    """What the one run that a tick asks for is to bring up to date."""
    assert isinstance(result, SensorResult), result
    (request,) = result.run_requests or []
    return {key.to_user_string() for key in request.asset_selection or []}
