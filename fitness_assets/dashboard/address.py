"""What the browser's address bar says: which page, and what is chosen on it. A link holds all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True)
class Address:
    """A page and what is chosen on it.

    Attributes:
        path: such as `/workouts`, without a slash at its end.
        chosen: the values by the names of their filters; a filter at its default is not in it.
    """

    path: str = "/"
    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pathname: str | None, search: str | None) -> "Address":
        """What a browser says; rubbish in it is taken as text and answered by the page."""
        path = "/" + (pathname or "/").strip("/")
        return cls(path, dict(parse_qsl((search or "").removeprefix("?"))))

    @property
    def last(self) -> str:
        """The last part of the path: of `/people/10000` the person."""
        return self.path.rpartition("/")[2]

    def get(self, name: str, default: str = "") -> str:
        return self.chosen.get(name) or default

    def number(self, name: str) -> int | None:
        """A chosen whole number; None where nothing, or no number, is chosen."""
        return as_number(self.get(name))

    @property
    def search(self) -> str:
        chosen = {name: value for name, value in self.chosen.items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    def __str__(self) -> str:
        return self.path + self.search


def as_number(text: str) -> int | None:
    """A whole number that fits a `bigint`; None of anything else."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def link(path: str, **chosen: object) -> str:
    """The address of a page with something chosen on it, for a link."""
    return str(Address(path, {name: str(value) for name, value in chosen.items() if value is not None}))
