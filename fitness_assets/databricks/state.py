"""Facts of a workspace, and the changes that lead from what is found to what is declared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Aspect(Enum):
    """What a fact says of something; the value is the word in a plan."""

    EXISTS = "create"
    FUNCTION = "function"
    VIEW = "view"
    COMMENT = "comment"
    TAG = "tag"
    MASK = "mask"
    FILTER = "row filter"
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
        on: the securable, policy or scope, as `kind name`.
        detail: what of it: a column, a tag, a principal and a privilege.
    """

    aspect: Aspect
    on: str
    detail: tuple[str, ...] = ()


State = Mapping[Fact, str]
"""Each fact with its value; what is not there has no fact."""


@dataclass(frozen=True)
class Change:
    """One difference: the value that is found and the one that is declared; None where there is none."""

    fact: Fact
    before: str | None
    after: str | None

    @property
    def phase(self) -> int:
        """When it is applied. What closes comes first and what opens last, each mask before the first grant.

        Tables that the pipeline made change hands early: only an owner may alter them.
        """
        opened = self.after is not None
        match self.fact.aspect:
            case Aspect.GRANT | Aspect.POLICY_PERMISSION | Aspect.SCOPE_ACL:
                return 9 if opened else 0
            case Aspect.EXISTS | Aspect.POLICY | Aspect.SCOPE:
                return 1
            case Aspect.OWNER:
                return 2 if self.before else 8
            case Aspect.FUNCTION:
                return 3
            case Aspect.VIEW:
                return 4
            case Aspect.MASK | Aspect.FILTER:
                return 6
        return 5

    def __str__(self) -> str:
        """The change as a line of a plan."""
        fact = self.fact
        if fact.aspect is Aspect.GRANT:
            principal, privilege = fact.detail
            words = f"+ grant {privilege} on {{}} to" if self.after else f"- revoke {privilege} on {{}} from"
            return f"{words.format(fact.on)} {principal}"
        sign = "+" if self.before is None else "-" if self.after is None else "~"
        where = f"{fact.on}, {': '.join(fact.detail)}" if fact.detail else fact.on
        name = fact.on.partition(" ")[2]
        shown = self.after if self.after is not None else self.before or ""
        match fact.aspect:
            case Aspect.EXISTS:
                return f"{sign} {where}"
            case Aspect.SECRET:
                return f"{sign} secret {where}"
            case Aspect.SCOPE:
                return f"{sign} secret scope {name}"
            case Aspect.POLICY:
                return f"{sign} policy {name}: {_short(_changed_limits(self.before, shown))}"
            case Aspect.FUNCTION | Aspect.VIEW:
                return f"{sign} {fact.aspect.value} {name}: {_short(shown)}"
        return f"{sign} {fact.aspect.value} of {where}: {_short(shown)}"


def changes(found: State, declared: State) -> list[Change]:
    """What has to be done, in the order in which it is done."""
    facts = {**found, **declared}
    different = [
        Change(fact, found.get(fact), declared.get(fact)) for fact in facts if found.get(fact) != declared.get(fact)
    ]
    position = {fact: number for number, fact in enumerate(declared)}
    return sorted(different, key=lambda one: (one.phase, position.get(one.fact, -1)))


def _changed_limits(before: str | None, after: str) -> str:
    """The attributes of a policy that change; of a new one all."""
    was, will = json.loads(before or "{}"), json.loads(after)
    flat = [{**one.pop("definition", {}), **one} for one in (was, will)]
    return ", ".join(key for key in sorted({*flat[0], *flat[1]}) if flat[0].get(key) != flat[1].get(key))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:97]}..."
