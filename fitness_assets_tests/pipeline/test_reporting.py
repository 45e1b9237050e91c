"""Long work says how far it is."""

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline import reporting
from fitness_assets.pipeline.landing import loading
from fitness_assets.pipeline.reporting import Pace, reporting_to
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, reading

KAFKA = "bronz_db.kafka_multiplex_bz"


def test_rows_share_rate_and_time_left_are_told_every_few_seconds() -> None:
    seconds, told = iter([0.0, 1.0, 10.0, 12.0, 16.0]), list[str]()
    pace = Pace(total=1000, clock=lambda: next(seconds))
    with reporting_to(told.append):
        for done in (100, 250, 300, 1000):
            pace.advance(5_000, done)
    assert told == [
        "10,000 rows, 25%, 1,000 rows a second, about 30 s left",
        "20,000 rows, 100%, 1,250 rows a second, about 0 s left",
    ]


def test_outside_nobody_is_told() -> None:
    clock = iter([0.0, 9.0])
    Pace(total=0, clock=lambda: next(clock)).advance(1, 0)


def test_a_bulk_load_tells_the_table_and_how_far_it_is(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(loading, "ROWS_PER_TABLE", 1)
    for number in range(4):
        platform.land("kafka_multiplex_bz", f"{number}.json", [reading(7, NOON + number, 60.0)])
    told: list[tuple[str, str]] = []
    outcomes = list(
        update_tables(platform.lake, [KAFKA], on_progress=lambda table, text: told.append((table.full_name, text)))
    )
    assert outcomes[0].is_good
    assert {name for name, _ in told} == {get_table(KAFKA).full_name}
    assert [text.split(",")[0] for _, text in told] == ["1 rows", "2 rows", "3 rows", "4 rows"]
