"""The thresholds of the lag sensor, by records and by age."""

from fitness_assets.kafka.cluster import Cluster, Held, Topic
from fitness_assets.kafka.lag import LagWatch
from fitness_assets.kafka.settings import KafkaSettings


class StillCluster(Cluster):
    """What the broker would say, without one; the sensor's own tests ask a real one."""

    def __init__(self, end: int, read: int, first: int = 0) -> None:
        self.end, self.read, self.first = end, read, first

    def topics(self, names: object) -> dict[str, Topic]:
        return {"bpm": Topic("bpm", "id", {0: Held(self.first, self.end)})}

    def committed(self, topics: object) -> dict[tuple[str, int], int]:
        return {("bpm", 0): self.read} if self.read else {}


def watch(cluster: Cluster, now: list[float]) -> LagWatch:
    return LagWatch(cluster, KafkaSettings("", "", lag_records=100, lag_seconds=5), lambda: now[0])


def test_many_unread_records_are_over_at_once_and_few_once_they_are_old() -> None:
    now = [0.0]
    many, few = watch(StillCluster(100, 0), now), watch(StillCluster(50, 49), now)
    assert many.over(many.look())
    assert not few.over(few.look())
    now[0] = 5.0
    assert few.over(few.look())


def test_age_begins_anew_once_all_was_read() -> None:
    now, cluster = [0.0], StillCluster(50, 49)
    few = watch(cluster, now)
    few.look()
    now[0], cluster.read = 4.0, 50
    assert few.look()[0].seconds == 0
    now[0], cluster.end = 6.0, 51
    assert not few.over(few.look())


def test_records_that_aged_out_are_no_lag() -> None:
    assert watch(StillCluster(50, 0, first=48), [0.0]).look()[0].records == 2


def test_lag_is_told_when_it_changed_and_at_most_once_a_minute() -> None:
    now, cluster = [0.0], StillCluster(50, 49)
    few = watch(cluster, now)
    assert len(few.worth_telling(few.look())) == 1
    cluster.end = 60
    now[0] = 59.0
    assert not few.worth_telling(few.look())
    now[0] = 60.0
    assert len(few.worth_telling(few.look())) == 1
    now[0] = 180.0
    assert not few.worth_telling(few.look())
