"""A tick looks again and again for a few seconds, so that what lands is seen at once."""

import time
from collections.abc import Callable

from dagster import SensorResult, SkipReason

INTERVAL_SECONDS = 5
"""How often Dagster begins a tick."""
LOOK_FOR_SECONDS = 4.0
_LOOK_EVERY_SECONDS = 0.5


def poll(look: Callable[[], SensorResult | SkipReason]) -> SensorResult | SkipReason:
    """Look until there is something to do, or the time of the tick is up."""
    until = time.monotonic() + LOOK_FOR_SECONDS
    while True:
        result = look()
        if isinstance(result, SensorResult) or time.monotonic() + _LOOK_EVERY_SECONDS > until:
            return result
        time.sleep(_LOOK_EVERY_SECONDS)
