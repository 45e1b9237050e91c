"""Which function makes which table: `@parses` and `@merge_rule` for upserted tables, `@transform` for others."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from pyspark.sql import Column, DataFrame

import fitness_assets.transforms as package
from fitness_assets.contracts.model import Table
from fitness_assets.errors import ContractError
from fitness_assets.transforms.winner import Winner

Parser = Callable[[DataFrame], DataFrame]
MergeRule = Callable[[], Winner | Column]
Transform = Callable[..., DataFrame]

T = TypeVar("T")

_parsers: dict[str, Parser] = {}
_merge_rules: dict[str, MergeRule] = {}
_transforms: dict[str, Transform] = {}


def parses(table: str) -> Callable[[Parser], Parser]:
    """Mark the function that turns bronze rows into the table's rows, one for each accepted record."""

    def register(function: Parser) -> Parser:
        _parsers[table] = function
        return function

    return register


def merge_rule(table: str) -> Callable[[MergeRule], MergeRule]:
    """Mark the function that says which values win among all rows of one key.

    It returns the `Winner`, or where no row wins as a whole an aggregate that yields a struct of the columns outside
    the key. That one must be associative, commutative and idempotent: rows that won before are merged with new ones.
    """

    def register(function: MergeRule) -> MergeRule:
        _merge_rules[table] = function
        return function

    return register


def transform(table: str) -> Callable[[Transform], Transform]:
    """Mark the function that computes a table from its sources, passed by their short names, and `as_of`.

    Given only the source rows that agree in their change key, it must give exactly the table's rows that agree there.
    """

    def register(function: Transform) -> Transform:
        _transforms[table] = function
        return function

    return register


def parser_of(table: Table) -> Parser:
    return _registered(_parsers, table, "parses")


def merge_rule_of(table: Table) -> MergeRule:
    return _registered(_merge_rules, table, "merge_rule")


def merged_values(table: Table) -> Column:
    """The aggregate over the rows of one key that yields the values that win, as a struct."""
    rule = merge_rule_of(table)()
    return rule.aggregate() if isinstance(rule, Winner) else rule


def transform_of(table: Table) -> Transform:
    return _registered(_transforms, table, "transform")


def _registered(functions: dict[str, T], table: Table, decorator: str) -> T:
    _load()
    try:
        return functions[table.full_name]
    except KeyError:
        raise ContractError(
            f"{table.full_name} has a contract but no transform: mark one in fitness_assets/transforms/ "
            f'with @{decorator}("{table.full_name}").'
        ) from None


@cache
def _load() -> None:
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
