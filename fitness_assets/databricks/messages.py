"""What a remote run tells of its tables, as JSON and back: nothing of an outcome is lost on the way."""

import traceback
from dataclasses import asdict
from typing import Any

from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import FitnessError, RemoteError, error_summary
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.quality.checks import CheckResult
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval

Message = dict[str, Any]


def outcome_message(outcome: TableOutcome) -> Message:
    return {"kind": "outcome", **_outcome(outcome)}


def interval_message(interval: Interval) -> Message:
    outcomes = [_outcome(one) for one in interval.outcomes]
    return {"kind": "interval", "number": interval.number, "seconds": interval.seconds, "outcomes": outcomes}


def maintained_message(done: MaintenanceResult) -> Message:
    return {"kind": "maintained", **asdict(done)}


def read(message: Message) -> TableOutcome | Interval | MaintenanceResult:
    """The object that a message tells of.

    Raises:
        RemoteError: it is none of ours.
    """
    try:
        kind = message["kind"]
        if kind == "outcome":
            return _read_outcome(message)
        if kind == "interval":
            outcomes = [_read_outcome(one) for one in message["outcomes"]]
            return Interval(message["number"], message["seconds"], outcomes)
        if kind == "maintained":
            return MaintenanceResult(**{name: value for name, value in message.items() if name != "kind"})
    except (KeyError, TypeError) as error:
        raise RemoteError(f"The remote run told something that cannot be read ({error!r}): {message}") from error
    raise RemoteError(f"The remote run told something of an unknown kind: {message}. Its wheel may be another version.")


def _outcome(outcome: TableOutcome) -> Message:
    error = outcome.error
    foreseen = isinstance(error, FitnessError)
    return {
        "table": outcome.table.full_name,
        "result": asdict(outcome.result) if outcome.result else None,
        "checks": [asdict(check) for check in outcome.checks],
        "error": error_summary(error) if error else None,
        "trace": "".join(traceback.format_exception(error)) if error and not foreseen else "",
        "held_back_by": outcome.held_back_by,
    }


def _read_outcome(message: Message) -> TableOutcome:
    result, error = message["result"], message["error"]
    return TableOutcome(
        table=get_table(message["table"]),
        result=UpdateResult(**{**result, "told": tuple(result["told"])}) if result else None,
        checks=[CheckResult(**check) for check in message["checks"]],
        error=RemoteError(error, message["trace"]) if error else None,
        held_back_by=message["held_back_by"],
    )
