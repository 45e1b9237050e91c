"""Facts of a workspace, and the changes that lead from the actual ones to the desired ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Aspect(Enum):
    """What a fact says of something; the value is the word in a plan."""

    EXISTS = "create"
    FUNCTION = "function"
    VIEW = "view"
    COMMENT = "comment"
    TAG = "tag"
    MASK = "mask"
    FILTER = "row filter"
    PRIMARY_KEY = "primary key"
    FOREIGN_KEY = "foreign key"
    CLUSTERING = "clustering"
    PREDICTIVE_OPTIMIZATION = "predictive optimization"
    GOVERNED_TAG = "governed tag"
    GRANT = "grant"
    OWNER = "owner"
    POLICY = "policy"
    POLICY_PERMISSION = "permission"
    SCOPE = "secret scope"
    SECRET = "secret"
    SCOPE_ACL = "secret permission"


@dataclass(frozen=True)
class Fact:
    """What a fact is about.

    Attributes:
        subject: the securable, policy or scope, as `kind name`.
        detail: what of it: a column, a tag, a principal and a privilege.
    """

    aspect: Aspect
    subject: str
    detail: tuple[str, ...] = ()


Facts = Mapping[Fact, str]
"""Each fact with its value; what is not there has no fact."""
PRESENT = "present"
"""The value of a fact that says no more than that something is there."""


@dataclass(frozen=True)
class Change:
    """One difference: the actual value and the desired one; None where there is none."""

    fact: Fact
    before: str | None
    after: str | None

    @property
    def phase(self) -> int:
        """When it is applied. What closes comes first and what opens last, each mask before the first grant.

        Tables that the pipeline made change hands early: only an owner may alter them.
        """
        opens = self.after is not None
        match self.fact.aspect:
            case Aspect.GRANT | Aspect.POLICY_PERMISSION | Aspect.SCOPE_ACL:
                return 9 if opens else 0
            case Aspect.EXISTS | Aspect.POLICY | Aspect.SCOPE | Aspect.GOVERNED_TAG:
                return 1
            case Aspect.OWNER:
                return 2 if self.before else 8
            case Aspect.FUNCTION:
                return 3
            case Aspect.VIEW:
                return 4
            case Aspect.MASK | Aspect.FILTER:
                return 6
            case Aspect.FOREIGN_KEY:
                # It needs the primary key that it refers to.
                return 7
        return 5

    def __str__(self) -> str:
        """The change as a line of a plan."""
        fact = self.fact
        if fact.aspect is Aspect.GRANT:
            principal, privilege = fact.detail
            if self.after:
                return f"+ grant {privilege} on {fact.subject} to {principal}"
            return f"- revoke {privilege} on {fact.subject} from {principal}"
        sign = "+" if self.before is None else "-" if self.after is None else "~"
        target = f"{fact.subject}, {': '.join(fact.detail)}" if fact.detail else fact.subject
        name = fact.subject.partition(" ")[2]
        value = self.after if self.after is not None else self.before or ""
        match fact.aspect:
            case Aspect.EXISTS:
                return f"{sign} {target}"
            case Aspect.GOVERNED_TAG:
                return f"{sign} {target}: {value}"
            case Aspect.SECRET:
                return f"{sign} secret {target}"
            case Aspect.SCOPE:
                return f"{sign} secret scope {name}"
            case Aspect.POLICY:
                return f"{sign} policy {name}: {_shortened(_changed_attributes(self.before, value))}"
            case Aspect.FUNCTION | Aspect.VIEW:
                return f"{sign} {fact.aspect.value} {name}: {_shortened(value)}"
        return f"{sign} {fact.aspect.value} of {target}: {_shortened(value)}"


@dataclass(frozen=True)
class ChangePlan:
    """The changes that would be made, in their order, and what cannot be done yet."""

    changes: list[Change]
    notes: list[str]


def changes_between(actual: Facts, desired: Facts) -> list[Change]:
    """The changes that make the actual facts equal to the desired ones, in the order in which they are applied."""
    changes = [
        Change(fact, actual.get(fact), desired.get(fact))
        for fact in {**actual, **desired}
        if actual.get(fact) != desired.get(fact)
    ]
    position = {fact: number for number, fact in enumerate(desired)}
    return sorted(changes, key=lambda change: (change.phase, position.get(change.fact, -1)))


def _changed_attributes(before: str | None, after: str) -> str:
    """The attributes of a policy that change; of a new one all."""
    old, new = _policy_attributes(before or "{}"), _policy_attributes(after)
    return ", ".join(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))


def _policy_attributes(text: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(text)
    return {**policy.pop("definition", {}), **policy}


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:97]}..."
