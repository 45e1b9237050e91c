"""The checks in docs/operations.md: what each holds to be true, and what to do when it does not pass."""

from fitness_assets.contracts.registry import all_tables
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.quality.runbook import remedy_for


def checks() -> str:
    """A table with a row for each check, whichever tables have it."""
    found: dict[str, str] = {}
    for table in all_tables().values():
        for name, said in check_descriptions(table).items():
            found.setdefault(name, "No two rows have the same key." if name == "unique_key" else said)
    found["relationships"] = "Every row has the rows it refers to in the tables it is made from."
    rows = [f"| `{name}` | {said} | {remedy_for(name, 'TABLE')} |" for name, said in found.items()]
    return "\n".join(["| check | what it holds to be true | when it does not pass |", "|---|---|---|", *rows])
