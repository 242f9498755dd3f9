"""How many traps are looked at: a bucket for each source, and one for all of them."""

from __future__ import annotations

from collections import OrderedDict

import msgspec


class TrapLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is let through. A burst is for a PDU whose outlets all change at once."""

    burst: int = 60
    """Traps of one source at once."""
    rate: float = 10.0
    """Traps of one source a second, after that."""
    all_burst: int = 500
    all_rate: float = 200.0
    sources: int = 1024
    """Sources that are told apart; beyond, the one that was silent the longest is forgotten."""


class Bucket:
    """A token bucket."""

    __slots__ = ("_level", "_rate", "_seen_s", "_size")

    def __init__(self, size: int, rate: float, now_s: float) -> None:
        self._size, self._rate = size, rate
        self._level, self._seen_s = float(size), now_s

    def take(self, now_s: float) -> bool:
        """Take one, if there is one."""
        self._level = min(self._size, self._level + (now_s - self._seen_s) * self._rate)
        self._seen_s = now_s
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Throttle:
    """Says of every datagram whether it is looked at. Its size is bounded."""

    def __init__(self, limits: TrapLimits, now_s: float) -> None:
        self._limits = limits
        self._all = Bucket(limits.all_burst, limits.all_rate, now_s)
        self._sources: OrderedDict[str, Bucket] = OrderedDict()
        self._strangers = Bucket(limits.burst, limits.rate, now_s)

    def admits(self, source: str, known: bool, now_s: float) -> bool:
        """Whether a datagram is within the limits.

        Sources that are not known share one bucket: whoever makes up addresses gains nothing, and
        cannot use up what is there for the PDUs.
        """
        bucket = self._of(source, now_s) if known else self._strangers
        return bucket.take(now_s) and self._all.take(now_s)

    def _of(self, source: str, now_s: float) -> Bucket:
        bucket = self._sources.get(source)
        if bucket is None:
            bucket = self._sources[source] = Bucket(self._limits.burst, self._limits.rate, now_s)
            while len(self._sources) > self._limits.sources:
                self._sources.popitem(last=False)
        else:
            self._sources.move_to_end(source)
        return bucket

    def __len__(self) -> int:
        return len(self._sources)
