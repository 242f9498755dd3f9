"""The audit as it is read back: records in their chain, questions to it, and what a check found."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pdutui.domain.commands import AuditRecord

GENESIS = "0" * 64
"""What stands for the hash before the first record."""


class StoredAudit(msgspec.Struct, frozen=True, kw_only=True):
    """A record and its place in the chain."""

    n: int
    """Its number in the file, from 1."""
    record: AuditRecord
    before: str
    """The hash of the record before, hexadecimal SHA-256."""
    hash: str
    """Of this record and `before`."""


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted; every condition that is given holds."""

    limit: int = 50
    """The newest so many of those that fit."""
    before_n: int | None = None
    """Only those with a smaller number: the page before."""
    since: datetime | None = None
    until: datetime | None = None
    user: str | None = None
    """As it stands, or either name of `root (sudo by alice)`; capitals count."""
    pdu: str | None = None
    outlet: int | None = None
    action: str | None = None
    outcome: str | None = None
    origin: str | None = None
    plan: str | None = None
    ticket: str | None = None
    text: str | None = None
    """In any of its texts, capitals or not."""


class ChainFault(msgspec.Struct, frozen=True, kw_only=True):
    """One place where the chain does not hold."""

    n: int
    time: datetime | None = None
    """None where the record cannot be read, or is not there."""
    what: str
    """`record 17 was changed: its hash does not fit what it says`."""


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of the whole chain found."""

    records: int
    head: str
    """The hash of the newest record: what to compare with a copy kept elsewhere."""
    faults: tuple[ChainFault, ...] = ()
    notes: tuple[str, ...] = ()
    """What is no fault, and has to be known: records older than the chain, a salvaged file."""

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return not self.faults
