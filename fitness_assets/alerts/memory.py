"""What is remembered from one look to the next, as one object that lasts: incidents, trends, receivers that failed."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from fitness_assets.alerts.incidents import Incident
from fitness_assets.alerts.trends import Trends
from fitness_assets.storage import Storage

_NAME = "memory.json"


@dataclass(frozen=True)
class Failures:
    """A receiver that could not be told: how often in a row, when last (UTC), and why."""

    count: int
    at: datetime
    problem: str


@dataclass(frozen=True)
class Memory:
    """Everything that is remembered."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    trends: Trends = field(default_factory=Trends)
    failures: dict[str, Failures] = field(default_factory=dict)


_FORM = TypeAdapter(Memory)


def read_memory(storage: Storage) -> Memory:
    """What is remembered; nothing where it was lost or is torn: what goes on is then told once more."""
    content = storage.get(_NAME)
    try:
        return _FORM.validate_json(content) if content else Memory()
    except ValidationError:
        return Memory()


def write_memory(storage: Storage, memory: Memory) -> None:
    storage.put(_NAME, _FORM.dump_json(memory, indent=2))
