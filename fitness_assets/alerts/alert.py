"""One thing that is wrong."""

import hashlib
from dataclasses import dataclass

_ID_BYTES = 3


@dataclass(frozen=True)
class Alert:
    """Something that is wrong now.

    Attributes:
        rule: the name of the rule that says so.
        subject: what it is wrong with: a job, a table, a topic.
        summary: what is wrong, one sentence, with its figures.
        advice: what to do.
        path: the page of Dagster's UI that shows it, from its root; empty where there is none.
    """

    rule: str
    subject: str
    summary: str
    advice: str
    path: str = ""

    @property
    def key(self) -> str:
        """What tells an alert from all others; its figures may change while it goes on."""
        return f"{self.rule}:{self.subject}"

    @property
    def id(self) -> str:
        """The key in six letters and digits, for people to type."""
        return hashlib.blake2b(self.key.encode(), digest_size=_ID_BYTES).hexdigest()
