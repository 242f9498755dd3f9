"""What was folded is remembered while somebody looks at it, and in bounds."""

from __future__ import annotations

from pdutui.store.fold import Rollup
from pdutui.store.rollup_cache import _KEPT_S, RollupCache
from tests.support.clock import ManualClock


def block(steps: int) -> dict[str, Rollup]:
    some = list(range(steps))
    return {"outlet.1.power_w": Rollup(some, some, some, some, some, some)}


def test_what_nobody_asks_for_any_more_is_let_go() -> None:
    clock = ManualClock()
    cache = RollupCache(now_s=clock.monotonic)
    cache.put("looked at", 1, block(10))
    cache.put("left", 1, block(10))
    for _ in range(3):
        clock.advance(_KEPT_S / 2)
        assert cache.get("looked at", 1) is not None
    cache.put("new", 1, block(10))
    assert cache.get("left", 1) is None
    assert cache.get("looked at", 1) is not None
    clock.advance(_KEPT_S + 1)
    cache.put("looked at", 2, block(10))
    assert cache.get("new", 1) is None
    assert cache.get("looked at", 2) is not None


def test_there_is_an_end_to_it() -> None:
    cache = RollupCache(most=600)
    for number in range(50):
        cache.put(number, 1, block(20))
    assert [number for number in range(50) if cache.get(number, 1)] == [45, 46, 47, 48, 49]
    cache.put("more than all", 1, block(101))
    assert cache.get("more than all", 1) is None
    cache.put("fits", 1, block(1))
    assert cache.get("fits", 1) is not None
