"""Which function makes which table: `@accepts` and `@combines` for folded tables, `@derives` for derived ones."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from pyspark.sql import Column, DataFrame

import fitness_assets.transforms as package
from fitness_assets.contracts.model import Table
from fitness_assets.errors import ContractError

Accept = Callable[[DataFrame], DataFrame]
Combine = Callable[[], Column]
Derive = Callable[..., DataFrame]

T = TypeVar("T")

_accepts: dict[str, Accept] = {}
_combines: dict[str, Combine] = {}
_derives: dict[str, Derive] = {}


def parses(table: str) -> Callable[[Accept], Accept]:
    """Mark the function that turns bronze rows into the table's rows, one for each accepted record."""

    def mark(function: Accept) -> Accept:
        _accepts[table] = function
        return function

    return mark


def merge_rule(table: str) -> Callable[[Combine], Combine]:
    """Mark the function that says which values win among all rows of one key.

    It returns an aggregate that yields a struct of the columns outside the key. It must be
    associative, commutative and idempotent: rows that won before are combined with new ones.
    """

    def mark(function: Combine) -> Combine:
        _combines[table] = function
        return function

    return mark


def transform(table: str) -> Callable[[Derive], Derive]:
    """Mark the function that computes a table from its sources, passed by their short names, and `as_of`.

    Given only the source rows that agree in the `on` columns, it must give exactly the table's
    rows that agree there.
    """

    def mark(function: Derive) -> Derive:
        _derives[table] = function
        return function

    return mark


def parser_of(table: Table) -> Accept:
    return _found(_accepts, table, "accepts")


def merge_rule_of(table: Table) -> Combine:
    return _found(_combines, table, "combines")


def transform_of(table: Table) -> Derive:
    return _found(_derives, table, "derives")


def _found(functions: dict[str, T], table: Table, mark: str) -> T:
    _load()
    try:
        return functions[table.full_name]
    except KeyError:
        raise ContractError(
            f"{table.full_name} has a contract but no transform: mark one in fitness_assets/transforms/ "
            f'with @{mark}("{table.full_name}").'
        ) from None


@cache
def _load() -> None:
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
