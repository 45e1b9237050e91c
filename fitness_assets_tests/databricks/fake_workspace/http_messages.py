"""What goes over the wire: a request, a response, and an error as Databricks words it."""

import json
from dataclasses import dataclass, field
from typing import Any


class ApiError(Exception):
    """A response of 400 and above: `{"error_code", "message", "details"}`.

    Args:
        status: HTTP status.
        error_code: Databricks' own code; the SDK chooses its exception class by it before the status.
        message: What a person reads.
        reason: The `ErrorInfo` reason that the Files API adds, e.g. `FILES_API_DIRECTORY_IS_NOT_EMPTY`.
    """

    def __init__(self, status: int, error_code: str, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.status, self.error_code, self.message, self.reason = status, error_code, message, reason

    @property
    def response(self) -> "Response":
        body: dict[str, Any] = {"error_code": self.error_code, "message": self.message}
        if self.reason:
            body["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": self.reason}]
        return Response(self.status, body)


def invalid(message: str) -> ApiError:
    """The 400 that a wrong argument gets."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def _malformed(reason: str) -> ApiError:
    return ApiError(400, "MALFORMED_REQUEST", f"Invalid JSON given in the body of the request: {reason}")


@dataclass
class Request:
    """One call as it arrived, kept in the workspace's `requests`. `status` is what was answered; None where the
    connection was cut."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes = b""
    status: int | None = None

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; a body which is none is refused as Databricks does."""
        try:
            body = json.loads(self.content or b"{}")
        except ValueError as error:
            raise _malformed(str(error)) from None
        if not isinstance(body, dict):
            raise _malformed("no object")
        return body

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number of the query string."""
        value = self.query.get(name, default)
        if value is None:
            raise invalid(f"Missing required field: {name}")
        try:
            return int(value)
        except ValueError:
            raise invalid(f"Cannot parse '{value}' as a number for {name}") from None


@dataclass
class Response:
    """What goes back: an object as JSON, raw bytes as they are, or nothing."""

    status: int = 200
    body: dict[str, Any] | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
