"""What only a real workspace can settle, as the questions of the probe."""

from fitness_assets.databricks.probe.probing import QUESTIONS
from fitness_assets.docgen.markdown import markdown_table

_EXPECTED = {True: "yes", False: "no", None: "unknown"}


def render_assumptions() -> str:
    """A table with a row for each question."""
    rows = [
        (
            f"`{question.name}`",
            question.statement,
            f"{_EXPECTED[question.expected]}{', needed' if question.is_needed else ''}",
            question.source,
            question.if_so,
            question.if_not,
        )
        for question in QUESTIONS.values()
    ]
    return markdown_table(("question", "what is asked", "expected", "source", "if so", "if not"), rows)
