"""Real records with bytes cut, doubled, swapped and put in: what a disk, a pipe or a careless program makes of them."""

import json
import random
from collections.abc import Callable
from typing import Any

from fitness_assets_tests.records import NOON, action, reading

_FRAGMENTS = (
    b'"', b"\\", b"{", b"}", b",", b":", b"\0", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\t", b" ", b"-",
    b"NaN", b"Infinity", b"null", b"true", b"1e3", b"1e999", b"0x10", b"00", b".5", b"5.", b"+5", b"1_000", b"[]",
    b"{}", b'"x":1,', b"\\u0000", b"\\ud800", b"9" * 30, b"'", b"//", b"/**/", b",}", b",]", b'\\"', b"\\n", b"e",
)  # fmt: skip


def _plain_line(rng: random.Random) -> bytes:
    if rng.random() < 0.5:
        return reading(rng.randrange(100), NOON + rng.randrange(10**6) / 4, rng.randrange(2000) / 10).encode()
    return action(rng.randrange(100), rng.randrange(5), NOON + rng.random(), rng.choice(["start", "stop"])).encode()


def _event(rng: random.Random) -> tuple[str, dict[str, Any]]:
    time: Any = rng.choice([NOON, NOON + 0.5, NOON + rng.random() * 1e6, -1, 0, 1e11, 253402300799.5, -62135596800])
    number: Any = rng.choice([1, 2**31, 2**63, -5, 0, 1.0, 61.25, 1e300, "7", None, True, [], 10**25])
    small = rng.choice([1, 7, 2**31 - 1, 2**31, number])
    topic = rng.choice(["bpm", "bpm", "workout", "workout", "user_info", "steps", ""])
    if topic == "bpm":
        return topic, {"device_id": rng.choice([1, number]), "time": time, "heartrate": rng.choice([61.2, 0, number])}
    if topic == "workout":
        event = {"user_id": 1, "workout_id": small, "timestamp": time, "action": rng.choice(["start", "stop", "pause"])}
        return topic, event | {"session_id": 3}
    return topic, {"user_id": 1, "update_type": "new", "timestamp": time, "dob": "02/29/2000", "first_name": "Zoë"}


def kafka_line(rng: random.Random) -> bytes:
    """A record as it stands in a file, in one of the forms that producers write."""
    if rng.random() < 0.5:
        return _plain_line(rng)
    separators = rng.choice([(", ", ": "), (",", ":"), (", ", ":")])
    topic, event = _event(rng)
    if rng.random() < 0.1:
        event = dict(rng.sample(sorted(event.items()), len(event)))
    if rng.random() < 0.05:
        event["more"] = rng.choice([1, "x", None, {"a": [1]}])
    value = json.dumps(event, separators=separators, ensure_ascii=rng.random() < 0.8)
    record: dict[str, Any] = {
        "key": rng.choice(["1", "1", 'a"b', None, 5]),
        "value": value,
        "topic": topic,
        "partition": rng.choice([0, 0, "0", 1.0]),
        "offset": rng.choice([7, 2**63, -1]),
        "timestamp": rng.choice([NOON, NOON * 1000, -5, 10**18, "soon", 10**11 - 1, 10**11]),
    }
    return json.dumps(record, separators=separators, ensure_ascii=rng.random() < 0.8).encode()


def csv_line(rng: random.Random) -> bytes:
    """A registration or a visit, whichever it is taken for."""
    fields = [rng.choice(["1", "12", "aa:bb", "", '"a,b"', "1678521600", "1678521600.25", " 5 "]) for _ in range(4)]
    return ",".join(fields).encode()


def mutated(line: bytes, rng: random.Random) -> bytes:
    """A line with a few faults, or none."""
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        line = rng.choice(_MUTATIONS)(line, rng)
    return line.replace(b"\n", b" ").replace(b"\r", b" ")


def _cut(line: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(line) + 1)
    return line[:start] + line[start + rng.choice([1, 1, 3, 10, 1000]) :]


def _double(line: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(line) + 1)
    end = start + rng.choice([1, 5, 40, 1000])
    return line[:end] + line[start:]


def _swap(line: bytes, rng: random.Random) -> bytes:
    if len(line) < 2:
        return line
    one, other = sorted(rng.sample(range(len(line)), 2))
    return line[:one] + line[other : other + 1] + line[one + 1 : other] + line[one : one + 1] + line[other + 1 :]


def _put_in(line: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(line) + 1)
    return line[:start] + rng.choice(_FRAGMENTS) + line[start + rng.choice([0, 0, 1, 4]) :]


def _other_byte(line: bytes, rng: random.Random) -> bytes:
    if not line:
        return line
    start = rng.randrange(len(line))
    return line[:start] + bytes([rng.randrange(256)]) + line[start + 1 :]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _double, _swap, _put_in, _other_byte)
