"""The calendar's weeks: every batch of bronze looks its days up in them."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from fitness_assets.contracts.feeds import DATE_LOOKUP
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.transforms.calendar import WEEK_OF_DAY


def calendar_weeks(lake: Lakehouse) -> Mapping[date, str]:
    """The week of each day of the calendar as it is now."""
    calendar = get_table(DATE_LOOKUP.table)
    version = lake.ensure(calendar).version()

    def read() -> pa.Table:
        with lake.query_engine() as engine:
            scan = engine.scan(calendar)
            weeks = scan.fetch(
                f"SELECT {scan.name('date')}, {WEEK_OF_DAY} FROM {scan.all_rows} "
                f"WHERE reason IS NULL GROUP BY {scan.name('date')}"
            )
        return pa.table({"date": [day for day, _ in weeks], "week_part": [week for _, week in weeks]})

    weeks = lake.cached(("weeks", version), read)
    return dict(zip(weeks["date"].to_pylist(), weeks["week_part"].to_pylist(), strict=True))
