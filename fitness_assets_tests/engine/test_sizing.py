"""An engine takes a part of the machine, and cuts exchanges for its cores."""

import os

import pytest

from fitness_assets.engine.sizing import default_memory, shuffle_partitions

GIB = 2**30


@pytest.mark.parametrize(
    ("machine", "heap"), [(2, "1024m"), (8, "2048m"), (24, "3072m"), (64, "8192m"), (512, "16384m")]
)
def test_the_heap_follows_the_memory(monkeypatch: pytest.MonkeyPatch, machine: int, heap: str) -> None:
    sizes = {"SC_PHYS_PAGES": machine * GIB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert default_memory() == heap


def test_the_partitions_follow_the_cores_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(12)))
    assert shuffle_partitions(is_cluster=False) == 12
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert shuffle_partitions(is_cluster=False) == 2
