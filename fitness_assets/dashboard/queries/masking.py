"""What hides who somebody is from those who may not see it."""

import re

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS

MASK = "•••"


def display_name(user_id: int, first_name: str | None, last_name: str | None, unmasked: bool) -> str:
    """First and last name for people to read; dots where it is masked."""
    parts = [mask_name(part, unmasked) for part in (first_name, last_name) if part and part.strip()]
    return " ".join(part for part in parts if part) or f"Person {user_id}"


def with_display_names(rows: pa.Table, unmasked: bool) -> pa.Table:
    """The rows with one column `name` in the place of first and last name."""
    people = rows.select(["user_id", "first_name", "last_name"]).to_pylist()
    names = [display_name(person["user_id"], person["first_name"], person["last_name"], unmasked) for person in people]
    position = rows.column_names.index("first_name")
    return rows.drop_columns(["first_name", "last_name"]).add_column(position, "name", pa.array(names, pa.string()))


def mask_name(name: str | None, unmasked: bool) -> str | None:
    """A name, or dots: a first letter and a city are often enough to know who it is."""
    return name if unmasked or not name else MASK


def mask_value(value: object, unmasked: bool) -> str | None:
    """A value as text, or dots where there is one."""
    return None if value is None else str(value) if unmasked else MASK


def mask_characters(text: str | None, unmasked: bool) -> str | None:
    """A text, or its shape: every letter is x, every digit 9; the names of fields stay."""
    return text if unmasked or text is None else re.sub(r"[^\W\d]+|\d", _mask_match, text)


def _mask_match(match: re.Match[str]) -> str:
    word = match[0]
    return "9" if word.isdigit() else word if word in _NOT_PERSONAL else re.sub(r"[^\W_]", "x", word)


def _words_of_contracts() -> frozenset[str]:
    fields = [field for folder in FILE_FEEDS.values() for field in folder.fields]
    fields += [field for topic in TOPICS.values() for field in topic]
    accepted_values = {value for field in fields for value in field.accepted_values}
    return frozenset({field.name for field in fields} | {"address", *TOPICS} | accepted_values)


_NOT_PERSONAL = _words_of_contracts()
