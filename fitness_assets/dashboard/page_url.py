"""The URL of a page: which page, and what its filters are set to. A link holds all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True)
class PageUrl:
    """A page and what its filters are set to.

    Attributes:
        path: such as `/workouts`, without a slash at its end.
        parameters: the values by the names of their filters; a filter at its default is not in it.
    """

    path: str = "/"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, pathname: str | None, query_string: str | None) -> "PageUrl":
        """What a browser sends; rubbish in it is taken as text and answered by the page."""
        path = "/" + (pathname or "/").strip("/")
        return cls(path, dict(parse_qsl((query_string or "").removeprefix("?"))))

    @property
    def last_segment(self) -> str:
        """The last part of the path: of `/people/10000` the person."""
        return self.path.rpartition("/")[2]

    def get(self, name: str, default: str = "") -> str:
        return self.parameters.get(name) or default

    def get_int(self, name: str) -> int | None:
        """A parameter that is a whole number; None where there is none, or it is something else."""
        return parse_int(self.get(name))

    def with_parameter(self, name: str, value: str) -> "PageUrl":
        """The same page with one parameter set, last of all; an empty value takes it away."""
        others = {key: text for key, text in self.parameters.items() if key != name}
        return PageUrl(self.path, others | {name: value})

    @property
    def query_string(self) -> str:
        """Such as `?gym=2`, or nothing."""
        parameters = {name: value for name, value in self.parameters.items() if value}
        return f"?{urlencode(parameters)}" if parameters else ""

    def __str__(self) -> str:
        return self.path + self.query_string


def parse_int(text: str) -> int | None:
    """A whole number that fits a `bigint`; None of anything else."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
