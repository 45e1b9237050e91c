"""`fitness-assets kafka`: how far each partition is read, and what was missed."""

import argparse
from dataclasses import replace


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("kafka", help="how far the topics are read, and what was missed", description=__doc__)
    parser.add_argument("--accept-gaps", action="store_true", help="strike off the gaps that are known by now")


def kafka(parsed: argparse.Namespace) -> int:
    """Print the topics' partitions and gaps.

    Raises:
        SettingError: no broker is configured.
        KafkaError: it does not answer.
    """
    from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS
    from fitness_assets.contracts.registry import get_table
    from fitness_assets.errors import SettingError
    from fitness_assets.kafka.reading import Position
    from fitness_assets.lakehouse.tables import Lakehouse
    from fitness_assets.pipeline.state.locks import table_lock
    from fitness_assets.pipeline.state.progress import ProgressStore
    from fitness_assets.pipeline.strategies.kafka_ingestion import KafkaIngestion
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    if settings.kafka is None:
        raise SettingError("KAFKA_BOOTSTRAP_SERVERS is not set: there is no broker to look at.")
    bronze, store = get_table(KAFKA_RECORDS.table), ProgressStore(settings)
    topics = KafkaIngestion(Lakehouse(settings), bronze, settings.kafka)
    noted = store.read(bronze)
    position = topics.position(noted) if noted else Position()
    _say(f"  {'partition':<16} {'first':>12} {'end':>12} {'read to':>12} {'unread':>10}")
    for topic in topics.cluster.topics(TOPICS).values():
        for number, held in sorted(topic.partitions.items()):
            at = position.offsets.get((topic.name, number), held.first)
            name = f"{topic.name}/{number}"
            _say(f"  {name:<16} {held.first:>12,} {held.end:>12,} {at:>12,} {max(held.end - at, 0):>10,}")
    for gap in position.gaps:
        _say(f"  missed: {gap}")
    if parsed.accept_gaps and noted and position.gaps:
        with table_lock(bronze.full_name, store.folder(bronze)):
            noted = store.read(bronze) or noted
            accepted = replace(topics.position(noted), gaps=())
            version = Lakehouse(settings).log(bronze).version() or noted.table
            store.write(bronze, replace(noted, table=version, kafka=accepted.as_json()))
        _say(f"{len(position.gaps)} gaps are struck off.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
