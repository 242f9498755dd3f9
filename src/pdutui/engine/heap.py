"""Memory that is free goes back to the system, in a process that runs for months.

Small objects are Python's business. What is longer than 512 bytes (pages of a database, tables,
blocks that are unpacked) comes from the C library, and glibc is made for programs that are fast for
a minute. Each thread gets a heap of its own, up to eight for each core, and what is free in one of
them is of no use to another; a console has a dozen threads. And after the first large block that is
freed, blocks as large are no longer given back: the limit goes up with them, to 64 MB. Half of what
such a console had from the C library was free, and it became more for days.

So threads that come later share the heaps there are, large blocks are given back at once, and with
a full collection of garbage so is every page within a heap on which nothing is left.

Other C libraries are left alone, and so is glibc where somebody has tuned it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Protocol, cast

HEAPS = 2
"""So many, if there are not more already when it is set."""
LARGE = 128 * 1024
"""Blocks of so many bytes are mapped each for itself; that much may lie free at the end of a heap.
It is what glibc begins with; to set it is what keeps it there."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
TUNED = ("GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
"""Any of these in the environment: somebody has."""


class Glibc(Protocol):
    """The part of glibc that is used."""

    def mallopt(self, what: int, value: int, /) -> int:
        """Tune it; 0 where that was refused."""
        ...

    def malloc_trim(self, pad: int, /) -> int:
        """Give back pages that are free; whether there were any."""
        ...


class Heap:
    """The memory that glibc gives out to this process.

    Args:
        environ: says whether somebody has tuned it: then it is left alone.
        find: finds glibc; for tests.
    """

    def __init__(
        self, environ: Mapping[str, str], find: Callable[[], Glibc | None] | None = None
    ) -> None:
        self._tuned = any(environ.get(name) for name in TUNED)
        self._find = find or _found
        self._glibc: Glibc | None = None

    def spare(self) -> bool:
        """Have it shared and given back from now on; the earlier, the fewer heaps there are.

        Returns:
            Whether that was done.
        """
        self._glibc = None if self._tuned else self._find()
        if self._glibc is None:
            return False
        wanted = ((_M_ARENA_MAX, HEAPS), (_M_MMAP_THRESHOLD, LARGE), (_M_TRIM_THRESHOLD, LARGE))
        taken = [self._glibc.mallopt(what, value) for what, value in wanted]
        return all(taken)

    def give_back(self) -> None:
        """Give pages on which nothing is left back to the system: a millisecond or two."""
        if self._glibc is not None:
            self._glibc.malloc_trim(0)


def _found() -> Glibc | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes  # here, as it costs a first frame some milliseconds

        found = ctypes.CDLL(None)
        names = ("gnu_get_libc_version", "mallopt", "malloc_trim")
        known = all(hasattr(found, name) for name in names)
    except (ImportError, OSError, MemoryError):  # the last where no memory may be made executable
        return None
    return cast(Glibc, found) if known else None
