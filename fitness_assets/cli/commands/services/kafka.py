"""`fitness-assets kafka`: how far each partition is read, and what was missed."""

import shlex

import click

from fitness_assets.cli.output import Heading, print_table
from fitness_assets.errors import SettingError

_HEADINGS = (
    Heading("partition"),
    Heading("first", is_number=True),
    Heading("end", is_number=True),
    Heading("read to", is_number=True),
    Heading("unread", is_number=True),
)


@click.command()
@click.option("--accept-gaps", is_flag=True, help="Strike off the gaps that are known by now.")
@click.option("--exports", is_flag=True, help="Print what a shell exports to reach the live stack's broker.")
def kafka(accept_gaps: bool, exports: bool) -> None:
    """Print how far the topics are read, and what was missed."""
    if exports:
        _print_exports()
        return
    from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS
    from fitness_assets.contracts.registry import get_table
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.kafka.cluster import Cluster
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.state.progress import ProgressStore
    from fitness_assets.pipeline.strategies.ingestion.kafka_ingestion import KafkaIngestion
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    if settings.kafka is None:
        raise SettingError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no broker to look at.")
    lake = open_lakehouse(settings, get_spark_session)
    ingestion = KafkaIngestion(lake, get_table(KAFKA_RECORDS.table), ProgressStore.from_settings(settings))
    consumed = ingestion.current_offsets()
    rows = []
    for topic in Cluster(settings.kafka).describe_topics(TOPICS).values():
        for number, watermarks in sorted(topic.partitions.items()):
            read_to = consumed.by_partition.get((topic.name, number), watermarks.low)
            offsets = (watermarks.low, watermarks.high, read_to, max(watermarks.high - read_to, 0))
            rows.append([f"{topic.name}/{number}", *(f"{offset:,}" for offset in offsets)])
    print_table(_HEADINGS, rows)
    for gap in consumed.gaps:
        click.echo(f"  missed: {gap}")
    if accept_gaps and consumed.gaps:
        ingestion.accept_gaps()
        click.echo(f"{len(consumed.gaps)} gaps are struck off.")


def _print_exports() -> None:
    """One line a variable, for `eval`. The password is in no command line that way."""
    from fitness_assets.live.broker.login import live_broker_variables
    from fitness_assets.settings import Settings

    for name, text in live_broker_variables(Settings.from_env()).items():
        click.echo(f"export {name}={shlex.quote(text)}")
