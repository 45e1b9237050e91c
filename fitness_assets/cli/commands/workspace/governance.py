"""`fitness-assets governance`: grants, masks, row filters, tags, compute policies and secrets of a workspace."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fitness_assets.databricks.governance.governed_workspace import GovernedWorkspace

_environment = click.option(
    "--env",
    "environment",
    type=click.Choice(["dev", "qa", "prod"]),
    help="The environment; default FITNESS_ENV, or dev.",
)
_rotate = click.option("--rotate-secrets", is_flag=True, help="Write secrets anew that are there already.")


@click.group()
def governance() -> None:
    """Who may see and do what on Databricks."""


@governance.command()
@_environment
@_rotate
def plan(environment: str | None, rotate_secrets: bool) -> None:
    """Print each difference as a line; changes nothing."""
    _print_changes(environment, rotate_secrets, lambda governed: governed.plan(), "to make")


@governance.command()
@_environment
@_rotate
def apply(environment: str | None, rotate_secrets: bool) -> None:
    """Make these changes and no others; safe to repeat."""
    _print_changes(environment, rotate_secrets, lambda governed: governed.apply(), "made")


@governance.command()
@_environment
def verify(environment: str | None) -> None:
    """Check what holds in effect.

    Prints a line a finding, and then ends with 1.
    """
    from fitness_assets.databricks.governance.governed_workspace import GovernedWorkspace

    governed = GovernedWorkspace.from_env(environment)
    findings = governed.verify()
    for finding in findings:
        click.echo(f"  {finding}")
    click.echo(
        f"{len(findings)} findings in {_place(governed)}." if findings else f"All is as declared in {_place(governed)}."
    )
    if findings:
        raise click.exceptions.Exit(1)


@governance.command()
@_environment
@click.option("--create", is_flag=True, help="Do it; without this it is only printed.")
@click.option(
    "--member",
    "memberships",
    multiple=True,
    metavar="GROUP=WHO",
    help="A person, a service principal's application id or a group to be in a group; may be given several times.",
)
def groups(environment: str | None, create: bool, memberships: tuple[str, ...]) -> None:
    """Print which groups, members and entitlements are missing.

    With --create they are made. Takes nothing away.
    """
    from fitness_assets.databricks.governance.governed_workspace import GovernedWorkspace

    governed = GovernedWorkspace.from_env(environment)
    provisioner = governed.group_provisioner(_members(memberships))
    count = 0
    for line in provisioner.apply() if create else provisioner.plan():
        count += 1
        click.echo(f"  {line}")
    click.echo(f"{count} {'done' if create else 'to do'} in {governed.host}." if count else "No group lacks anything.")


def _members(memberships: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    members: dict[str, tuple[str, ...]] = {}
    for membership in memberships:
        group, _, who = membership.partition("=")
        if not group or not who:
            raise click.BadParameter(f"{membership!r} is no GROUP=WHO.", param_hint="--member")
        members[group] = (*members.get(group, ()), who)
    return members


@governance.command()
@_environment
def matrix(environment: str | None) -> None:
    """Print which role sees what; needs no workspace."""
    from fitness_assets.databricks.governance.access.access_matrix import access_matrix
    from fitness_assets.databricks.workspace import Workspace

    click.echo(access_matrix(Workspace.from_env(environment, needs_warehouse=False)))


def _print_changes(
    environment: str | None, rotate_secrets: bool, changes: "Callable[[GovernedWorkspace], Iterable[str]]", what: str
) -> None:
    """A line for each change; a line with a dot in front is no change but a remark."""
    from fitness_assets.databricks.governance.governed_workspace import GovernedWorkspace

    governed = GovernedWorkspace.from_env(environment, rotate_secrets)
    count = 0
    for line in changes(governed):
        count += not line.startswith(".")
        click.echo(f"  {line}")
    place = _place(governed)
    click.echo(f"{count} changes {what} in {place}." if count else f"Nothing to change in {place}.")


def _place(governed: "GovernedWorkspace") -> str:
    return f"catalog {governed.workspace.catalog} of {governed.host}"
