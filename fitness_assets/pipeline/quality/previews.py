"""What people would rather look at than count: a few rows of a table that changed, and why records were refused."""

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, as_markdown
from fitness_assets.pipeline.strategies import strategies_of


def previews(lake: Lakehouse, table: Table) -> dict[str, str]:
    """Markdown by name; personal data is masked. Empty where there are no rows."""
    rows = lake.preview(table)
    if not rows:
        return {}
    markdown = {"preview": as_markdown([tuple(row.values()) for row in rows], tuple(rows[0]))}
    for strategy in strategies_of(table):
        markdown |= strategy.previews(lake, table)
    return markdown
