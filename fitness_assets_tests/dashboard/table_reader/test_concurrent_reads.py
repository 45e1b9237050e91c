"""Reading the tables while a writer is at work: a result is of one instant."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.queries.now.gym_occupancy import get_gym_occupancy
from fitness_assets.dashboard.table_reader.transaction import MAX_CACHED_FILE_ROWS, ReadTransaction
from fitness_assets.lakehouse import TableSnapshots
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, user_ids, utc

USERS = "silver_db.users"
DAY = utc("06-01 00:00:00")


def test_a_query_goes_on_with_the_version_that_it_began_with(builder: TableBuilder) -> None:
    builder.add_user(1)

    def query(transaction: ReadTransaction) -> tuple[list[int], list[int]]:
        first = user_ids(transaction)
        builder.write(USERS, {"user_id": 7}, mode="overwrite")
        return first, user_ids(transaction)

    assert builder.reader.run([USERS], query) == ([1], [1])
    assert builder.reader.run([USERS], user_ids) == [7]


def test_a_query_whose_file_is_vacuumed_meanwhile_is_run_again(builder: TableBuilder) -> None:
    builder.write(USERS, *({"user_id": number} for number in range(MAX_CACHED_FILE_ROWS + 1)))
    runs = []

    def query(transaction: ReadTransaction) -> list[int]:
        runs.append(transaction)
        if len(runs) == 1:
            builder.write(USERS, {"user_id": 7}, mode="overwrite")
            builder.delta_table(USERS).vacuum(0, dry_run=False, enforce_retention_duration=False)
        return user_ids(transaction)

    assert builder.reader.run([USERS], query) == [7]
    assert len(runs) == 2


def test_tables_are_read_as_they_were_at_one_and_the_same_instant(builder: TableBuilder) -> None:
    """The second table gets each row right after the first; no reader may see it ahead, nor far behind."""
    done = Event()
    row_counts: list[tuple[int, ...]] = []

    def read() -> None:
        while not done.is_set():
            snapshots = builder.reader.snapshots([USERS, "silver_db.user_bins"])
            row_counts.append(tuple(snapshot.row_count if snapshot else 0 for snapshot in snapshots.values()))

    thread = Thread(target=read)
    thread.start()
    for number in range(40):
        builder.add_user(number)
        builder.write("silver_db.user_bins", {"user_id": number, "age": "25-35"})
    done.set()
    thread.join()
    assert len(set(row_counts)) > 5
    assert {users - bins for users, bins in row_counts} <= {0, 1}


def test_queries_in_threads_see_whole_versions_while_a_writer_rewrites_compacts_and_vacuums(
    builder: TableBuilder,
) -> None:
    """Each version has N people, each with one visit, all in gym N: whatever else a result says is half a version."""
    visits = "silver_db.gym_logs"

    def write_version(people: int) -> None:
        rows = [
            {"mac_address": f"mac{person}", "gym": people, "login": later(DAY, hours=1)} for person in range(people)
        ]
        builder.write(visits, *rows, mode="overwrite")
        if people % 3 == 0:
            builder.delta_table(visits).optimize.compact()
        if people % 2 == 0:
            builder.delta_table(visits).vacuum(0, dry_run=False, enforce_retention_duration=False)
        if people % 20 == 0:
            shutil.rmtree(builder.path(visits))

    write_version(1)
    done, result_counts = Event(), [0] * 4
    errors: list[str] = []

    def read(reader_number: int) -> None:
        while not done.is_set():
            try:
                result = get_gym_occupancy(builder.reader, later(DAY, hours=2))
                occupancy, version = result.value, result.table_versions[0]
                if version.number is not None and occupancy.gyms:
                    assert [gym.gym for gym in occupancy.gyms[:1]] == [occupancy.people], occupancy
                    assert version.row_count == occupancy.people
                result_counts[reader_number] += 1
            except Exception as error:
                errors.append(repr(error))

    threads = [Thread(target=read, args=(number,)) for number in range(len(result_counts))]
    for thread in threads:
        thread.start()
    people, until = 2, time.monotonic() + float(os.environ.get("FITNESS_TEST_SECONDS", "4"))
    while time.monotonic() < until:
        write_version(people)
        people = people % 60 + 1
    done.set()
    for thread in threads:
        thread.join()
    assert not errors, errors[:3]
    assert min(result_counts) > 0


def test_a_snapshot_and_its_last_change_are_of_one_time_whatever_other_threads_read(
    builder: TableBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.add_user(1)
    snapshots, users = TableSnapshots(builder.settings), get_table(USERS)
    has_read, others_are_done = Event(), Event()
    latest = LocalTransactionLog.latest

    def read_and_be_slow(log: LocalTransactionLog) -> Snapshot | None:
        snapshot = latest(log)
        if not has_read.is_set():
            has_read.set()
            others_are_done.wait(0.5)
        return snapshot

    monkeypatch.setattr(LocalTransactionLog, "latest", read_and_be_slow)
    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(snapshots.latest, users)
        has_read.wait(10)
        builder.add_user(2)
        late = pool.submit(snapshots.latest, users)
        late.add_done_callback(lambda _: others_are_done.set())
        read = [early.result(), late.result()]
    changes = [(one.version.number, one.last_change and one.last_change.version) for one in read if one]
    assert changes == [(0, 0), (1, 1)]
