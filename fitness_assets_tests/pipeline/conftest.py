import pytest

from fitness_assets.live.broker.server import Broker
from fitness_assets_tests.pipeline.kafka_platform import KafkaPlatform
from fitness_assets_tests.platform import Platform


@pytest.fixture
def kafka(platform: Platform, empty_broker: Broker) -> KafkaPlatform:
    return KafkaPlatform(platform, empty_broker)
