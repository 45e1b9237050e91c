"""Whether sensors and schedules are on from the start: the live stack turns them on, elsewhere a click does."""

import os

from dagster import DefaultScheduleStatus, DefaultSensorStatus


def sensor_status() -> DefaultSensorStatus:
    return DefaultSensorStatus.RUNNING if _on() else DefaultSensorStatus.STOPPED


def schedule_status() -> DefaultScheduleStatus:
    return DefaultScheduleStatus.RUNNING if _on() else DefaultScheduleStatus.STOPPED


def _on() -> bool:
    return os.environ.get("FITNESS_AUTOMATIC") == "1"
