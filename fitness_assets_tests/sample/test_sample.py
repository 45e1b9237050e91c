"""Sample data: the same from the same seed, believable, and as untidy as asked for."""

import json
from collections import Counter
from pathlib import Path

from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals, sample_events
from fitness_assets.sample.landing_files import write_sample

SIZE = SampleSize(users=5, days=2, seed=3, reading_interval=5)


def test_a_seed_gives_the_same_events_every_time() -> None:
    assert list(sample_events(SIZE)) == list(sample_events(SIZE))
    assert list(sample_events(SIZE)) != list(sample_events(SampleSize(users=5, days=2, seed=4, reading_interval=5)))


def test_the_heart_rate_rises_with_effort_and_recovers() -> None:
    size = SampleSize(users=1, days=1, seed=2)
    events = list(sample_events(size))
    start, stop = (next(time for time, _, text in events if f'"{action}"' in text) for action in ("start", "stop"))
    rates = {time: json.loads(text)["heartrate"] for time, topic, text in events if topic == "bpm"}
    seconds = [second for second in range(int(start), int(stop)) if second in rates]
    assert len(seconds) == int(stop) - int(start)
    assert rates[start] + 20 < rates[stop - 1] > rates[stop + 150] + 20
    assert all(rate == -1.0 or 35 < rate < 230 for rate in rates.values())


def test_shares_of_late_repeated_and_malformed_records() -> None:
    tidy = sample_arrivals(SIZE)
    faults = Faults(late=0.1, repeated=0.2, malformed=0.05)
    untidy = sample_arrivals(SampleSize(users=5, days=2, seed=3, reading_interval=5, faults=faults))
    extra = Counter((topic, text) for _, topic, text in untidy) - Counter((topic, text) for _, topic, text in tidy)
    expected = {(topic, text) for _, topic, text in tidy}
    repeated = sum(count for record, count in extra.items() if record in expected)
    malformed = sum(count for record, count in extra.items() if record not in expected)
    assert 0.15 < repeated / len(tidy) < 0.25
    assert 0.03 < malformed / len(tidy) < 0.07
    times = [time for time, _, _ in untidy]
    assert times == sorted(times)


def test_files_have_the_forms_of_the_contract(tmp_path: Path) -> None:
    written = write_sample(tmp_path, SIZE)
    assert written["date_lookup"] == 7305
    lines = [
        line for file in (tmp_path / "kafka_multiplex_bz").glob("*.json") for line in file.read_text().splitlines()
    ]
    records = [json.loads(line) for line in lines]
    assert len(records) == written["kafka_multiplex_bz"]
    assert list(records[0]) == ["key", "value", "topic", "partition", "offset", "timestamp"]
    assert {record["topic"] for record in records} == {"user_info", "bpm", "workout"}
    assert all(isinstance(json.loads(record["value"]), dict) for record in records)
    for folder, header in {
        "registered_users_bz": "user_id,device_id,mac_address,registration_timestamp",
        "gym_logins_bz": "mac_address,gym,login,logout",
    }.items():
        assert all(file.read_text().startswith(header + "\n") for file in (tmp_path / folder).glob("*.csv"))
    assert not list(tmp_path.rglob("*.tmp"))
