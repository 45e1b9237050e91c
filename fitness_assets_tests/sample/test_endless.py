"""Life that goes on: the same from a seed and a start, in order, without end, and as untidy as asked for."""

import json
from collections import Counter
from itertools import islice

from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.endless import LATEST, Crowd, arrivals_without_end, events_without_end

START = 1_780_000_000
CROWD = Crowd(START, people=5, minutes=(0.5, 2))


def test_seed_and_start_give_the_same_arrivals_in_order() -> None:
    crowd = Crowd(START, people=5, disorder=Disorder(late=0.1, repeated=0.1, corrected=0.1, malformed=0.1))
    first = list(islice(arrivals_without_end(crowd), 5000))
    assert first == list(islice(arrivals_without_end(crowd), 5000))
    assert [at for at, _, _ in first] == sorted(at for at, _, _ in first)
    assert START <= first[0][0] < START + 5


def test_another_seed_gives_people_with_other_ids() -> None:
    def users(seed: int) -> set[str]:
        events = islice(events_without_end(Crowd(START, people=5, seed=seed)), 100)
        return {text.split(",")[0] for _, source, text in events if source == "registered_users_bz"}

    assert len(users(1)) == len(users(2)) == 5
    assert not users(1) & users(2)


def test_every_workout_stops_and_every_visit_ends() -> None:
    events = list(islice(events_without_end(CROWD), 20_000))
    long_ago = events[-1][0] - 300
    workouts = [(at, json.loads(text)) for at, source, text in events if source == "workout"]
    stopped = {event["session_id"]: at for at, event in workouts if event["action"] == "stop"}
    started = {event["session_id"]: at for at, event in workouts if event["action"] == "start" and at < long_ago}
    assert len(started) > 50
    assert all(25 < stopped[session] - at < 125 for session, at in started.items())
    visits = [(at, text) for at, source, text in events if source == "gym_logins_bz"]
    ended = {text.rsplit(",", 1)[0] for _, text in visits if not text.endswith(",")}
    assert {text[:-1] for at, text in visits if text.endswith(",") and at < long_ago} <= ended


def test_who_trains_has_one_heart_rate_a_second_that_rises_and_recovers() -> None:
    events = list(islice(events_without_end(Crowd(START, people=1, minutes=(2, 2))), 200))
    start, stop = (
        next(json.loads(t)["timestamp"] for _, _, t in events if f'"{what}"' in t) for what in ("start", "stop")
    )
    rates = {(one := json.loads(text))["time"]: one["heartrate"] for _, source, text in events if source == "bpm"}
    assert [second for second in rates if start <= second <= stop] == [start + n for n in range(121)]
    assert rates[start] + 20 < rates[stop - 1] > rates[stop + 9]


def test_who_leaves_is_replaced_so_that_memory_stays_bounded() -> None:
    events = list(islice(events_without_end(Crowd(START, people=20, minutes=(0.05, 0.05))), 60_000))
    kinds = Counter(json.loads(text)["update_type"] for _, source, text in events if source == "user_info")
    registered = sum(source == "registered_users_bz" for _, source, _ in events)
    assert kinds["update"] > kinds["delete"] > 0
    assert registered == kinds["new"] and 0 <= kinds["delete"] - (registered - 20) <= 2


def test_shares_of_late_repeated_and_malformed_records() -> None:
    disorder = Disorder(late=0.1, repeated=0.2, malformed=0.05)
    tidy = list(islice(events_without_end(CROWD), 40_000))
    untidy = list(islice(arrivals_without_end(Crowd(START, 5, (0.5, 2), disorder=disorder)), 40_000))
    due = {(source, text): at for at, source, text in tidy}
    seen = Counter((source, text) for _, source, text in untidy)
    known = [(at, due[source, text]) for at, source, text in untidy if (source, text) in due]
    late = sum(60 <= at - happened <= LATEST for at, happened in known) / len(known)
    repeated = sum(times > 1 for record, times in seen.items() if record in due) / len(seen)
    malformed = sum(times for record, times in seen.items() if record not in due) / len(untidy)
    assert 0.17 < late < 0.27  # one in ten late itself, and most of one in five as a repetition
    assert 0.15 < repeated < 0.25
    assert 0.03 < malformed < 0.07
