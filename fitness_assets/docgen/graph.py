"""The graph of all tables in docs/architecture.md, drawn from the contracts in Mermaid, which GitHub shows."""

from collections.abc import Iterator

from fitness_assets.contracts.feeds import FILE_FEEDS, GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS
from fitness_assets.contracts.model import Layer
from fitness_assets.contracts.registry import all_tables, quarantine_table

_FROM_SQL = (REGISTERED_USERS, GYM_LOGINS)


def render_graph() -> str:
    """The graph as a Mermaid code block, sources on the left, gold on the right."""
    return "\n".join(["```mermaid", "flowchart LR", *_nodes(), *_edges(), "```"])


def _nodes() -> Iterator[str]:
    yield "  subgraph sources"
    yield '    azure_sql[("Azure SQL")]'
    yield from (f'    {topic}>"topic {topic}"]' for topic in TOPICS)
    yield "  end"
    yield '  subgraph landing_zone["landing zone"]'
    yield from (f"    raw_{folder.name}[/{folder.name}/]" for folder in FILE_FEEDS.values())
    yield "  end"
    for layer in Layer:
        yield f"  subgraph {layer.name.lower()}"
        yield from (f"    {table.name}" for table in all_tables().values() if table.layer is layer)
        yield "  end"


def _edges() -> Iterator[str]:
    yield from (f"  azure_sql --> raw_{folder.name}" for folder in _FROM_SQL)
    yield from (f"  {topic} --> {KAFKA_RECORDS.name}" for topic in TOPICS)
    yield from (f"  raw_{folder.name} --> {folder.name}" for folder in FILE_FEEDS.values())
    for table in all_tables().values():
        arrow = "-.->" if table is quarantine_table() else "-->"
        yield from (f"  {source.name} {arrow} {table.name}" for source in table.sources)
