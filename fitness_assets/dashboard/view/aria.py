"""What is said to those who do not see the page."""

from typing import Any


def aria(**said: str) -> dict[str, Any]:
    """Attributes of a component: `aria(label="Pages")` is its `aria-label`."""
    return {f"aria-{name}": value for name, value in said.items()}
