"""What a remote run reports of its tables, as JSON and back: nothing of an outcome is lost on the way."""

import traceback
from dataclasses import asdict
from typing import Any

from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import FitnessError, RemoteError, error_summary
from fitness_assets.pipeline.maintenance import MaintenanceResult
from fitness_assets.pipeline.result import CheckResult, UpdateResult
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.pipeline.stream import Interval
from fitness_assets.privacy import ErasureReport

Message = dict[str, Any]
Report = TableOutcome | Interval | MaintenanceResult | ErasureReport
"""What a message holds."""


def outcome_message(outcome: TableOutcome) -> Message:
    return {"kind": "outcome", **_outcome_fields(outcome)}


def interval_message(interval: Interval) -> Message:
    outcomes = [_outcome_fields(outcome) for outcome in interval.outcomes]
    return {"kind": "interval", "number": interval.number, "seconds": interval.seconds, "outcomes": outcomes}


def maintained_message(maintained: MaintenanceResult) -> Message:
    return {"kind": "maintained", **asdict(maintained)}


def erased_message(erased: ErasureReport) -> Message:
    return {"kind": "erased", **asdict(erased)}


def parse_message(message: Message) -> Report:
    """The object that was made a message of.

    Raises:
        RemoteError: it is none of ours.
    """
    try:
        kind = message["kind"]
        if kind == "outcome":
            return _parse_outcome(message)
        if kind == "interval":
            outcomes = [_parse_outcome(fields) for fields in message["outcomes"]]
            return Interval(message["number"], message["seconds"], outcomes)
        if kind == "erased":
            fields = {name: value for name, value in message.items() if name != "kind"}
            return ErasureReport(**{**fields, "remains": tuple(fields["remains"]), "found": tuple(fields["found"])})
        if kind == "maintained":
            return MaintenanceResult(**{name: value for name, value in message.items() if name != "kind"})
    except (KeyError, TypeError) as error:
        raise RemoteError(f"The remote run reported something that cannot be read ({error!r}): {message}") from error
    raise RemoteError(
        f"The remote run reported something of an unknown kind: {message}. Its wheel may be another version."
    )


def _outcome_fields(outcome: TableOutcome) -> Message:
    error = outcome.error
    is_foreseen = isinstance(error, FitnessError)
    return {
        "table": outcome.table.full_name,
        "result": asdict(outcome.result) if outcome.result else None,
        "checks": [asdict(check) for check in outcome.checks],
        "error": error_summary(error) if error else None,
        "trace": "".join(traceback.format_exception(error)) if error and not is_foreseen else "",
        "held_back_by": outcome.held_back_by,
    }


def _parse_outcome(fields: Message) -> TableOutcome:
    result, error = fields["result"], fields["error"]
    return TableOutcome(
        table=get_table(fields["table"]),
        result=UpdateResult(**{**result, "warnings": tuple(result["warnings"])}) if result else None,
        checks=[CheckResult(**check) for check in fields["checks"]],
        error=RemoteError(error, fields["trace"]) if error else None,
        held_back_by=fields["held_back_by"],
    )
