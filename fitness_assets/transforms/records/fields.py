"""The typed values of a record's fields, and the first reason why a rule refuses it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from fitness_assets.contracts.feeds import Field, order_reason
from fitness_assets.transforms.records.values import text_of


class Verdict(NamedTuple):
    """What became of a record.

    Attributes:
        reason: why it is refused; None where it is accepted.
        values: the typed values of the fields that have one.
        unknown: the fields that the contract does not know, as texts.
    """

    reason: str | None
    values: Mapping[str, Any]
    unknown: Mapping[str, str]


def judge_fields(
    fields: Iterable[Field], given: Mapping[str, Any], convert: Callable[[Any, str], Any]
) -> tuple[str | None, dict[str, Any]]:
    """The first reason in the order of the fields, and the typed values.

    Args:
        given: the values as they came; an absent one is missing or None.
        convert: gives a value of a field's type, or None.
    """
    reason: str | None = None
    values: dict[str, Any] = {}
    for field in fields:
        came = given.get(field.name)
        if came is None:
            if field.required and reason is None:
                reason = f"missing_{field.name}"
            continue
        value = convert(came, field.type)
        if value is None:
            if reason is None and not field.nullable_on_error:
                reason = f"bad_{field.name}"
            continue
        if reason is None and field.accepted_values and value not in field.accepted_values:
            reason = f"unknown_{field.name}"
        values[field.name] = value
    return reason or _order_fault(fields, values), values


def unknown_fields(given: Mapping[str, Any], known: frozenset[str], prefix: str = "") -> dict[str, str]:
    """Those of the values that came whose names the contract does not know, as texts."""
    return {f"{prefix}{name}": text_of(value) or "" for name, value in given.items() if name not in known}


def _order_fault(fields: Iterable[Field], values: Mapping[str, Any]) -> str | None:
    for field in fields:
        if field.not_before:
            value, earliest = values.get(field.name), values.get(field.not_before)
            if value is not None and earliest is not None and value < earliest:
                return order_reason(field)
    return None
