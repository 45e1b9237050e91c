"""The tables for the pages: read without Spark, one set of versions a question, and cheap to ask again."""

from fitness_assets.settings import Settings


class Lake:
    """The Delta tables of one data zone, for many threads at once. Made once a process.

    Args:
        settings: where the tables lie.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
