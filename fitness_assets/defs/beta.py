"""Names of Dagster that are still called beta."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from dagster import BetaWarning


@contextmanager
def beta_allowed() -> Iterator[None]:
    """Dagster's version is pinned, so its beta names stay; without this each load of the definitions would warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BetaWarning)
        yield
