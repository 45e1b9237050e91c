"""What a stream run says of its intervals."""

import time

from dagster import OpExecutionContext

from fitness_assets.defs.events import asset_check_evaluation
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem
from fitness_assets.pipeline.stream import Interval

_REPEAT_SECONDS = 60.0


class StreamReporter:
    """Says what happens in a few lines: what is the same as a moment ago is not said again.

    Attributes:
        problems: what was wrong in the last interval.
        is_idle: whether the last interval changed nothing.
    """

    def __init__(self, context: OpExecutionContext) -> None:
        self._context = context
        self._logged_at: dict[str, float] = {}
        self._verdicts: dict[tuple[str, str], bool] = {}
        self.problems: list[str] = []
        self.is_idle = False

    def report_interval(self, interval: Interval) -> None:
        changed = [outcome.result for outcome in interval.outcomes if outcome.result and outcome.result.changed]
        self.problems = [problem for outcome in interval.outcomes for problem in [outcome_problem(outcome)] if problem]
        self.is_idle = not changed
        if changed:
            rows = sum(result.inserted + result.updated + result.deleted for result in changed)
            tables = ", ".join(f"{result.table.split('.')[1]} {result.seconds:.1f} s" for result in changed)
            self._context.log.info(
                f"Interval {interval.number:,}: {rows:,} rows changed in {interval.seconds:.1f} s ({tables})."
            )
        for result in changed:
            for warning in result.warnings:
                self._context.log.warning(warning)
        for problem in self.problems:
            if time.monotonic() - self._logged_at.get(problem, -_REPEAT_SECONDS) >= _REPEAT_SECONDS:
                self._context.log.error(f"{problem} It is tried again.")
                self._logged_at[problem] = time.monotonic()

    def report_checks(self, outcome: TableOutcome) -> None:
        """Record what was checked where it is another verdict than before.

        As events of the run, so that a verdict counts for all that the run materializes after it. They are logged and
        not yielded: a blocking check that failed once would fail the run at its end, however often it passed since.
        """
        for check in outcome.checks:
            if self._is_new_verdict(outcome, check):
                evaluation = asset_check_evaluation(outcome.table, check)
                self._context.log_event(evaluation)  # type: ignore[arg-type]  # taken, although its type is not named

    def _is_new_verdict(self, outcome: TableOutcome, check: CheckResult) -> bool:
        key = (outcome.table.full_name, check.name)
        is_new = self._verdicts.get(key) is not check.passed
        self._verdicts[key] = check.passed
        return is_new
