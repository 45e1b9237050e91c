"""Java's cache made from an update of sample data, by programs of their own as people start them."""

import sys
import tempfile
from datetime import date
from pathlib import Path

from fitness_assets.engine.jars import jar_folder
from fitness_assets.engine.startup_cache import make_startup_cache
from fitness_assets.sample.history import SampleSize
from fitness_assets.sample.landing_files import write_sample
from fitness_assets.settings import Settings
from fitness_assets.settings.environment import child_environment, variables_with_prefix

_SIZE = SampleSize(users=12, days=1)


def make_cache_from_sample() -> None:
    """Make the cache.

    Raises:
        EngineError: the sample data cannot be brought up to date here, or the cache cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="fitness_prepare_") as folder:
        write_sample(Settings(base_dir=Path(folder), as_of_override=date(2026, 1, 31)).landing_zone, _SIZE)
        program = [sys.executable, "-m", "fitness_assets.cli.main", "run"]
        # Whatever this platform is set to, the sample is brought up to date in its own folder, by an engine of its own.
        others = [*variables_with_prefix("FITNESS_"), *variables_with_prefix("KAFKA_"), "SPARK_REMOTE"]
        jars = {"FITNESS_JARS": str(jar_folder())}
        variables = child_environment({**dict.fromkeys(others), **jars, "FITNESS_BASE_DIR": folder}, secrets=())
        make_startup_cache(program, variables)
