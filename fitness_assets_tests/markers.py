"""Which test needs what, so that `pytest -m` can leave out what a machine does not have, or a person has no time for.

What a test needs of the servers that a run shares is known by its fixtures. A module whose tests start programs of
their own, or take more than some seconds each, says so itself.
"""

import pytest

MARKERS = {
    "spark": "needs the one Spark session of the test run",
    "kafka": "needs the one Kafka broker of the test run",
    "database": "needs PostgreSQL",
    "browser": "needs Chromium",
    "programs": "starts programs of its own: Dagster, the live stack, a cluster, a broker, a wheel, the Databricks CLI",
    "slow": "takes more than some seconds",
}
_MARKER_OF_FIXTURE = {"spark": "spark", "broker": "kafka", "postgres": "database", "chromium": "browser"}


def mark_by_fixtures(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures that it uses, also by way of others."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in _MARKER_OF_FIXTURE:
                item.add_marker(_MARKER_OF_FIXTURE[name])
        if "postgres" in item.nodeid:
            item.add_marker("database")


def long_modules_first(items: list[pytest.Item]) -> None:
    """Modules of long tests before those of short ones: of several processes none does a long one at the end, alone."""
    items.sort(key=lambda item: item.get_closest_marker("programs") is None and item.get_closest_marker("slow") is None)
