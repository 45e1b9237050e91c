"""`fitness-assets install-jars`: the jars that no package brings."""

import click


@click.command("install-jars")
@click.option("--broker", is_flag=True, help="Those of a Kafka broker too.")
def install_jars(broker: bool) -> None:
    """Bring in the jars that Spark needs, once."""
    from fitness_assets.engine import jars

    jar_sets = [jars.SPARK, jars.KAFKA_BROKER] if broker else [jars.SPARK]
    fetched = [jar_set.resolve() for jar_set in jar_sets]
    click.echo(f"{'Jars fetched.' if any(fetched) else 'Jars are there.'} {jars.jar_folder()}")
