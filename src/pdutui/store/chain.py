"""The chain of the audit: what a record's hash is, and whether records follow each other.

The hash of a record is SHA-256, in lower-case hexadecimal, over these bytes::

    pdutui audit record 1
    [n,before_hash,uid,time,intent_id,user,ssh_origin,origin,pdu,outlet,outlet_name,action,
     state_from,state_to,outcome,detail,reason,ticket,role,plan,approved_by]

The first line ends in one line feed; it keeps these hashes apart from those of anything else, and
says by which rules they were made. The second is a JSON array in UTF-8 without spaces or a line
feed at its end, of the values exactly as the table has them (the time is text; NULL is `null`).
Python writes the same with `json.dumps(values, ensure_ascii=False, separators=(",", ":"))`, so
anybody can check it with ten lines of their own. JSON marks where a text ends, so that no two
records give the same bytes. `before_hash` of the first record is 64 zeros.

A record's number and the hash of the one before are part of it: to change, insert, swap or take
away a record, every later hash has to be made anew, and then the newest one is another than the
one that was written down elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from pdutui.domain.audit import GENESIS, ChainFault

FIELDS = (
    "uid", "time", "intent_id", "user", "ssh_origin", "origin", "pdu", "outlet", "outlet_name",
    "action", "state_from", "state_to", "outcome", "detail", "reason", "ticket", "role", "plan",
    "approved_by",
)  # fmt: skip
"""Columns that the hash covers, in this order for ever: another order would be other hashes."""
_HEADING = b"pdutui audit record 1\n"
_OPTIONAL = frozenset({"ssh_origin", "state_to", "reason", "ticket", "role", "plan", "approved_by"})
_MOST_FAULTS = 1000
"""Told one by one; of a chain that was made anew every record would be one."""


def digest(n: int, before: str, values: Sequence[Any]) -> str:
    """The hash of a record.

    Args:
        n: Its number.
        before: The hash of the record before.
        values: Of `FIELDS`, as they are stored.

    Raises:
        UnicodeEncodeError: A text is none.
    """
    data = msgspec.json.encode([n, before, *values])
    return hashlib.sha256(_HEADING + data).hexdigest()


def time_of(text: object) -> datetime | None:
    """A stored time; None for what is none."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if found is None or found.tzinfo is None else found


class Walk:
    """Goes along a chain, record by record, and collects what is wrong with it.

    Args:
        loose: Up to this number records may be missing: they went before there was a chain.
    """

    def __init__(self, loose: int = 0) -> None:
        self._loose = loose
        self._kinds: set[tuple[type, ...]] = set()
        """Combinations of types that were found right."""
        self.records = 0
        self.n = 0
        """The number of the newest record so far."""
        self.head = GENESIS
        """Its hash."""
        self.faults: list[ChainFault] = []
        self._more = 0

    def step(self, n: int, values: Sequence[Any], before: Any, hashed: Any) -> None:
        """The next record: its number, the values of `FIELDS`, and its two hashes."""
        when = values[1]
        if n != self.n + 1 and n > self._loose + 1:
            self.missing(self.n + 1, n - 1)
        elif before != self.head:
            prior = f"record {self.n}" if self.n else "the beginning"
            self.fault(
                n, f"record {n} does not follow {prior}: it names another hash before it", when
            )
        if not self._as_stored(n, before, values, hashed):
            self.fault(n, f"record {n} was changed: its hash does not fit what it says", when)
        self.records += 1
        self.n, self.head = n, hashed if isinstance(hashed, str) else ""

    def _as_stored(self, n: int, before: Any, values: Sequence[Any], hashed: Any) -> bool:
        kinds = tuple(map(type, values))
        if kinds not in self._kinds:
            # A BLOB would give the JSON of the text that is its base64.
            if not well_formed(values):
                return False
            self._kinds.add(kinds)
        try:
            return type(before) is str and digest(n, before, values) == hashed
        except UnicodeEncodeError:
            return False

    def missing(self, first: int, last: int, where: str = "") -> None:
        """Records are not there that were."""
        first = max(first, self._loose + 1)
        if first > last:
            return
        which = f"record {first} is" if first == last else f"records {first} to {last} are"
        self.fault(first, f"{which} missing{where}")

    def fault(self, n: int, what: str, time: object = None) -> None:
        """Something is wrong at a record; 0: with the file as a whole."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(ChainFault(n=n, time=time_of(time), what=what))
        else:
            self._more += 1

    @property
    def all_faults(self) -> tuple[ChainFault, ...]:
        """What was found; of very many the first ones, and how many more there are."""
        if not self._more:
            return tuple(self.faults)
        more = ChainFault(n=0, what=f"and {self._more} more")
        return (*self.faults, more)


def well_formed(values: Sequence[Any]) -> bool:
    """Whether the values of `FIELDS` are of the kinds that are stored."""
    return all(_may_be(*one) for one in zip(FIELDS, values, strict=True))


def _may_be(field: str, value: object) -> bool:
    if value is None:
        return field in _OPTIONAL
    return type(value) is (int if field == "outlet" else str)
