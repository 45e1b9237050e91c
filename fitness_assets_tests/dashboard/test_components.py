"""Components and text as plain functions."""

from datetime import datetime, timedelta, timezone

import pyarrow as pa

from fitness_assets.dashboard.components.charts.downsampling import downsample
from fitness_assets.dashboard.components.filters.period import period_start
from fitness_assets.dashboard.components.formatting import format_duration, format_number, format_time_ago

NOW = datetime(2025, 8, 4, 18, 50, 20, tzinfo=timezone.utc)


def test_a_downsampled_curve_keeps_its_ends_its_peak_and_its_dip() -> None:
    rates = [100.0] * 50_000
    rates[12_345], rates[23_456], rates[-1] = 190.0, 40.0, 99.0
    x, y = downsample(pa.chunked_array([range(50_000)]), pa.chunked_array([rates]), 1_200)
    assert len(x) <= 1_200 and x == sorted(x) and (x[0], x[-1]) == (0, 49_999)
    assert dict(zip(x, y, strict=True))[12_345] == 190 and dict(zip(x, y, strict=True))[23_456] == 40


def test_numbers_and_durations_are_written_for_people() -> None:
    numbers = (format_number(2_500_000), format_number(None), format_number(1234.56, 1))
    assert numbers == ("2,500,000", "–", "1,234.6")
    durations = [format_duration(seconds) for seconds in (0, 4.24, 59.4, 60, 3_599, 7_500, 180_000, -5)]
    assert durations == ["0 s", "4.2 s", "59 s", "1 min 00 s", "59 min 59 s", "2 h 05 min", "2 d 2 h", "−5.0 s"]
    assert format_time_ago(NOW - timedelta(seconds=5), NOW) == "5 s ago"
    assert format_time_ago(NOW + timedelta(hours=1), NOW) == "0 s ago"


def test_a_period_of_seven_days_ends_with_the_day_of_the_newest_record() -> None:
    last = datetime(2025, 8, 4, 18, 50, tzinfo=timezone.utc)
    assert period_start("7", last) == datetime(2025, 7, 29, tzinfo=timezone.utc)
    assert [period_start(*arguments) for arguments in (("all", last), ("rubbish", last), ("7", None))] == [None] * 3
