"""What makes the first view quick: the browser asks at once for all that it will need, the page itself among it."""

from urllib.parse import urlsplit

_FETCHED_LATE = ("/_dash-layout", "/_dash-dependencies")
"""Dash asks for these when all its scripts have run; the server can make them meanwhile."""
_PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
"""Dash asks for it when it meets the first chart; larger than all other scripts together, it waits for them."""


def add_preload_links(index: str) -> str:
    """Dash's document with links at which a browser loads before any script has run."""
    links = [f'<link rel="preload" as="fetch" crossorigin href="{path}">' for path in _FETCHED_LATE]
    links.append(f'<link rel="preload" as="script" fetchpriority="low" href="{_PLOTLY}">')
    return index.replace("{%css%}", "\n".join(["{%css%}", *links]))


def requested_url(referrer: str | None) -> tuple[str, str] | None:
    """Path and query string of the document for which the browser asks; None where it does not say."""
    if not referrer:
        return None
    url = urlsplit(referrer)
    return url.path, f"?{url.query}" if url.query else ""
