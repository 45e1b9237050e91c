"""How much of a machine an engine takes, and into how many parts it cuts an exchange."""

import os

_GIB = 2**30
_SHARE_OF_MEMORY = 8
_LEAST_GIB, _MOST_GIB = 2, 16
_LEAST_PARTITIONS, _ON_A_CLUSTER = 2, 32


def default_memory() -> str:
    """The heap of an engine, as Java writes it: an eighth of the machine, from 2 to 16 GiB, never more than half."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    gib = min(max(round(pages / _GIB / _SHARE_OF_MEMORY), _LEAST_GIB), _MOST_GIB)
    return f"{min(gib * 1024, pages // 2 // 2**20)}m"


def shuffle_partitions(is_cluster: bool) -> int:
    """Into how many parts rows are exchanged before Spark puts small ones together again.

    Args:
        is_cluster: whether the work is done on other machines, whose cores are not known here.
    """
    return _ON_A_CLUSTER if is_cluster else max(len(os.sched_getaffinity(0)), _LEAST_PARTITIONS)
