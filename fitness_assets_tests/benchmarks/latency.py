"""From sent to visible in gold: a foreign client sends whole workouts to a live stack and looks for them in gold.

    .venv/bin/python -m fitness_assets_tests.benchmarks.latency --rounds 16

It starts a stack with 1,000 readings a second: `--mode stream`, or `--mode sensors`. Half of the workouts come by
Kafka; the other half as a file dropped into the landing zone.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Producer
from deltalake import DeltaTable

from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets.settings import Settings
from fitness_assets_tests.benchmarks.machine_load import Cost
from fitness_assets_tests.records import REGISTERED, action, reading

BEGAN = 1_700_000_000
GOLD = "gold_db/workout_bpm_summary"
_PRODUCE = "--people 1000 --minutes 15-40"
_PATIENCE = 300.0
_WARMING = 4
"""So many rounds are not measured: an engine that was just started needs its code compiled."""


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


def measure(work: Path, mode: str, rounds: int) -> dict[str, list[Cost]]:
    """The seconds from sent to seen, by the way it was sent."""
    settings, kafka_port = Settings(base_dir=work / mode), free_port()
    with _stack(settings, mode, kafka_port):
        return _rounds(settings, Broker(settings.base_dir / "live" / "broker", kafka_port, asks_for_login=True), rounds)


@contextmanager
def _stack(settings: Settings, mode: str, kafka_port: int) -> Iterator[None]:
    """A live stack with 1,000 people in its gyms."""
    ports = ["--port", str(free_port()), "--kafka-port", str(kafka_port), "--dashboard-port", str(free_port())]
    command = [sys.executable, "-m", "fitness_assets.cli.main", "live", *ports, "--produce", _PRODUCE]
    shutil.rmtree(settings.base_dir, ignore_errors=True)
    settings.base_dir.mkdir(parents=True)
    with (settings.base_dir / "stack.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(["--stream", "0.5"] if mode == "stream" else [])],
            env={**os.environ, "FITNESS_BASE_DIR": str(settings.base_dir)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while not is_listening(kafka_port):
                if process.poll() is not None:
                    raise SystemExit(f"The stack ended with {process.returncode}: {log.name}")
                time.sleep(1)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def _rounds(settings: Settings, broker: Broker, rounds: int) -> dict[str, list[Cost]]:
    producer = Producer(broker.for_librdkafka)
    user = int(time.time()) % 1_000_000 + 50_000_000
    registered = settings.landing_zone / "registered_users_bz" / f"latency_{user}.csv"
    registered.parent.mkdir(parents=True, exist_ok=True)
    registered.write_text(f"{REGISTERED}\n{user},{user * 10},probe:{user},{BEGAN}\n")
    took: dict[str, list[Cost]] = {"by Kafka": [], "as a file": []}
    for number in range(_WARMING + rounds):
        way, lines = ("as a file" if number % 2 else "by Kafka"), records(user, number + 1)
        if way == "by Kafka":
            by_kafka(producer, lines)
        else:
            by_file(settings.landing_zone, f"latency_{user}_{number}.json", lines)
        seconds = seen_after(settings.data_zone / GOLD, user, number + 1, _PATIENCE)
        if number >= _WARMING:
            took[way].append(Cost(seconds))
            print(f"{way:<10} {seconds:6.1f} s", flush=True)
        time.sleep(number % 5 * 0.7)
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["stream", "sensors"], default="stream")
    parser.add_argument("--rounds", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fitness_bench_") as work:
        for way, costs in measure(Path(work), chosen.mode, chosen.rounds).items():
            seconds = [cost.wall for cost in costs]
            print(f"{way:<10} median {statistics.median(seconds):.1f} s, greatest {max(seconds):.1f} s")


if __name__ == "__main__":
    main()
