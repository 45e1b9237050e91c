"""Faults on the wire: scripted ones, in the order a test lists them, and a seeded storm of them."""

import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, replace

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response

MESSAGES = {
    403: ("PERMISSION_DENIED", "User does not have WRITE VOLUME on Volume."),
    429: ("REQUEST_LIMIT_EXCEEDED", "Too many requests. Current request has to be retried."),
    500: ("INTERNAL_ERROR", "There was an unexpected internal error."),
    503: ("TEMPORARILY_UNAVAILABLE", "The service is temporarily unavailable."),
    504: ("DEADLINE_EXCEEDED", "The request timed out."),
}


@dataclass
class Fault:
    """One way in which a call goes wrong.

    Attributes:
        status: What is answered instead; None with `cut` false leaves the answer alone (a merely slow call).
        cut: The connection is reset and nothing is answered.
        after_effect: The call does its work first, and only its answer is lost.
        retry_after: Seconds for the `Retry-After` header.
        seconds: How long the call is held up.
    """

    status: int | None = None
    cut: bool = False
    after_effect: bool = False
    retry_after: int | None = None
    seconds: float = 0.0

    @property
    def response(self) -> Response | None:
        if self.status is None:
            return None
        code, message = MESSAGES.get(self.status, ("UNKNOWN", f"The request failed with status {self.status}."))
        response = ApiError(self.status, code, message).response
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        return response


STORM = (
    Fault(status=429, retry_after=0),
    Fault(status=500),
    Fault(status=500, after_effect=True),
    Fault(status=503, retry_after=0),
    Fault(status=503, retry_after=0, after_effect=True),
    Fault(cut=True),
    Fault(cut=True, after_effect=True),
    Fault(seconds=0.2),
)


class Faults:
    """Which call goes wrong, and how. A scripted fault comes before the storm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scripted: list[tuple[str, re.Pattern[str], Fault, int]] = []
        self._storm: tuple[float, int, re.Pattern[str]] | None = None
        self._calls: Counter[tuple[str, str]] = Counter()

    def script(self, method: str, path: str, fault: Fault, times: int) -> None:
        with self._lock:
            self._scripted.append((method, _path_pattern(path), fault, times))

    def storm(self, rate: float, seed: int, path: str) -> None:
        with self._lock:
            self._storm = (rate, seed, _path_pattern(path)) if rate else None

    def clear(self) -> None:
        """End all of them: the workspace is well again."""
        with self._lock:
            self._scripted.clear()
            self._storm = None

    def take(self, request: Request) -> Fault | None:
        """The fault this call meets, used up by it."""
        with self._lock:
            for index, (method, pattern, fault, times) in enumerate(self._scripted):
                if method == request.method and pattern.search(request.path):
                    self._scripted[index] = (method, pattern, fault, times - 1)
                    if times <= 1:
                        del self._scripted[index]
                    return replace(fault)
            return self._draw(request)

    def _draw(self, request: Request) -> Fault | None:
        if self._storm is None or not self._storm[2].search(request.path):
            return None
        rate, seed, _ = self._storm
        self._calls[request.method, request.path] += 1
        # Drawn by the call and its number, so that threads which overtake each other change nothing.
        call = f"{request.method} {request.path} {self._calls[request.method, request.path]}"
        generator = random.Random(f"{seed} {call}")
        return replace(generator.choice(STORM)) if generator.random() < rate else None


def _path_pattern(path: str) -> re.Pattern[str]:
    """Whole segments only: `/jobs/runs/get` is not `/jobs/runs/get-output`."""
    return re.compile(re.escape(path.rstrip("/")) + r"(?=/|$)")
