"""Another Spark than the one beside Dagster: 4.0, as Databricks Runtime 17.3 LTS and serverless compute have it.

`software` has what it is made of, pinned and made once; `server` is one that speaks Spark Connect. Its catalog is no
Unity Catalog: of the open-source one the registry of the tests has the client alone, neither the server nor what makes
a catalog of Spark of it. So tables have their three names by a catalog of a few lines (`CatalogOfUnity.scala`), which
is Delta's own under another name; what has two names only is not found, as the session's catalog is another one.
"""

from fitness_assets_tests.databricks.fake_workspace.another_spark.server import AnotherSpark
from fitness_assets_tests.databricks.fake_workspace.another_spark.software import MissingSoftwareError

__all__ = ["AnotherSpark", "MissingSoftwareError"]
