from collections.abc import Iterator

import pytest

from fitness_assets.live.broker import Broker
from fitness_assets_tests.pipeline.desk import Desk
from fitness_assets_tests.platform import Platform


@pytest.fixture
def desk(platform: Platform, broker: Broker) -> Iterator[Desk]:
    desk = Desk(platform, broker)
    left = [name for name in desk.admin.list_topics(timeout=10).topics if not name.startswith("__")]
    if left:
        desk.drop(*left)
    yield desk
