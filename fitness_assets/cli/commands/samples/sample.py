"""`fitness-assets sample`: sample data as files."""

import click


@click.command()
@click.option("--users", default=40, show_default=True, help="People.")
@click.option("--days", default=2, show_default=True, help="Days of their lives.")
@click.option("--files", default=4, show_default=True, help="Files of each source.")
@click.option("--seed", default=7, show_default=True, help="Another seed gives other people.")
@click.option("--every", default=1, show_default=True, help="Seconds from one heart rate to the next.")
@click.option("--late", default=0.0, metavar="SHARE", help="Share of late records.")
@click.option("--repeated", default=0.0, metavar="SHARE", help="Share of repeated records.")
@click.option("--corrected", default=0.0, metavar="SHARE", help="Share of corrected records.")
@click.option("--malformed", default=0.0, metavar="SHARE", help="Share of malformed records.")
@click.option("--shuffled", is_flag=True, help="Records in no order at all.")
def sample(
    users: int,
    days: int,
    files: int,
    seed: int,
    every: int,
    late: float,
    repeated: float,
    corrected: float,
    malformed: float,
    shuffled: bool,
) -> None:
    """Put sample data into the landing zone."""
    from fitness_assets.sample.faults import Faults
    from fitness_assets.sample.history import SampleSize
    from fitness_assets.sample.landing_files import write_sample
    from fitness_assets.settings import Settings

    disorder = Faults(late, repeated, corrected, malformed, shuffled)
    size = SampleSize(users, days, files, seed, every, disorder)
    for name, records in write_sample(Settings.from_env().landing_zone, size, click.echo).items():
        click.echo(f"{name:<24} {records:>12,} records")
