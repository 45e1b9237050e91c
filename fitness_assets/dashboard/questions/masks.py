"""What hides who somebody is from those who may not see it."""

import re

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
    """A text, or what it looks like: every letter is x, every digit 9."""
    return text if unmasked or text is None else re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", text))
