"""Several sensors, one run request within some seconds."""

from concurrent.futures import ThreadPoolExecutor

from fitness_assets.resources.debouncer import RunRequestDebouncer


def test_the_first_is_admitted_and_nobody_else_for_some_seconds() -> None:
    now = [0.0]
    debouncer = RunRequestDebouncer(lambda: now[0])
    assert [debouncer.admits(), debouncer.admits()] == [True, False]
    now[0] = 4.9
    assert not debouncer.admits()
    now[0] = 5.1
    assert [debouncer.admits(), debouncer.admits()] == [True, False]


def test_of_many_at_once_one_is_admitted() -> None:
    debouncer = RunRequestDebouncer()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: debouncer.admits(), range(200))) == 1
