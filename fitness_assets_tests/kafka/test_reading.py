"""What is due, and what was missed, by how far we are and what the broker holds."""

from fitness_assets.kafka.cluster import Held, Topic
from fitness_assets.kafka.reading import AGED_OUT, CUT_SHORT, RECREATED, Gap, Position, Range, Read, batches, due


def topic(*partitions: tuple[int, int], id_: str = "one") -> dict[str, Topic]:
    return {"bpm": Topic("bpm", id_, {number: Held(*held) for number, held in enumerate(partitions)})}


def at(*offsets: int, id_: str = "one") -> Position:
    return Position({"bpm": Read(id_, dict(enumerate(offsets)))})


def test_a_topic_never_read_is_read_from_its_first_record() -> None:
    todo = due(Position(), topic((0, 5), (7, 9)))
    assert todo.ranges == [Range("bpm", "one", 0, 0, 5), Range("bpm", "one", 1, 7, 9)]
    assert todo.new_gaps == ()


def test_reading_goes_on_where_it_ended() -> None:
    assert due(at(5), topic((0, 9))).ranges == [Range("bpm", "one", 0, 5, 9)]
    assert due(at(9), topic((0, 9))).ranges == []


def test_a_partition_that_was_added_is_read_from_its_beginning() -> None:
    assert due(at(5), topic((0, 5), (0, 3))).ranges == [Range("bpm", "one", 1, 0, 3)]


def test_records_that_aged_out_before_they_were_read_are_a_gap() -> None:
    todo = due(at(5), topic((8, 9)))
    assert todo.ranges == [Range("bpm", "one", 0, 8, 9)]
    assert todo.new_gaps == (Gap("bpm", 0, AGED_OUT, 5, 8),)
    assert "records from offset 5 to 7 (3)" in str(todo.new_gaps[0])


def test_a_topic_made_anew_is_read_from_its_beginning_however_many_records_it_has() -> None:
    for end in (3, 500):
        todo = due(at(5), topic((0, end), id_="two"))
        assert todo.ranges == [Range("bpm", "two", 0, 0, end)]
        assert todo.new_gaps == (Gap("bpm", 0, RECREATED, 5, None),)


def test_a_log_cut_short_is_read_on_from_its_end() -> None:
    todo = due(at(9), topic((0, 6)))
    assert todo.ranges == []
    assert todo.new_gaps == (Gap("bpm", 0, CUT_SHORT, 6, 9),)
    assert todo.position.topics["bpm"].next == {0: 6}


def test_a_gap_is_told_once_and_remembered() -> None:
    again = due(due(at(5), topic((8, 8))).position, topic((8, 8)))
    assert again.new_gaps == ()
    assert again.position.gaps == (Gap("bpm", 0, AGED_OUT, 5, 8),)


def test_a_topic_that_is_gone_is_named() -> None:
    assert due(at(5), {}).gone == ("bpm",)


def test_a_position_survives_being_written_down() -> None:
    position = due(at(5, 2), topic((8, 9), (2, 4))).position
    assert Position.from_json(position.as_json()) == position


def test_batches_are_bounded_and_every_partition_moves_on() -> None:
    ranges = [Range("bpm", "one", 0, 0, 900), Range("bpm", "one", 1, 0, 90), Range("workout", "one", 0, 4, 5)]
    parts = list(batches(ranges, 100))
    assert all(sum(one.records for one in part) <= 100 + len(ranges) for part in parts)
    position = Position()
    for part in parts:
        position = position.after(part)
    assert position.offsets == {("bpm", 0): 900, ("bpm", 1): 90, ("workout", 0): 5}
    assert sum(one.records for part in parts for one in part) == 991
