"""How far a ledger is, without a look at the lines that it has."""

import json
from dataclasses import dataclass

from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.ledger_part import Part
from fitness_assets.storage import Storage


@dataclass(frozen=True)
class RowversionBound:
    """How far a table is read.

    Attributes:
        below: the rowversion below which everything was read.
        counter: which counter it belongs to; that of a restored database or of a table put in the place of
            another starts elsewhere.
    """

    below: bytes
    counter: str


@dataclass(frozen=True)
class LedgerState:
    """How far a table was extracted.

    Attributes:
        landed_through: the number of the last file that is landed.
        bound: how far the source was read; None where only all of it can be compared.
    """

    landed_through: int = 0
    bound: RowversionBound | None = None

    def encoded(self) -> bytes:
        bound = self.bound and {"below": self.bound.below.hex(), "counter": self.bound.counter}
        return json.dumps({"landed_through": self.landed_through, "rowversion_bound": bound}).encode()


def read_ledger_state(storage: Storage, prefix: str) -> LedgerState:
    """The state as it was noted last.

    Raises:
        SqlSourceError: it is there but cannot be read.
    """
    content = storage.get(state_name(prefix))
    if content is None:
        return LedgerState()
    try:
        state = json.loads(content)
        noted = state["rowversion_bound"]
        bound = RowversionBound(bytes.fromhex(noted["below"]), str(noted["counter"])) if noted else None
        return LedgerState(int(state["landed_through"]), bound)
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(storage, state_name(prefix), error) from error


def listed_parts(storage: Storage, prefix: str) -> list[Part]:
    """The parts that lie there, those that were merged into another among them."""
    names = (info.name.rpartition("/")[2] for info in storage.list_objects(parts_folder(prefix)))
    return [part for name in names if (part := Part.parse(name))]


def state_name(prefix: str) -> str:
    return f"{prefix}/state.json"


def parts_folder(prefix: str) -> str:
    return f"{prefix}/parts"


def unreadable(storage: Storage, name: str, error: Exception) -> SqlSourceError:
    """What to tell where an object of a ledger cannot be read."""
    reason = (str(error).splitlines() or [""])[0].rstrip(".")
    return SqlSourceError(
        f"The ledger's {storage.address(name)} cannot be read: {reason}. Put it back, or move it away: "
        f"then its rows are extracted again, which doubles no row above bronze."
    )
