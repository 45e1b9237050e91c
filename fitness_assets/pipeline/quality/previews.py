"""What people would rather look at than count: a few rows of a table that changed, and why records were refused."""

from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.lakehouse.preview import as_markdown
from fitness_assets.lakehouse.tables import Lakehouse


def previews(lake: Lakehouse, table: Table) -> dict[str, str]:
    """Markdown by name; personal data is masked. Empty where there are no rows."""
    rows = lake.preview(table)
    if not rows:
        return {}
    found = {"preview": as_markdown([tuple(row.values()) for row in rows], tuple(rows[0]))}
    if table.strategy is UpdateStrategy.QUARANTINE:
        found["by_reason"] = as_markdown(_by_reason(lake, table), ("source", "reason", "records"))
    return found


def _by_reason(lake: Lakehouse, table: Table) -> list[tuple[str, ...]]:
    with lake.look() as look:
        rows = look.rows(table)
        counts = rows.fetch(f"SELECT source_table, reason, count(*) FROM {rows.all_rows} GROUP BY ALL")
    ordered = sorted(counts, key=lambda row: (-row[2], row[:2]))
    return [(str(source), str(reason), f"{records:,}") for source, reason, records in ordered]
