"""What hides who somebody is from those who may not see it."""

import re

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS

HIDDEN = "•••"


def shown_name(user_id: int, first: str | None, last: str | None, unmasked: bool) -> str:
    """First and last name for people to read; the first letters alone where it is masked."""
    parts = [masked(part, unmasked) for part in (first, last) if part and part.strip()]
    return " ".join(part for part in parts if part) or f"Person {user_id}"


def masked(name: str | None, unmasked: bool) -> str | None:
    """A name, or its first letter and dots; how long it is stays hidden too."""
    return name if unmasked or not name else f"{name.strip()[:1]}{HIDDEN}"


def hidden(value: object, unmasked: bool) -> str | None:
    """A value as text, or dots where there is one."""
    return None if value is None else str(value) if unmasked else HIDDEN


def shape(text: str | None, unmasked: bool) -> str | None:
    """A text, or what it looks like: every letter is x, every digit 9; the names of fields stay."""
    return text if unmasked or text is None else re.sub(r"[^\W\d]+|\d", _shape_of, text)


def _shape_of(found: re.Match[str]) -> str:
    word = found[0]
    return "9" if word.isdigit() else word if word in _NOT_PERSONAL else re.sub(r"[^\W_]", "x", word)


def _words() -> frozenset[str]:
    fields = [field for folder in FILE_FEEDS.values() for field in folder.fields]
    fields += [field for topic in TOPICS.values() for field in topic]
    return frozenset(
        {field.name for field in fields} | {"address", *TOPICS} | {v for f in fields for v in f.accepted_values}
    )


_NOT_PERSONAL = _words()
