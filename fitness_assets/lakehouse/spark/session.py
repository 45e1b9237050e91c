"""The Spark session of a lakehouse, started by whoever needs it first."""

from contextlib import suppress
from threading import Lock

from pyspark.sql import SparkSession

from fitness_assets.lakehouse.rows.rowset import SparkProvider
from fitness_assets.lakehouse.spark.failures import ENGINE_FAILURES
from fitness_assets.lakehouse.spark.session_notes import SessionNotes


class LazySession:
    """A session that is started once a run. Safe for threads."""

    def __init__(self, start: SparkProvider, notes: SessionNotes | None = None) -> None:
        self._start = start
        self._notes = notes
        self._lock = Lock()
        self._session: SparkSession | None = None

    def __call__(self) -> SparkSession:
        with self._lock:
            if self._session is None:
                self._session = self._start()
                if self._notes is not None:
                    self._notes.note(self._session)
            return self._session

    def renew(self) -> None:
        """Ask for the session again when it is needed next: its engine may have been started anew since. What killed
        processes left running on the engine is ended."""
        with self._lock:
            self._session = None
            if self._notes is not None:
                self._notes.end_orphans()

    def interrupt(self) -> None:
        """Stop the Spark jobs that are under way; those of an engine that went away went with it."""
        if self._session is not None:
            with suppress(*ENGINE_FAILURES):
                self._session.interruptAll()
