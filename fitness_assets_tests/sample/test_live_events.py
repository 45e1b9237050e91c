"""Life that goes on: the same from a seed and a start, in order, without end, and as untidy as asked for."""

import json
from collections import Counter
from itertools import islice

from fitness_assets.sample.faults import Faults
from fitness_assets.sample.live_events import MAX_DELAY_SECONDS, Crowd, live_arrivals, live_events

START = 1_780_000_000
CROWD = Crowd(START, people=5, minutes=(0.5, 2))


def test_seed_and_start_give_the_same_arrivals_in_order() -> None:
    crowd = Crowd(START, people=5, faults=Faults(late=0.1, repeated=0.1, corrected=0.1, malformed=0.1))
    first = list(islice(live_arrivals(crowd), 5000))
    assert first == list(islice(live_arrivals(crowd), 5000))
    times = [time for time, _, _ in first]
    assert times == sorted(times)
    assert START <= first[0][0] < START + 5


def test_another_seed_gives_people_with_other_ids() -> None:
    def users(seed: int) -> set[str]:
        events = islice(live_events(Crowd(START, people=5, seed=seed)), 100)
        return {text.split(",")[0] for _, source, text in events if source == "registered_users_bz"}

    assert len(users(1)) == len(users(2)) == 5
    assert not users(1) & users(2)


def test_every_workout_stops_and_every_visit_ends() -> None:
    events = list(islice(live_events(CROWD), 20_000))
    cutoff = events[-1][0] - 300
    workouts = [(time, json.loads(text)) for time, source, text in events if source == "workout"]
    stopped = {event["session_id"]: time for time, event in workouts if event["action"] == "stop"}
    started = {event["session_id"]: time for time, event in workouts if event["action"] == "start" and time < cutoff}
    assert len(started) > 50
    assert all(25 < stopped[session] - time < 125 for session, time in started.items())
    visits = [(time, text) for time, source, text in events if source == "gym_logins_bz"]
    ended = {text.rsplit(",", 1)[0] for _, text in visits if not text.endswith(",")}
    assert {text[:-1] for time, text in visits if text.endswith(",") and time < cutoff} <= ended


def test_who_trains_has_one_heart_rate_a_second_that_rises_and_recovers() -> None:
    events = list(islice(live_events(Crowd(START, people=1, minutes=(2, 2))), 200))
    start, stop = (
        next(json.loads(text)["timestamp"] for _, _, text in events if f'"{action}"' in text)
        for action in ("start", "stop")
    )
    readings = [json.loads(text) for _, source, text in events if source == "bpm"]
    rates = {reading["time"]: reading["heartrate"] for reading in readings}
    assert [second for second in rates if start <= second <= stop] == [start + n for n in range(121)]
    assert rates[start] + 20 < rates[stop - 1] > rates[stop + 9]


def test_who_leaves_is_replaced_so_that_memory_stays_bounded() -> None:
    events = list(islice(live_events(Crowd(START, people=20, minutes=(0.05, 0.05))), 60_000))
    kinds = Counter(json.loads(text)["update_type"] for _, source, text in events if source == "user_info")
    registered = sum(source == "registered_users_bz" for _, source, _ in events)
    assert kinds["update"] > kinds["delete"] > 0
    assert registered == kinds["new"] and 0 <= kinds["delete"] - (registered - 20) <= 2


def test_shares_of_late_repeated_and_malformed_records() -> None:
    faults = Faults(late=0.1, repeated=0.2, malformed=0.05)
    tidy = list(islice(live_events(CROWD), 40_000))
    untidy = list(islice(live_arrivals(Crowd(START, 5, (0.5, 2), faults=faults)), 40_000))
    event_times = {(source, text): time for time, source, text in tidy}
    counts = Counter((source, text) for _, source, text in untidy)
    delays = [time - event_times[source, text] for time, source, text in untidy if (source, text) in event_times]
    late = sum(60 <= delay <= MAX_DELAY_SECONDS for delay in delays) / len(delays)
    repeated = sum(count > 1 for record, count in counts.items() if record in event_times) / len(counts)
    malformed = sum(count for record, count in counts.items() if record not in event_times) / len(untidy)
    assert 0.17 < late < 0.27  # one in ten late itself, and most of one in five as a repetition
    assert 0.15 < repeated < 0.25
    assert 0.03 < malformed < 0.07
