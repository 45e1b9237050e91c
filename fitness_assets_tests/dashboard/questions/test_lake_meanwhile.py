"""Reading the tables while a writer is at work: an answer is of one instant."""

import os
import shutil
import time
from threading import Event, Thread

from fitness_assets.dashboard.lake import SMALL_FILE, View
from fitness_assets.dashboard.questions import now
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at, user_ids

USERS = "silver_db.users"
DAY = at("06-01 00:00:00")


def test_a_question_goes_on_with_the_version_that_it_began_with(zone: Zone) -> None:
    zone.user(1)

    def question(view: View) -> tuple[list[int], list[int]]:
        first = user_ids(view)
        zone.put(USERS, {"user_id": 7}, mode="overwrite")
        return first, user_ids(view)

    assert zone.lake.ask([USERS], question) == ([1], [1])
    assert zone.lake.ask([USERS], user_ids) == [7]


def test_a_question_whose_file_is_vacuumed_meanwhile_is_asked_again(zone: Zone) -> None:
    zone.put(USERS, *({"user_id": number} for number in range(SMALL_FILE + 1)))
    asked = []

    def question(view: View) -> list[int]:
        asked.append(1)
        if len(asked) == 1:
            zone.put(USERS, {"user_id": 7}, mode="overwrite")
            zone.delta(USERS).vacuum(0, dry_run=False, enforce_retention_duration=False)
        return user_ids(view)

    assert zone.lake.ask([USERS], question) == [7]
    assert len(asked) == 2


def test_tables_are_read_as_they_were_at_one_and_the_same_instant(zone: Zone) -> None:
    """The second table gets each row right after the first; no reader may see it ahead, nor far behind."""
    done = Event()
    seen: list[tuple[int, ...]] = []

    def ask() -> None:
        while not done.is_set():
            found = zone.lake.snapshots([USERS, "silver_db.user_bins"])
            seen.append(tuple(snapshot.row_count if snapshot else 0 for snapshot in found.values()))

    thread = Thread(target=ask)
    thread.start()
    for number in range(40):
        zone.user(number)
        zone.put("silver_db.user_bins", {"user_id": number, "age": "25-35"})
    done.set()
    thread.join()
    assert len(set(seen)) > 5
    assert {first - second for first, second in seen} <= {0, 1}


def test_questions_in_threads_see_whole_states_while_a_writer_rewrites_compacts_and_vacuums(zone: Zone) -> None:
    """Each state has N people, each with one visit, all in gym N: whatever else an answer says is half a state."""

    def state(number: int) -> None:
        rows = [{"mac_address": f"mac{one}", "gym": number, "login": after(DAY, hours=1)} for one in range(number)]
        zone.put("silver_db.gym_logs", *rows, mode="overwrite")
        if number % 3 == 0:
            zone.delta("silver_db.gym_logs").optimize.compact()
        if number % 2 == 0:
            zone.delta("silver_db.gym_logs").vacuum(0, dry_run=False, enforce_retention_duration=False)
        if number % 20 == 0:
            shutil.rmtree(zone.path("silver_db.gym_logs"))

    state(1)
    done, answers = Event(), [0] * 4
    wrong: list[str] = []

    def ask(slot: int) -> None:
        while not done.is_set():
            try:
                answer = now.in_the_gyms(zone.lake, after(DAY, hours=2))
                found = answer.value
                if answer.read[0].version is not None and found.gyms:
                    assert [found.gyms[0].gym] == [found.people], found
                    assert answer.read[0].rows == found.people
                answers[slot] += 1
            except Exception as error:
                wrong.append(repr(error))

    threads = [Thread(target=ask, args=(slot,)) for slot in range(len(answers))]
    for thread in threads:
        thread.start()
    number, until = 2, time.monotonic() + float(os.environ.get("FITNESS_TEST_SECONDS", "4"))
    while time.monotonic() < until:
        state(number)
        number = number % 60 + 1
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    assert min(answers) > 0
