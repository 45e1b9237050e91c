"""When a sensor may ask again."""

from fitness_assets.defs.automation.run_requests import LastRequest


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    last = LastRequest("state", at=1_000.0, attempts=3)
    assert last.backoff_left("state", now=1_010.0) == 110.0
    assert last.backoff_left("state", now=10.0) == 0.0
