"""Attributes for those who do not see the page."""

from typing import Any


def aria(**attributes: str) -> dict[str, Any]:
    """Attributes of a component: `aria(label="Pages")` is its `aria-label`."""
    return {f"aria-{name}": value for name, value in attributes.items()}
