"""The event in the value of a Kafka record: what its fields are, and why it is refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from fitness_assets.contracts.audit_columns import event_column_name
from fitness_assets.contracts.feeds import MALFORMED, OTHER_TOPICS, TOPICS, UNKNOWN_TOPIC, Field
from fitness_assets.transforms.records.fields import Verdict, judge_fields, unknown_fields
from fitness_assets.transforms.records.json_text import json_object
from fitness_assets.transforms.records.values import from_json, micros


@dataclass(frozen=True)
class _Topic:
    """What the contract says of the events of a topic, as the judge needs it."""

    fields: tuple[Field, ...]
    known: frozenset[str]
    parents: tuple[str, ...]
    known_of_parent: dict[str, frozenset[str]]
    columns: dict[str, str]
    times: frozenset[str]


def _topic(fields: Iterable[Field]) -> _Topic:
    fields = tuple(fields)
    parents = tuple(dict.fromkeys(field.parent for field in fields if field.parent))
    return _Topic(
        fields=fields,
        known=frozenset(field.name for field in fields if not field.parent) | frozenset(parents),
        parents=parents,
        known_of_parent={name: frozenset(field.name for field in fields if field.parent == name) for name in parents},
        columns={field.name: event_column_name(field) for field in fields},
        times=frozenset(field.name for field in fields if field.type == "epoch"),
    )


_TOPICS = {name: _topic(fields) for name, fields in TOPICS.items()}


def judge_event(topic: str | None, value: str | None) -> Verdict:
    """The event as values of the `event_…` columns; a refused one has none of them.

    Args:
        value: the text of the record's value.
    """
    if topic is None:
        return Verdict("missing_topic", {}, {})
    contract = _TOPICS.get(topic)
    if contract is None:
        return Verdict(UNKNOWN_TOPIC, {}, {})
    if value is None:
        return Verdict("missing_value", {}, {})
    event = json_object(value)
    if event is None:
        return Verdict(MALFORMED, {}, {})
    unknown = {} if contract.known.issuperset(event) else unknown_fields(event, contract.known)
    given = event
    if contract.parents:
        given = {name: event.get(name) for name in contract.known}
    for parent in contract.parents:
        inner = event.get(parent)
        if isinstance(inner, dict):
            known = contract.known_of_parent[parent]
            given |= {name: inner.get(name) for name in known}
            unknown |= unknown_fields(inner, known, f"{parent}.")
    reason, values = judge_fields(contract.fields, given, from_json)
    if reason:
        return Verdict(reason, {}, unknown)
    columns = {
        contract.columns[name]: micros(value) if name in contract.times else value for name, value in values.items()
    }
    return Verdict(None, columns, unknown)


def topic_group(topic: str | None) -> str:
    """The topic where it is a known one; all others go together."""
    return topic if topic in TOPICS else OTHER_TOPICS
