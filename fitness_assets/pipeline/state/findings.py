"""What a probe found on each kind of compute and version of its runtime, kept in the checkpoint zone."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from fitness_assets.storage import Storage, StorageReader

_FOLDER = "probe"


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    Attributes:
        detail: what was seen.
    """

    name: str
    is_so: bool
    detail: str = ""


@dataclass(frozen=True)
class Findings:
    """What one probe found.

    Attributes:
        compute: the kind of compute.
        runtime: the version of its runtime; empty where that was not kept.
        at: when, ISO 8601 in UTC.
        run: which run asked, as whoever started it calls it.
        wheel: the version of our package that asked.
        findings: the answers, in the order of the questions.
    """

    compute: str
    at: str
    run: str
    wheel: str
    findings: tuple[Finding, ...]
    runtime: str = ""

    @property
    def place(self) -> str:
        """Where it was asked, for people."""
        return f"{self.compute} compute" + (f" ({self.runtime})" if self.runtime else "")

    @property
    def answers(self) -> Mapping[str, bool]:
        return {finding.name: finding.is_so for finding in self.findings}


def write_findings(storage: Storage, findings: Findings) -> None:
    """Keep what was found, in the place of what an earlier probe found on that kind of compute and runtime."""
    runtime = re.sub(r"[^\w.-]", "_", findings.runtime)
    name = f"{findings.compute}-{runtime}" if runtime else findings.compute
    storage.put(f"{_FOLDER}/{name}.json", json.dumps(asdict(findings), indent=1).encode())


def read_findings(storage: StorageReader) -> list[Findings]:
    """What was found last on each kind of compute and runtime."""
    names = [info.name for info in storage.list_objects(_FOLDER) if info.name.endswith(".json")]
    contents = (storage.get(name) for name in names)
    return [_parse(content) for content in contents if content]


def _parse(content: bytes) -> Findings:
    fields = json.loads(content)
    return Findings(**{**fields, "findings": tuple(Finding(**finding) for finding in fields["findings"])})
