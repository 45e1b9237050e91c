"""The alerts in docs/on-call.md: what each means, where to look, what to do."""

from fitness_assets.alerts import RULES
from fitness_assets.docgen.markdown import markdown_table


def render_alerts() -> str:
    """A table with a row for each rule."""
    rows = [(f"`{rule.name}`", rule.meaning, rule.look_at, rule.advice) for rule in RULES.values()]
    return markdown_table(("alert", "what it means", "where to look", "what to do"), rows)
