"""The session of a lakehouse, when its engine goes away."""

from typing import Any, cast

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from fitness_assets.lakehouse.spark.session import LazySession


class OfAnEngineThatWentAway:
    def interruptAll(self) -> Any:  # Spark names it so
        raise PySparkException("UNAVAILABLE")


def test_jobs_of_an_engine_that_went_away_need_not_be_stopped() -> None:
    session = LazySession(lambda: cast(SparkSession, OfAnEngineThatWentAway()))
    session()
    session.interrupt()
    with pytest.raises(PySparkException):
        session().interruptAll()
