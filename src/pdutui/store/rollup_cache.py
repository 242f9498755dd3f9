"""Rollups that were made a moment ago, for a chart that asks for them again every second.

What is kept stands beside what it was made of (a blob, or how many rows there were), and counts
only while that is the same: an hour that was sealed once more has another blob.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from pdutui.store.fold import Rollup

_MOST_FIGURES = 400_000
"""All in all about 16 MB; the trends of one PDU over all ranges are about as many."""

Blocks = dict[str, Rollup]
"""By key of series."""


class RollupCache:
    """Keeps what was used last. In the reader's thread alone."""

    def __init__(self, most: int = _MOST_FIGURES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Hashable, Blocks, int]] = OrderedDict()
        self._figures = 0

    def get(self, key: Hashable, source: Hashable) -> Blocks | None:
        """What was made of this; None if that is not known (any more)."""
        found = self._kept.get(key)
        if found is None or found[0] != source:
            return None
        self._kept.move_to_end(key)
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
        while self._figures > self._most:
            _, (_, _, gone) = self._kept.popitem(last=False)
            self._figures -= gone
