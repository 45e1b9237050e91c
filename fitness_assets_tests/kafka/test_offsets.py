"""What is to be read, and what was missed, by how far we are and what the broker holds."""

from fitness_assets.kafka.cluster import Topic, Watermarks
from fitness_assets.kafka.offsets import (
    EXPIRED,
    RECREATED,
    TRUNCATED,
    ConsumedOffsets,
    Gap,
    OffsetRange,
    TopicOffsets,
    plan_reads,
    split_into_batches,
)


def topics(*watermarks: tuple[int, int], topic_id: str = "one") -> dict[str, Topic]:
    """What the broker holds of one topic, a partition each."""
    partitions = {number: Watermarks(low, high) for number, (low, high) in enumerate(watermarks)}
    return {"bpm": Topic("bpm", topic_id, partitions)}


def consumed(*offsets: int, topic_id: str = "one") -> ConsumedOffsets:
    return ConsumedOffsets({"bpm": TopicOffsets(topic_id, dict(enumerate(offsets)))})


def test_a_topic_never_read_is_read_from_its_first_record() -> None:
    plan = plan_reads(ConsumedOffsets(), topics((0, 5), (7, 9)))
    assert plan.ranges == [OffsetRange("bpm", "one", 0, 0, 5), OffsetRange("bpm", "one", 1, 7, 9)]
    assert plan.new_gaps == ()


def test_reading_goes_on_where_it_ended() -> None:
    assert plan_reads(consumed(5), topics((0, 9))).ranges == [OffsetRange("bpm", "one", 0, 5, 9)]
    assert plan_reads(consumed(9), topics((0, 9))).ranges == []


def test_a_partition_that_was_added_is_read_from_its_beginning() -> None:
    assert plan_reads(consumed(5), topics((0, 5), (0, 3))).ranges == [OffsetRange("bpm", "one", 1, 0, 3)]


def test_records_that_aged_out_before_they_were_read_are_a_gap() -> None:
    plan = plan_reads(consumed(5), topics((8, 9)))
    assert plan.ranges == [OffsetRange("bpm", "one", 0, 8, 9)]
    assert plan.new_gaps == (Gap("bpm", 0, EXPIRED, 5, 8),)
    assert "records from offset 5 to 7 (3)" in str(plan.new_gaps[0])


def test_a_topic_made_anew_is_read_from_its_beginning_however_many_records_it_has() -> None:
    for high in (3, 500):
        plan = plan_reads(consumed(5), topics((0, high), topic_id="two"))
        assert plan.ranges == [OffsetRange("bpm", "two", 0, 0, high)]
        assert plan.new_gaps == (Gap("bpm", 0, RECREATED, 5, None),)


def test_a_log_cut_short_is_read_on_from_its_end() -> None:
    plan = plan_reads(consumed(9), topics((0, 6)))
    assert plan.ranges == []
    assert plan.new_gaps == (Gap("bpm", 0, TRUNCATED, 6, 9),)
    assert plan.consumed.topics["bpm"].next_offsets == {0: 6}


def test_a_gap_is_told_once_and_remembered() -> None:
    again = plan_reads(plan_reads(consumed(5), topics((8, 8))).consumed, topics((8, 8)))
    assert again.new_gaps == ()
    assert again.consumed.gaps == (Gap("bpm", 0, EXPIRED, 5, 8),)


def test_a_topic_that_is_gone_is_named() -> None:
    assert plan_reads(consumed(5), {}).missing_topics == ("bpm",)


def test_consumed_offsets_survive_being_written_down() -> None:
    offsets = plan_reads(consumed(5, 2), topics((8, 9), (2, 4))).consumed
    assert ConsumedOffsets.from_json(offsets.as_json()) == offsets


def test_batches_are_bounded_and_every_partition_moves_on() -> None:
    ranges = [
        OffsetRange("bpm", "one", 0, 0, 900),
        OffsetRange("bpm", "one", 1, 0, 90),
        OffsetRange("workout", "one", 0, 4, 5),
    ]
    batches = list(split_into_batches(ranges, 100))
    assert all(sum(part.record_count for part in batch) <= 100 + len(ranges) for batch in batches)
    offsets = ConsumedOffsets()
    for batch in batches:
        offsets = offsets.after(batch)
    assert offsets.by_partition == {("bpm", 0): 900, ("bpm", 1): 90, ("workout", 0): 5}
    assert sum(part.record_count for batch in batches for part in batch) == 991
