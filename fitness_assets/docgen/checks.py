"""The checks in docs/operations.md: what each holds to be true, and what to do when it does not pass."""

from fitness_assets.contracts.registry import all_tables
from fitness_assets.docgen.markdown import markdown_table
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.quality.runbook import remedy_for


def render_checks() -> str:
    """A table with a row for each check, whichever tables have it."""
    descriptions: dict[str, str] = {}
    for table in all_tables().values():
        for check, description in check_descriptions(table).items():
            descriptions.setdefault(check, "No two rows have the same key." if check == "unique_key" else description)
    descriptions["relationships"] = "Every row has the rows it refers to in the tables it is made from."
    rows = [(f"`{check}`", text, remedy_for(check, "TABLE")) for check, text in descriptions.items()]
    return markdown_table(("check", "what it holds to be true", "when it does not pass"), rows)
