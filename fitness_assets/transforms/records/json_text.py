"""JSON objects from texts."""

import json
from typing import Any

_decode = json.JSONDecoder().decode


def json_object(text: str) -> dict[str, Any] | None:
    """The one JSON object that a text is; None where it is anything else, or more than that."""
    try:
        found = _decode(text)
        if "\\u" in text:
            # Half of a surrogate pair can be spelled in JSON, and is no character.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def json_text(values: dict[str, str]) -> str | None:
    """Some texts as a JSON object; None where there are none."""
    return json.dumps(values, ensure_ascii=False) if values else None
