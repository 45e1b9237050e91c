"""Numbers that must not depend on the order in which they are added up."""

_UNITS = 2**36
_LARGEST = 2**20


def exact_mean(value: str) -> str:
    """The mean of positive numbers, the same to the last bit in whatever order they are read.

    Doubles give another sum in another order. Each value is counted in whole units of 2**-36
    (1.5e-11) instead; where one is 2**20 or more, or the sum too large, it is the plain mean.
    """
    units = f"cast(try_sum(try_cast(rint({value} * {_UNITS}D) AS BIGINT)) AS DOUBLE)"
    counted = f"CASE WHEN max({value}) < {_LARGEST} THEN {units} / {_UNITS}D / count({value}) END"
    return f"coalesce({counted}, avg({value}))"
