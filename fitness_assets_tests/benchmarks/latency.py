"""From sent to visible in gold: a foreign client sends whole workouts to a live stack and looks for them in gold.

    .venv/bin/fitness-assets live --produce '--people 1000'          # in another terminal; --stream 1 for stream mode
    .venv/bin/python -m fitness_assets_tests.benchmarks.latency --rounds 20

Half of the workouts come by Kafka; the other half as a file dropped into the landing zone.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from confluent_kafka import Producer
from deltalake import DeltaTable

from fitness_assets.settings import Settings
from fitness_assets_tests.records import REGISTERED, action, reading

BEGAN = 1_700_000_000
GOLD = "gold_db/workout_bpm_summary"


def records(user: int, session: int) -> list[str]:
    start = BEGAN + session * 1000
    beats = [reading(user * 10, start + second, 100.0 + second) for second in (1, 2, 3)]
    return [action(user, session, start, "start"), *beats, action(user, session, start + 60, "stop")]


def by_kafka(producer: Producer, lines: list[str]) -> None:
    for line in lines:
        record = json.loads(line)
        producer.produce(record["topic"], record["value"], key=record["key"])
    producer.flush(20)


def by_file(landing: Path, name: str, lines: list[str]) -> None:
    folder = landing / "kafka_multiplex_bz"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"_{name}.tmp"
    unfinished.write_text("".join(f"{line}\n" for line in lines))
    unfinished.rename(folder / name)


def seen_after(gold: Path, user: int, session: int, patience: float) -> float:
    began = time.monotonic()
    while time.monotonic() - began < patience:
        if (gold / "_delta_log").exists():
            found = DeltaTable(str(gold)).to_pyarrow_table(
                columns=["session_id", "num_recordings"], filters=[("user_id", "=", user), ("session_id", "=", session)]
            )
            if found.num_rows and found["num_recordings"][0].as_py() == 3:
                return time.monotonic() - began
        time.sleep(0.1)
    raise SystemExit(f"Session {session} was not in gold after {patience:.0f} s.")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kafka", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--patience", type=float, default=120)
    chosen = parser.parse_args()
    settings = Settings.from_env()
    producer = Producer({"bootstrap.servers": chosen.kafka})
    user = int(time.time()) % 1_000_000 + 50_000_000
    registered = settings.landing_zone / "registered_users_bz" / f"latency_{user}.csv"
    registered.parent.mkdir(parents=True, exist_ok=True)
    registered.write_text(f"{REGISTERED}\n{user},{user * 10},probe:{user},{BEGAN}\n")
    took: dict[str, list[float]] = {"kafka": [], "file": []}
    for number in range(chosen.rounds):
        way, lines = ("file" if number % 2 else "kafka"), records(user, number + 1)
        if way == "kafka":
            by_kafka(producer, lines)
        else:
            by_file(settings.landing_zone, f"latency_{user}_{number}.json", lines)
        took[way].append(seen_after(settings.data_zone / GOLD, user, number + 1, chosen.patience))
        print(f"{way:<6} {took[way][-1]:6.1f} s", flush=True)
        time.sleep(number % 5 * 0.7)
    for way, seconds in took.items():
        if seconds:
            print(f"{way:<6} median {statistics.median(seconds):.1f} s, greatest {max(seconds):.1f} s")


if __name__ == "__main__":
    main()
