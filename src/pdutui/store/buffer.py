"""Readings that are not committed yet: bounded, in order, given back when a write fails."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable

from pdutui.store.layout import Layout, Row

_OVERHEAD = 160
"""Bytes of a row beside its values: the array object, the tuple, the time."""

Taken = dict[str, list[tuple[Layout, Row]]]
"""Rows by PDU, oldest first."""


class RowBuffer:
    """A queue of rows per PDU. Over the limit the oldest row of all is dropped and counted."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._waiting: dict[str, deque[tuple[Layout, Row]]] = {}
        self._taken: Taken = {}
        self._last_ts: dict[str, tuple[int | None, int]] = {}
        self.bytes = 0
        """What the waiting rows take up, about; those that are being written do not count."""
        self.dropped = 0
        """Rows lost to the limit since the start."""

    def add(self, pdu: str, layout: Layout, row: Row) -> int:
        """Take a row in; how many of this PDU now wait.

        Two readings of one PDU in one millisecond would be one row: the second is put into the
        next.
        """
        ts, values = row
        said, used = self._last_ts.get(pdu, (None, 0))
        stored_as = used + 1 if ts == said else ts
        self._last_ts[pdu] = (ts, stored_as)
        queue = self._waiting.get(pdu)
        if queue is None:
            queue = self._waiting[pdu] = deque()
        queue.append((layout, (stored_as, values)))
        self.bytes += _size(values)
        if self.bytes > self._limit:
            self._drop_oldest()
        return len(queue)

    def _drop_oldest(self) -> None:
        while self.bytes > self._limit:
            queue = min((q for q in self._waiting.values() if q), key=lambda q: q[0][1][0])
            _, (_, values) = queue.popleft()
            self.bytes -= _size(values)
            self.dropped += 1

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def pdus(self) -> list[str]:
        """Those with rows waiting."""
        return [pdu for pdu, queue in self._waiting.items() if queue]

    def take(self, most: int) -> Taken:
        """Take about `most` rows out, oldest first, to write them.

        Follow it by `done` or `give_back`, before the next `take`.
        """
        taken: Taken = {}
        pdus = self.pdus()
        share = max(1, most // len(pdus)) if pdus else 0
        for pdu in pdus:
            queue = self._waiting[pdu]
            taken[pdu] = [queue.popleft() for _ in range(min(share, len(queue)))]
            self.bytes -= sum(_size(values) for _, (_, values) in taken[pdu])
        self._taken = taken
        return taken

    def done(self) -> None:
        """What was taken is committed."""
        self._taken = {}

    def give_back(self) -> None:
        """What was taken could not be written: it waits again, in its old place."""
        taken, self._taken = self._taken, {}
        for pdu, rows in taken.items():
            self._waiting[pdu].extendleft(reversed(rows))
            self.bytes += sum(_size(values) for _, (_, values) in rows)
        self._drop_oldest()

    def forget(self, stored: Callable[[str], int | None]) -> None:
        """Drop rows that somebody else has stored: all up to the time he has got to."""
        for pdu, queue in self._waiting.items():
            upto = stored(pdu)
            while upto is not None and queue and queue[0][1][0] <= upto:
                _, (_, values) = queue.popleft()
                self.bytes -= _size(values)

    def since(self, pdu: str, ts: int) -> list[tuple[Layout, Row]]:
        """Rows of a PDU after `ts` that are not known to be committed, oldest first."""
        found: list[tuple[Layout, Row]] = []
        for item in reversed(self._waiting.get(pdu, ())):
            if item[1][0] <= ts:
                break
            found.append(item)
        found.reverse()
        return [item for item in self._taken.get(pdu, ()) if item[1][0] > ts] + found

    def all_of(self, pdu: str) -> list[tuple[Layout, Row]]:
        """Rows of a PDU that are not known to be committed, in the order in which they came."""
        return [*self._taken.get(pdu, ()), *self._waiting.get(pdu, ())]

    def times(self) -> dict[str, tuple[int, int]]:
        """The first and the last moment of what `all_of` gives, of each PDU that has some."""
        found = {}
        for pdu in self._taken.keys() | self._waiting.keys():
            if moments := [ts for _, (ts, _) in self.all_of(pdu)]:
                found[pdu] = (min(moments), max(moments))
        return found


def _size(values: array[int]) -> int:
    return _OVERHEAD + 8 * len(values)
