"""The rows that a device has, and a profile laid over them, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from pdutui.backends.snmp.profile import Column, Near, Unit, When
from pdutui.backends.snmp.types import RawValue

TEXT_FIELDS = frozenset({"name", "label", "model", "serial", "firmware"})
"""An empty text says nothing: the next column is asked."""


MODULE_STEP = 1000
"""Row n of module m > 1 has the number m x this + n."""


class Row(msgspec.Struct, frozen=True):
    """A row of a table as the device numbers it."""

    index: str
    number: int
    """Within its module."""
    branch: int = 0
    """Which of the table's `walk` columns it was found in, counted on through the fallbacks."""
    module: int = 1
    proof: tuple[tuple[str, int], ...] = ()
    """What the device must still answer for this index to be this row: OID and integer. Tables that
    are flat over a chain give an index to another unit's outlet when a unit goes."""

    @property
    def unique(self) -> int:
        """Its number in the Reading."""
        return self.number if self.module == 1 else MODULE_STEP * self.module + self.number


class Shape(msgspec.Struct, frozen=True):
    """The rows a device has, by table: inlet, phase, bank, outlet, sensor0, sensor1 ..."""

    rows: dict[str, tuple[Row, ...]]
    fallback: dict[str, int] = {}
    """Tables whose rows were found in one of the profile's fallbacks, and in which."""

    def with_table(self, key: str, other: Shape) -> Shape:
        """The same with one table as `other` has it."""
        fallback = {k: place for k, place in self.fallback.items() if k != key}
        if key in other.fallback:
            fallback[key] = other.fallback[key]
        return Shape({**self.rows, key: other.rows[key]}, fallback)

    @property
    def chained(self) -> bool:
        """Whether the rows are of more than one unit."""
        return any(
            row.module > 1
            for key in ("inlet", "phase", "bank", "outlet")
            for row in self.rows.get(key, ())
        )

    def proofs(self) -> tuple[tuple[str, int], ...]:
        """One row of each unit by which every poll sees whether the rows are still the same.

        The last row of each: whatever unit comes or goes before it, that one moves. One table is
        enough, since a unit is in all of them or in none.
        """
        for key in ("outlet", "bank", "phase", "inlet"):
            last = {row.module: row.proof for row in self.rows.get(key, ()) if row.proof}
            if last:
                return tuple(item for proof in last.values() for item in proof)
        return ()


class BoundValid(msgspec.Struct, frozen=True):
    """A validity companion with its absolute OID."""

    oid: str
    fast: bool
    accept: frozenset[int] = frozenset()
    refuse: frozenset[int] = frozenset()
    bit: int | None = None
    octets: int = 1
    required: bool = False


class BoundColumn(msgspec.Struct, frozen=True):
    """A column of one row with absolute OIDs."""

    oid: str
    fast: bool
    column: Column
    enum: Mapping[int, str] | None = None
    digits: str | None = None
    si_prefix: str | None = None
    valid: tuple[BoundValid, ...] = ()
    when: When | None = None
    near: Near | None = None
    unit: Unit | None = None
    under: str | None = None

    def companions(self) -> Iterator[tuple[str, bool]]:
        """The further OIDs that the value needs, and whether each is asked in every poll."""
        for valid in self.valid:
            yield valid.oid, valid.fast
        if self.digits is not None:
            yield self.digits, False
        if self.si_prefix is not None:
            yield self.si_prefix, False
        if self.unit is not None:
            yield self.unit.oid, False
        if self.near is not None:
            yield from ((oid, False) for oid in self.near.oid)


class BoundField(msgspec.Struct, frozen=True):
    """A field of one row and where it may stand, in order of preference."""

    name: str
    columns: tuple[BoundColumn, ...]
    every: bool = False
    """All columns that answer are asked, not only the first."""


class BoundAct(msgspec.Struct, frozen=True):
    """What is written for one action."""

    oid: str
    value: int | None
    """None: the delay in seconds, as asked for."""
    countdown: tuple[str, ...] = ()
    """Instead of `oid`: the columns to choose from by their values."""

    def target(self, values: Mapping[str, RawValue]) -> str | None:
        """The OID to write to; None if it depends on what is pending, and nothing is."""
        if not self.countdown:
            return self.oid
        left = [(raw, oid) for oid in self.countdown if isinstance(raw := values.get(oid), int)]
        return min(((raw, oid) for raw, oid in left if raw >= 0), default=(0, None))[1]


class BoundCommands(msgspec.Struct, frozen=True):
    """How one outlet is switched."""

    oid: str
    """Whether the device answers it decides on `switchable`."""
    acts: Mapping[str, BoundAct]
    needs_answer: bool = True


class BoundPart(msgspec.Struct, frozen=True):
    """One part of the Reading: a row of a table, the identity, the switch or one of its sources."""

    kind: str
    number: int = 0
    """In the Reading."""
    row: Row | None = None
    module: int | None = None
    """Only in a chain."""
    default_name: str = ""
    ident: str = ""
    fields: tuple[BoundField, ...] = ()
    const: Mapping[str, str] = {}
    commands: BoundCommands | None = None
    """Outlets: how it is switched."""

    def field(self, name: str) -> BoundField | None:
        """The field of that name, if the profile has it."""
        return next((f for f in self.fields if f.name == name), None)


class Bound(msgspec.Struct, frozen=True):
    """A whole profile laid over a shape."""

    identity: BoundPart
    inlets: tuple[BoundPart, ...]
    phases: tuple[BoundPart, ...]
    banks: tuple[BoundPart, ...]
    outlets: tuple[BoundPart, ...]
    sensors: tuple[BoundPart, ...]
    ats: BoundPart | None
    sources: tuple[BoundPart, ...]
    ats_exists: str | None
    lost_nominal: str | None
    all_commands: tuple[BoundCommands, ...] = ()
    """Of all outlets at once: those that may be offered, in order of preference."""
    prefer: BoundCommands | None = None
    proofs: tuple[tuple[str, int], ...] = ()

    def parts(self, ats: bool) -> Iterator[BoundPart]:
        """All parts; those of the transfer switch only if `ats`."""
        yield self.identity
        yield from self.inlets
        yield from self.phases
        yield from self.banks
        yield from self.outlets
        yield from self.sensors
        if ats and self.ats is not None:
            yield self.ats
            yield from self.sources
