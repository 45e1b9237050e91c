"""What a probe found, for people."""

from collections.abc import Iterator

from fitness_assets.databricks.probe.probing import known_findings
from fitness_assets.databricks.probe.questions import Question
from fitness_assets.pipeline.state.findings import Finding, Findings

HEADINGS = ("question", "expected", "here", "what follows", "seen")


def report_rows(findings: Findings) -> list[tuple[str, ...]]:
    """A row for each answer, under `HEADINGS`."""
    return [
        (
            question.statement,
            _yes_or_no(question.expected),
            _mark(question, finding),
            question.consequence(finding),
            finding.detail,
        )
        for question, finding in known_findings(findings)
    ]


def report_lines(findings: Findings) -> Iterator[str]:
    """The same as lines of a run's output."""
    yield f"Probe of {findings.place}, {findings.at}, fitness_assets {findings.wheel}:"
    for statement, expected, here, follows, detail in report_rows(findings):
        yield f"  {here:<8} {statement} (expected: {expected}). {detail}"
        yield f"           {follows}"


def summary(findings: Findings) -> str:
    """How many answers are other than expected, and how many of what is needed are missing."""
    known = list(known_findings(findings))
    other = sum(question.expected not in (None, finding.is_so) for question, finding in known)
    missing = sum(question.is_needed and not finding.is_so for question, finding in known)
    return (
        f"{findings.place}: {len(known)} answers, {other} other than expected, "
        f"{missing or 'nothing'} missing of what updates need."
    )


def _yes_or_no(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[answer]


def _mark(question: Question, finding: Finding) -> str:
    missing = " (!)" if question.is_needed and not finding.is_so else ""
    return f"{_yes_or_no(finding.is_so)}{missing}"
