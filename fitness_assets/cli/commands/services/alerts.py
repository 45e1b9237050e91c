"""`fitness-assets alerts`: what is wrong, and whether those who are told can be reached."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import Heading, print_table, utc_text

if TYPE_CHECKING:
    from fitness_assets.alerts import AlertManager, Incident

_INCIDENTS = (Heading("id"), Heading("since (UTC)"), Heading("alert"), Heading("of"), Heading("what"))
_RECEIVERS = (Heading("who is told"), Heading("lately"))


@click.group()
def alerts() -> None:
    """What is wrong, and who is told of it."""


@alerts.command("list")
def list_alerts() -> None:
    """Print what is wrong as of the last look, and who is told."""
    from fitness_assets.alerts import receivers
    from fitness_assets.settings.alerts import AlertSettings

    manager = _manager()
    _print_incidents(manager.open_incidents())
    problems = manager.problems()
    click.echo()
    print_table(
        _RECEIVERS,
        [
            [receiver.name, problems.get(receiver.name, "no problem")]
            for receiver in receivers(AlertSettings.from_env())
        ],
    )


@alerts.command()
@click.option(
    "--dagster-home",
    type=click.Path(path_type=Path),
    envvar="DAGSTER_HOME",
    help="Dagster's folder; that of the live stack where DAGSTER_HOME is not set.",
)
def check(dagster_home: Path | None) -> None:
    """Look now, and tell whoever is to be told.

    For cron: a Dagster that is dead tells nobody. Ends with 1 where something is wrong.
    """
    from fitness_assets.defs.monitoring.alerting import observe_from_outside
    from fitness_assets.settings import Settings

    observe_from_outside(dagster_home or Settings.from_env().base_dir / "dagster")
    incidents = _manager().open_incidents()
    _print_incidents(incidents)
    if incidents:
        raise click.exceptions.Exit(1)


@alerts.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
def acknowledge(names: tuple[str, ...]) -> None:
    """Say that somebody sees to it: nobody is reminded any more.

    ID is that of the list, or the name of an alert for all of it. Each receiver is told once that it is seen to, with
    the next look, and once when it is over. What comes back after it was over is told again.
    """
    from datetime import datetime, timezone

    for incident in _manager().acknowledge(names, datetime.now(timezone.utc)):
        click.echo(f"{incident.alert.id} {incident.alert.rule} of {incident.alert.subject} is acknowledged.")


@alerts.command()
def test() -> None:
    """Send each receiver a message, and print what it answers. Ends with 1 where one does not take it."""
    from fitness_assets.alerts import receivers, trial_notification
    from fitness_assets.errors import ReceiverError
    from fitness_assets.settings.alerts import AlertSettings

    named = receivers(AlertSettings.from_env())
    if not named:
        raise ReceiverError("Nobody is told: set FITNESS_ALERT_WEBHOOKS or FITNESS_ALERT_EMAIL_TO.")
    failed = []
    for receiver in named:
        try:
            receiver.send([trial_notification()])
            click.echo(f"{receiver.name} took it.")
        except ReceiverError as error:
            failed.append(str(error))
    if failed:
        raise ReceiverError(" ".join(failed))


def _manager() -> "AlertManager":
    from fitness_assets.alerts import open_alerts

    return open_alerts()


def _print_incidents(incidents: "list[Incident]") -> None:
    if not incidents:
        click.echo("Nothing is wrong.")
        return
    print_table(
        _INCIDENTS,
        [[one.alert.id, utc_text(one.since), one.alert.rule, one.alert.subject, _described(one)] for one in incidents],
    )


def _described(incident: "Incident") -> str:
    told = f"{incident.alert.summary} {incident.alert.advice}"
    at = incident.acknowledged_at
    return f"Acknowledged {utc_text(at)}. {told}" if at else told
