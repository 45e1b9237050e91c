"""What makes the first view quick: the browser asks at once for all that it will need, the page itself among it."""

from urllib.parse import urlsplit

_ANSWERS = ("/_dash-layout", "/_dash-dependencies")
"""Dash asks for these when all its scripts have run; the server can make them meanwhile."""
_PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
"""Dash asks for it when it meets the first chart; larger than all other scripts together, it waits for them."""


def ask_early(index: str) -> str:
    """Dash's document with links at which a browser loads before any script has run."""
    links = [f'<link rel="preload" as="fetch" crossorigin href="{path}">' for path in _ANSWERS]
    links.append(f'<link rel="preload" as="script" fetchpriority="low" href="{_PLOTLY}">')
    return index.replace("{%css%}", "\n".join(["{%css%}", *links]))


def asked_from(referrer: str | None) -> tuple[str, str] | None:
    """Path and search of the document for which the browser asks; None where it does not say."""
    if not referrer:
        return None
    parts = urlsplit(referrer)
    return parts.path, f"?{parts.query}" if parts.query else ""
