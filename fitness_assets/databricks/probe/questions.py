"""What is asked of a workspace: each question with what is expected, from which source, and what follows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from fitness_assets.pipeline.state.findings import Finding, Findings
from fitness_assets.settings import Settings

_PAUSES_SECONDS = (1.0, 5.0)
_DETAIL_LENGTH = 200


@dataclass(frozen=True)
class Surroundings:
    """Where the questions are asked.

    Attributes:
        folder: a folder of this probe alone, in the volume of the checkpoint zone.
        schema: the schema, with its catalog, in which a scratch table may be made.
        scope: the secret scope of the runs; empty for none.
        token: a text of this probe alone, of letters and digits.
        others: what was found by earlier probes, on other compute.
        compute: the kind of compute.
    """

    spark: SparkSession
    settings: Settings
    folder: Path
    schema: str
    scope: str
    token: str
    compute: str
    others: Sequence[Findings] = ()


@dataclass(frozen=True)
class Answer:
    """Whether something is so, and what was seen."""

    is_so: bool
    detail: str = ""


Ask = Callable[[Surroundings], Answer]


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        name: by which its answer is known; it begins with its subject.
        statement: what may be so or not.
        expected: what its source says; None where sources differ, or say nothing.
        is_needed: whether updates need it to be so.
        source: where it is said.
        if_so, if_not: what follows.
        ask: finds out. What it raises means that it is not so.
    """

    name: str
    statement: str
    expected: bool | None
    is_needed: bool
    source: str
    if_so: str
    if_not: str
    ask: Ask

    def answered(self, surroundings: Surroundings) -> Finding:
        """The answer; whatever goes wrong again and again is one."""
        for pause in (*_PAUSES_SECONDS, None):
            try:
                answer = self.ask(surroundings)
                break
            except Exception as error:  # whatever it is, it is what the probe found
                lines = str(error).strip().splitlines() or [""]
                answer = Answer(False, f"{type(error).__name__}: {lines[0]}")
                if pause is None or not self.is_needed:
                    break
                # A "no" to what is needed stops all work on this compute; a moment of trouble must not do so.
                time.sleep(pause)
        return Finding(self.name, answer.is_so, answer.detail[:_DETAIL_LENGTH])

    def consequence(self, finding: Finding) -> str:
        return self.if_so if finding.is_so else self.if_not


class Questions:
    """The questions of one subject, in their order."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self.all: list[Question] = []

    def ask(
        self,
        *,
        expected: bool | None,
        source: str,
        if_so: str,
        if_not: str,
        is_needed: bool = False,
    ) -> Callable[[Ask], Ask]:
        """Make a question of a function: its name is the function's, its statement the first line of the docstring."""

        def register(function: Ask) -> Ask:
            question = Question(
                name=f"{self._subject}.{function.__name__}",
                statement=(function.__doc__ or "").splitlines()[0].rstrip("."),
                expected=expected,
                is_needed=is_needed,
                source=source,
                if_so=if_so,
                if_not=if_not,
                ask=function,
            )
            self.all.append(question)
            return function

        return register
