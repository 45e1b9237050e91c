"""Links to what a card shows, as files."""

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.page_url import PageUrl


def download_links(name: str, url: PageUrl, description: str) -> Component:
    """Links to a card's rows as CSV and Parquet, with the same filters.

    Args:
        name: of the download among those of the page.
        description: what the rows are, for those who do not see the card.
    """
    return html.Nav(
        [
            html.A(
                label,
                href=f"/download{url.path.rstrip('/') or '/now'}/{name}.{extension}{url.query_string}",
                download="",
                **aria(label=f"Download {description} as {label}"),
            )
            for label, extension in (("CSV", "csv"), ("Parquet", "parquet"))
        ],
        className="downloads",
        **aria(label=f"Downloads of {description}"),
    )
