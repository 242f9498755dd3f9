from __future__ import annotations

import msgspec
import pytest

from pdutui.store.history import HistoryStore

from ..support.clock import ManualClock
from .helpers import reading

KEY = "outlet.1.power_w"


def watts(second: float) -> float:
    return 105.5 + second


@pytest.mark.parametrize("how", ["waiting", "committed", "both"])
async def test_one_value_a_second_with_gaps(
    store: HistoryStore, clock: ManualClock, how: str
) -> None:
    seconds = [0, 1, 2, 6, 7, 8, 9]
    for k in seconds[:4]:
        store.append(reading(k))
    if how != "waiting":
        await store.flush()
    for k in seconds[4:]:
        store.append(reading(k))
    if how == "committed":
        await store.flush()
    clock.advance(9.4)
    trend = (await store.recent("rack1-a", [KEY], 12))[KEY]
    assert trend == [
        None,
        None,
        *map(watts, (0, 1, 2)),
        None,
        None,
        None,
        *map(watts, (6, 7, 8, 9)),
    ]


async def test_jitter_makes_no_gaps(store: HistoryStore, clock: ManualClock) -> None:
    for k in range(20):
        store.append(reading(k + (0.12 if k % 2 else -0.12) + 0.5))
    clock.advance(19.9)
    trend = (await store.recent("rack1-a", [KEY], 18))[KEY]
    assert None not in trend


async def test_null_is_a_gap_and_not_bridged(store: HistoryStore, clock: ManualClock) -> None:
    bare = tuple(msgspec.structs.replace(o, power_w=None) for o in reading(1).outlets)
    store.append(reading(0))
    store.append(msgspec.structs.replace(reading(1), outlets=bare))
    store.append(reading(2))
    clock.advance(2)
    assert (await store.recent("rack1-a", [KEY], 3))[KEY] == [watts(0), None, watts(2)]


async def test_old_values_do_not_pass_for_new_ones(store: HistoryStore, clock: ManualClock) -> None:
    store.append(reading(0))
    clock.advance(5)
    assert (await store.recent("rack1-a", [KEY], 3))[KEY] == [None, None, None]


async def test_slow_polls(store: HistoryStore, clock: ManualClock) -> None:
    for k in (0, 5, 10):
        store.append(reading(k))
    clock.advance(12)
    trend = (await store.recent("rack1-a", [KEY], 12, hold_s=7.5))[KEY]
    assert trend == [watts(0)] * 4 + [watts(5)] * 5 + [watts(10)] * 3


async def test_words_and_units(store: HistoryStore, clock: ManualClock) -> None:
    store.append(reading(0))
    await store.flush()
    keys = ["outlet.5.state", "inlet.1.energy_kwh", "source.B.voltage_v", "outlet.99.power_w"]
    assert await store.recent("rack1-a", keys, 1) == {
        "outlet.5.state": [0.0], "inlet.1.energy_kwh": [1042.345],
        "source.B.voltage_v": [None], "outlet.99.power_w": [None],
    }  # fmt: skip


async def test_nothing_known(store: HistoryStore) -> None:
    assert await store.recent("nobody", [KEY], 4) == {KEY: [None] * 4}
    assert await store.recent("nobody", [], 4) == {}
    with pytest.raises(ValueError, match="no such series"):
        await store.recent("rack1-a", ["outlet.1.colour"], 4)


async def test_a_clock_that_went_back(store: HistoryStore, clock: ManualClock) -> None:
    store.append(reading(60))
    store.append(reading(0))
    assert (await store.recent("rack1-a", [KEY], 2))[KEY] == [None, watts(0)]
