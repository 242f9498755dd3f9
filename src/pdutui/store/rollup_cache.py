"""Rollups that were made a moment ago, for a chart that asks for them again every second.

What is kept stands beside what it was made of (a blob, or how many rows there were), and counts
only while that is the same: an hour that was sealed once more has another blob.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from pdutui.store.fold import Rollup

_MOST_FIGURES = 400_000
"""All in all about 16 MB; the trends of one PDU over all ranges are about as many."""
_KEPT_S = 900.0
"""What nobody has asked for that long is let go, when something else is kept: a chart that is
looked at asks again and again, and on a wall nobody looks at one for weeks."""

Blocks = dict[str, Rollup]
"""By key of series."""


class RollupCache:
    """Keeps what was used last. In the reader's thread alone.

    Args:
        most: So many figures at the most.
        now_s: The monotonic time; without it nothing is too old.
    """

    def __init__(self, most: int = _MOST_FIGURES, now_s: Callable[[], float] = lambda: 0.0) -> None:
        self._most = most
        self._now_s = now_s
        self._kept: OrderedDict[Hashable, tuple[Hashable, Blocks, int]] = OrderedDict()
        self._used_s: dict[Hashable, float] = {}
        self._figures = 0

    def get(self, key: Hashable, source: Hashable) -> Blocks | None:
        """What was made of this; None if that is not known (any more)."""
        found = self._kept.get(key)
        if found is None or found[0] != source:
            return None
        self._kept.move_to_end(key)
        self._used_s[key] = self._now_s()
        return found[1]

    def put(self, key: Hashable, source: Hashable, blocks: Blocks) -> None:
        """Keep what was made of something, in the place of what was kept for this key."""
        if not self._most:
            return
        was = self._kept.pop(key, None)
        self._figures -= 0 if was is None else was[2]
        count = 6 * sum(len(block.at) for block in blocks.values())
        self._kept[key] = (source, blocks, count)
        self._figures += count
        now_s = self._used_s[key] = self._now_s()
        while self._kept and (self._figures > self._most or self._is_old(now_s)):
            oldest, (_, _, gone) = self._kept.popitem(last=False)
            del self._used_s[oldest]
            self._figures -= gone

    def _is_old(self, now_s: float) -> bool:
        return now_s - self._used_s[next(iter(self._kept))] > _KEPT_S
