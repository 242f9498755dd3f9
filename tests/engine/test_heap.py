"""glibc is told to share its heaps and to give back what is free; others are left alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pdutui.engine.garbage import ALL_EVERY_S, EVERY_S, SETTLED_AFTER_S, tended
from pdutui.engine.heap import HEAPS, LARGE, TUNED, Heap
from tests.engine.test_garbage import Collected
from tests.support.clock import ManualClock

ON_GLIBC = sys.platform.startswith("linux") and "glibc" in "".join(
    os.confstr(name) or "" for name in ("CS_GNU_LIBC_VERSION",)
)


class Library:
    """A glibc that writes down what it is told."""

    def __init__(self, taken: int = 1) -> None:
        self.told: list[tuple[int, int]] = []
        self.trims = 0
        self._taken = taken

    def mallopt(self, what: int, value: int, /) -> int:
        self.told.append((what, value))
        return self._taken

    def malloc_trim(self, pad: int, /) -> int:
        assert pad == 0
        self.trims += 1
        return 1


def test_heaps_are_shared_and_large_blocks_given_back() -> None:
    library = Library()
    heap = Heap({}, lambda: library)
    heap.give_back()
    assert library.trims == 0, "nothing is touched before it is wanted"
    assert heap.spare()
    # malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
    assert sorted(library.told) == [(-8, HEAPS), (-3, LARGE), (-1, LARGE)]
    heap.give_back()
    assert library.trims == 1


def test_what_is_refused_is_said() -> None:
    library = Library(taken=0)
    assert not Heap({}, lambda: library).spare()
    assert len(library.told) == 3, "each is asked for all the same"


@pytest.mark.parametrize("name", TUNED)
def test_a_glibc_that_somebody_tuned_is_left_alone(name: str) -> None:
    library = Library()
    heap = Heap({name: "1"}, lambda: library)
    assert not heap.spare()
    heap.give_back()
    assert (library.told, library.trims) == ([], 0)


def test_without_a_glibc_nothing_is_done() -> None:
    heap = Heap({}, lambda: None)
    assert not heap.spare()
    heap.give_back()


async def test_memory_goes_back_after_each_full_collection() -> None:
    clock, library = ManualClock(), Library()
    collector = Collected(clock)
    async with tended(clock, collector, lambda: Heap({}, lambda: library)):
        await clock.run(SETTLED_AFTER_S[0] - 1)
        assert library.told == [], "not before the first frame"
        await clock.run(2)
        assert len(library.told) == 3
        await clock.run(sum(SETTLED_AFTER_S) + EVERY_S)
        assert library.trims == 1
        await clock.run(ALL_EVERY_S)
        assert library.trims == ALL_EVERY_S // EVERY_S + 1, "after the one of the day as well"


@pytest.mark.skipif(not ON_GLIBC, reason="this is no glibc")
def test_a_real_glibc_takes_it_and_gives_back_what_is_free() -> None:
    # In a process of its own: what it is told, it is told for good. Every other block is freed,
    # so that nothing lies at the end of the heap, and no block is large enough for its own map.
    code = """if True:
        import os
        from pdutui.engine.heap import LARGE, Heap

        def resident():
            return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")

        heap = Heap({})
        assert heap.spare()
        blocks = [bytearray(LARGE // 2) for _ in range(600)]
        for number in range(0, 600, 2):
            blocks[number] = None
        before = resident()
        heap.give_back()
        print((before - resident()) // (LARGE // 2))
    """
    env = {name: value for name, value in os.environ.items() if name not in TUNED}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert int(done.stdout) > 200
