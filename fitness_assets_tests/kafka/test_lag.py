"""The thresholds of the lag sensor, by records and by age."""

from fitness_assets.kafka.cluster import Cluster, Topic, Watermarks
from fitness_assets.kafka.lag import LagMonitor
from fitness_assets.settings import KafkaSettings


class FakeCluster(Cluster):
    """What the broker would say, without one; the sensor's own tests ask a real one."""

    def __init__(self, high: int, committed: int, low: int = 0) -> None:
        self.high, self.committed_offset, self.low = high, committed, low

    def describe_topics(self, names: object) -> dict[str, Topic]:
        return {"bpm": Topic("bpm", "id", {0: Watermarks(self.low, self.high)})}

    def committed(self, topics: object) -> dict[tuple[str, int], int]:
        return {("bpm", 0): self.committed_offset} if self.committed_offset else {}


def lag_monitor(cluster: Cluster, now: list[float]) -> LagMonitor:
    return LagMonitor(cluster, KafkaSettings(servers="", group="", lag_records=100, lag_seconds=5), lambda: now[0])


def test_many_unread_records_are_over_at_once_and_few_once_they_are_old() -> None:
    now = [0.0]
    many_unread, few_unread = lag_monitor(FakeCluster(100, 0), now), lag_monitor(FakeCluster(50, 49), now)
    assert many_unread.exceeding_offsets(many_unread.measure())
    assert not few_unread.exceeding_offsets(few_unread.measure())
    now[0] = 5.0
    assert few_unread.exceeding_offsets(few_unread.measure())


def test_age_begins_anew_once_all_was_read() -> None:
    now, cluster = [0.0], FakeCluster(50, 49)
    few_unread = lag_monitor(cluster, now)
    few_unread.measure()
    now[0], cluster.committed_offset = 4.0, 50
    assert few_unread.measure()[0].age_seconds == 0
    now[0], cluster.high = 6.0, 51
    assert not few_unread.exceeding_offsets(few_unread.measure())


def test_records_that_aged_out_are_no_lag() -> None:
    assert lag_monitor(FakeCluster(50, 0, low=48), [0.0]).measure()[0].records == 2


def test_lag_is_told_when_it_changed_and_at_most_once_a_minute() -> None:
    now, cluster = [0.0], FakeCluster(50, 49)
    few_unread = lag_monitor(cluster, now)
    assert len(few_unread.lags_to_report(few_unread.measure())) == 1
    cluster.high = 60
    now[0] = 59.0
    assert not few_unread.lags_to_report(few_unread.measure())
    now[0] = 60.0
    assert len(few_unread.lags_to_report(few_unread.measure())) == 1
    now[0] = 180.0
    assert not few_unread.lags_to_report(few_unread.measure())
