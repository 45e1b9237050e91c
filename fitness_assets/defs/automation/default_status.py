"""Whether sensors and schedules are on from the start: the live stack turns them on, elsewhere a click does."""

from dagster import DefaultScheduleStatus, DefaultSensorStatus

from fitness_assets.settings.dagster import DagsterSettings


def default_sensor_status() -> DefaultSensorStatus:
    return DefaultSensorStatus.RUNNING if DagsterSettings.from_env().is_automatic else DefaultSensorStatus.STOPPED


def default_schedule_status() -> DefaultScheduleStatus:
    return DefaultScheduleStatus.RUNNING if DagsterSettings.from_env().is_automatic else DefaultScheduleStatus.STOPPED
