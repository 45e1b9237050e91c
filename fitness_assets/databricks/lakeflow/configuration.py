"""What a pipeline is told by the `configuration` of its bundle resource."""

from dataclasses import dataclass
from datetime import date, datetime, timezone

from pyspark.sql import SparkSession

from fitness_assets.databricks.runs.secrets import read_secrets
from fitness_assets.errors import SettingError
from fitness_assets.settings import KafkaSettings
from fitness_assets.settings.environment import set_variables

_LANDING, _SECRETS, _AS_OF = "fitness.landing", "fitness.secrets", "fitness.as_of"


@dataclass(frozen=True)
class PipelineConfiguration:
    """Where the records come from.

    Attributes:
        landing: the landing zone, as a path in a volume.
        kafka: the broker, where the secret scope names one; without it records come as files alone.
        as_of: the day ages are counted on.
    """

    landing: str
    kafka: KafkaSettings | None
    as_of: date

    @classmethod
    def read(cls, spark: SparkSession) -> "PipelineConfiguration":
        """The configuration of the pipeline that is being defined.

        Raises:
            SettingError: it lacks the landing zone, its day is none, or the secret scope cannot be read.
        """
        landing = spark.conf.get(_LANDING, "")
        if not landing:
            raise SettingError(f"The pipeline does not know the landing zone. Set {_LANDING} in its configuration.")
        if scope := spark.conf.get(_SECRETS, ""):
            set_variables(read_secrets(spark, scope))
        return cls(landing=landing.rstrip("/"), kafka=KafkaSettings.from_env(), as_of=_day(spark.conf.get(_AS_OF, "")))


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(timezone.utc).date()
    except ValueError:
        raise SettingError(f"{_AS_OF} of the pipeline's configuration is no day: {text}. Write yyyy-MM-dd.") from None
