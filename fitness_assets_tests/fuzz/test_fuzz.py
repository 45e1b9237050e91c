"""A share of the fuzzer: `make fuzz` runs a hundred thousand records, with seeds of its own."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitness_assets.contracts.feeds import GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS, rejection_reasons
from fitness_assets_tests.fuzz.landing import fuzz_file
from fitness_assets_tests.judged import judged, judged_content

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
_NAMES = st.sampled_from(sorted({field.name for fields in TOPICS.values() for field in fields} | {"address", "more"}))
_EVENTS = st.dictionaries(_NAMES, _VALUES, max_size=8)


@pytest.mark.parametrize("seed", range(60))
def test_odd_files(tmp_path: Path, seed: int) -> None:
    fuzz_file(seed, tmp_path, 600)


@settings(max_examples=300, deadline=None)
@given(topic=st.sampled_from([*TOPICS, "other"]), event=_EVENTS)
def test_any_event_is_accepted_or_refused_with_a_reason(topic: str, event: dict[str, object]) -> None:
    line = json.dumps({"key": "1", "value": json.dumps(event), "topic": topic, "partition": 0, "offset": 0})
    (row,) = judged(KAFKA_RECORDS, line).to_pylist()
    assert row["reason"] in (None, *rejection_reasons())
    assert (row["value"], row["topic"]) == (json.dumps(event), topic)


@settings(max_examples=300, deadline=None)
@given(record=_VALUES | st.dictionaries(st.sampled_from(["key", "value", "topic", "timestamp", "more"]), _VALUES))
def test_any_record_too(record: object) -> None:
    (row,) = judged(KAFKA_RECORDS, json.dumps(record)).to_pylist()
    assert row["reason"] in (None, *rejection_reasons())


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_too(content: bytes) -> None:
    for feed in (REGISTERED_USERS, GYM_LOGINS, KAFKA_RECORDS):
        reasons = judged_content(feed, content)["reason"].to_pylist()
        assert reasons and set(reasons) <= {None, *rejection_reasons()}
