"""Whether a request has the shape that the API describes.

The SDK is generated from the published description, so its classes say which fields there are and of which type.
"""

import dataclasses
import enum
import functools
import typing
from typing import Any

from databricks.sdk.service import jobs

from fitness_assets_tests.databricks.workspace.messages import ApiError, invalid

PLAIN = {str: "STRING", int: "NUMBER", float: "NUMBER", bool: "BOOLEAN"}


def submission(body: dict[str, Any]) -> dict[str, Any]:
    """The body of `runs/submit` without its nulls.

    Raises:
        ApiError: A field which there is not, a required one that is missing, or another type.
    """
    fields = {name: hint for name, hint in _hints(jobs.JobsAPI.submit).items() if name != "return"}
    return _object(body, fields, [], "")


@functools.cache
def _hints(of: Any) -> dict[str, Any]:
    return typing.get_type_hints(of)


def _object(given: Any, fields: dict[str, Any], required: list[str], where: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _other("OBJECT", where)
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise invalid(f"Unknown field in {where or 'the request'}: {', '.join(unknown)}.")
    present = {name: value for name, value in given.items() if value is not None}
    for name in required:
        if present.get(name) in (None, ""):
            raise invalid(f"Missing required field: {where}.{name}")
    return {name: _value(value, fields[name], f"{where}.{name}".lstrip(".")) for name, value in present.items()}


def _value(given: Any, hint: Any, where: str) -> Any:
    if typing.get_origin(hint) is typing.Union:
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        if not isinstance(given, list):
            raise _other("ARRAY", where)
        return [_value(value, arguments[0], f"{where}[{index}]") for index, value in enumerate(given)]
    if origin is dict:
        if not isinstance(given, dict):
            raise _other("OBJECT", where)
        return {name: _value(value, arguments[1], f"{where}.{name}") for name, value in given.items()}
    if dataclasses.is_dataclass(hint):
        missing = dataclasses.MISSING
        required = [field.name for field in dataclasses.fields(hint) if field.default is missing]
        return _object(given, _hints(hint), required, where)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        if given not in [member.value for member in hint]:
            raise invalid(f"{where} must be one of: {', '.join(member.value for member in hint)}.")
    elif hint in PLAIN and (not isinstance(given, hint) or (isinstance(given, bool) and hint is not bool)):
        raise _other(PLAIN[hint], where)
    return given


def _other(kind: str, where: str) -> ApiError:
    return ApiError(400, "MALFORMED_REQUEST", f"Could not parse request object: Expected {kind} for {where}.")
