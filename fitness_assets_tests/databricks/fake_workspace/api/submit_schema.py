"""Whether a request has the shape that the API describes.

The SDK is generated from the published description, so its classes say which fields there are and of which type.
"""

import dataclasses
import enum
import functools
import typing
from typing import Any

from databricks.sdk.service import jobs

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, invalid

NEWER_FIELDS = {jobs.SubmitTask: {"disable_auto_optimization": bool}}
"""What the API takes and the SDK beside Dagster has no field for."""
PLAIN_TYPES = {str: "STRING", int: "NUMBER", float: "NUMBER", bool: "BOOLEAN"}


def parse_submission(body: dict[str, Any]) -> dict[str, Any]:
    """The body of `runs/submit` without its nulls.

    Raises:
        ApiError: A field which there is not, a required one that is missing, or another type.
    """
    fields = {name: hint for name, hint in _hints(jobs.JobsAPI.submit).items() if name != "return"}
    return _parse_object(body, fields, [], "")


@functools.cache
def _hints(annotated: Any) -> dict[str, Any]:
    return typing.get_type_hints(annotated)


def _parse_object(value: Any, fields: dict[str, Any], required: list[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type("OBJECT", where)
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise invalid(f"Unknown field in {where or 'the request'}: {', '.join(unknown)}.")
    present = {name: part for name, part in value.items() if part is not None}
    for name in required:
        if present.get(name) in (None, ""):
            raise invalid(f"Missing required field: {where}.{name}")
    return {name: _parse_value(part, fields[name], f"{where}.{name}".lstrip(".")) for name, part in present.items()}


def _parse_value(value: Any, hint: Any, where: str) -> Any:
    if typing.get_origin(hint) is typing.Union:
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        if not isinstance(value, list):
            raise _wrong_type("ARRAY", where)
        return [_parse_value(part, arguments[0], f"{where}[{index}]") for index, part in enumerate(value)]
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong_type("OBJECT", where)
        return {name: _parse_value(part, arguments[1], f"{where}.{name}") for name, part in value.items()}
    if dataclasses.is_dataclass(hint):
        missing = dataclasses.MISSING
        required = [field.name for field in dataclasses.fields(hint) if field.default is missing]
        return _parse_object(value, _hints(hint) | NEWER_FIELDS.get(hint, {}), required, where)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        if value not in [member.value for member in hint]:
            raise invalid(f"{where} must be one of: {', '.join(member.value for member in hint)}.")
    elif hint in PLAIN_TYPES and (not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)):
        raise _wrong_type(PLAIN_TYPES[hint], where)
    return value


def _wrong_type(expected: str, where: str) -> ApiError:
    return ApiError(400, "MALFORMED_REQUEST", f"Could not parse request object: Expected {expected} for {where}.")
