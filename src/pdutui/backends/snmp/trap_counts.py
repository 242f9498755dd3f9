"""What a trap listener has met, counted. All of it is bounded."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

import msgspec

STRANGERS_KEPT = 64


class Stranger(msgspec.Struct, frozen=True, kw_only=True):
    """A sender whose traps do not count."""

    address: str
    count: int
    oid: str
    """The last trap's; empty for one that could not be read."""
    why: str
    """`unknown sender`, `wrong community`, ..."""
    last: datetime


class TrapCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counters since the start."""

    received: int = 0
    """Datagrams, whatever was in them."""
    accepted: int = 0
    """Traps and informs that became an event."""
    untrusted: int = 0
    """From unknown senders, or with wrong credentials."""
    malformed: int = 0
    """No trap at all, or too long for one."""
    dropped: int = 0
    """Not looked at: too many at once."""
    duplicates: int = 0
    """Informs that came again."""
    answered: int = 0
    """Informs that were answered."""
    strangers: tuple[Stranger, ...] = ()
    """The senders that do not count, newest last."""


class Tally:
    """Keeps the counters."""

    def __init__(self) -> None:
        self.received = self.accepted = self.untrusted = self.malformed = 0
        self.dropped = self.duplicates = self.answered = 0
        self._strangers: OrderedDict[str, Stranger] = OrderedDict()

    def stranger(self, address: str, oid: str, why: str, now: datetime) -> Stranger:
        """Note a sender that does not count."""
        self.untrusted += 1
        before = self._strangers.pop(address, None)
        one = Stranger(
            address=address,
            count=1 if before is None else before.count + 1,
            oid=oid or ("" if before is None else before.oid),
            why=why,
            last=now,
        )
        self._strangers[address] = one
        while len(self._strangers) > STRANGERS_KEPT:
            self._strangers.popitem(last=False)
        return one

    def counts(self) -> TrapCounts:
        """All of it, as it stands."""
        return TrapCounts(
            received=self.received,
            accepted=self.accepted,
            untrusted=self.untrusted,
            malformed=self.malformed,
            dropped=self.dropped,
            duplicates=self.duplicates,
            answered=self.answered,
            strangers=tuple(self._strangers.values()),
        )
