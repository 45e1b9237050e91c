"""What the fields of settings are made of: types with the words that errors and documents use for them."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, Field


@dataclass(frozen=True)
class MustBe:
    """What a value must be, as the end of a sentence."""

    words: str


@dataclass(frozen=True)
class ReadFrom:
    """How the documents name the variables of a field that has not one of its own."""

    variables: str


@dataclass(frozen=True)
class NeededBy:
    """What cannot do without a field that has no default."""

    what: str


@dataclass(frozen=True)
class DefaultText:
    """What the documents say of a default that is no constant."""

    words: str


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"is {value!r}; it must be a day such as 2026-01-31") from None


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("0", "1"):
        raise ValueError(f"is {value!r}; it must be 1 or 0")
    return value


def _day_text(text: str) -> str:
    if text:
        _day(text)
    return text


def _local_path(value: object) -> object:
    if isinstance(value, str) and "://" in value:
        raise ValueError(f"is {value!r}; it must be a folder of this machine, or of a volume that is mounted here")
    return value


_MISREAD = re.compile(r"[\[\]{}*?%#\\\x00-\x1f\x7f\ud800-\udfff]")
"""What the readers of tables take for something else than a letter of a name."""


def _table_path(path: Path) -> Path:
    found = _MISREAD.search(str(path))
    if found:
        raise ValueError(f"is {str(path)!r}; a folder of tables may not have {found[0]!r} in its path")
    return path


EnvironmentName: TypeAlias = Annotated[Literal["dev", "qa", "prod"], MustBe("one of dev, qa, prod")]
ENVIRONMENTS: tuple[EnvironmentName, ...] = get_args(Literal["dev", "qa", "prod"])

AbsolutePath: TypeAlias = Annotated[
    Path, BeforeValidator(_local_path), AfterValidator(lambda path: path.expanduser().absolute())
]
TablePath: TypeAlias = Annotated[AbsolutePath, AfterValidator(_table_path)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
DayText: TypeAlias = Annotated[str, AfterValidator(_day_text)]
Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag), MustBe("1 or 0")]

_ABOVE_ZERO = MustBe("a number above 0")
CountAboveZero: TypeAlias = Annotated[int, Field(gt=0, lt=10**15), _ABOVE_ZERO]
SecondsAboveZero: TypeAlias = Annotated[float, Field(gt=0, lt=1e15), _ABOVE_ZERO]
Count: TypeAlias = Annotated[int, Field(ge=0), MustBe("a whole number, 0 or more")]
Seconds: TypeAlias = Annotated[float, Field(ge=0), MustBe("a number, 0 or more")]
