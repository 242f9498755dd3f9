"""A profile laid over the rows that one device has: every field with its absolute OIDs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from pdutui.backends.snmp.profile import Column, Near, Profile, Table, Unit, When

SLOW_FIELDS = frozenset(
    {
        "bank",
        "critical_a",
        "firmware",
        "kind",
        "model",
        "name",
        "preferred",
        "rating_a",
        "reboot_off_s",
        "sensitivity",
        "serial",
        "switchable",
        "unit",
        "warning_a",
    }
)
"""Names, ratings, thresholds and wiring: asked about once a minute. The rest: every poll."""

TEXT_FIELDS = frozenset({"name", "model", "serial", "firmware"})
"""An empty text says nothing: the next column is asked."""


class Row(msgspec.Struct, frozen=True):
    """A row of a table as the device numbers it."""

    index: str
    number: int
    branch: int = 0
    """Which of the table's `walk` columns it was found in."""


class Shape(msgspec.Struct, frozen=True):
    """The rows a device has, by table: inlet, bank, outlet, sensor0, sensor1 ..."""

    rows: dict[str, tuple[Row, ...]]
    fallback: frozenset[str] = frozenset()
    """Tables whose rows were found in the profile's fallback."""

    def with_table(self, key: str, other: Shape) -> Shape:
        """The same with one table as `other` has it."""
        fallback = (self.fallback - {key}) | (other.fallback & {key})
        return Shape({**self.rows, key: other.rows[key]}, fallback)


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
    banks: tuple[BoundPart, ...]
    outlets: tuple[BoundPart, ...]
    sensors: tuple[BoundPart, ...]
    ats: BoundPart | None
    sources: tuple[BoundPart, ...]
    ats_exists: str | None
    lost_nominal: str | None

    def parts(self, ats: bool) -> Iterator[BoundPart]:
        """All parts; those of the transfer switch only if `ats`."""
        yield self.identity
        yield from self.inlets
        yield from self.banks
        yield from self.outlets
        yield from self.sensors
        if ats and self.ats is not None:
            yield self.ats
            yield from self.sources


def table_of(profile: Profile, key: str, shape: Shape) -> Table | None:
    """The table behind a key of `Shape.rows`."""
    if key.startswith("sensor"):
        return profile.sensor[int(key.removeprefix("sensor"))]
    if key in shape.fallback:
        return profile.fallback["inlet" if key == "inlet" else "bank"]
    table: Table | None = getattr(profile, key)
    return table


class _Binder:
    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._enums = {
            name: {int(raw): word for raw, word in enum.items()}
            for name, enum in profile.enums.items()
        }

    def absolute(self, oid: str, row: Row | None) -> str:
        full = self._profile.absolute(oid)
        if row is None or "{" not in full:
            return full
        full = full.replace("{i}", row.index).replace("{n}", str(row.number))
        return full.replace("{a}", row.index.partition(".")[0])

    def column(self, name: str, column: Column, row: Row | None) -> BoundColumn:
        fast = column.rate == "fast" if column.rate else name not in SLOW_FIELDS
        number = row.number if row else 0
        unit, when, near = column.unit, column.when, column.near
        if unit is not None:
            unit = msgspec.structs.replace(unit, oid=self.absolute(unit.oid, row))
        if when is not None:
            when = msgspec.structs.replace(when, oid=self.absolute(when.oid, row))
        if near is not None:
            refs = tuple(self.absolute(oid, row) for oid in near.oid)
            near = msgspec.structs.replace(near, oid=refs)
        return BoundColumn(
            oid=self.absolute(column.oid, row),
            fast=fast,
            column=column,
            enum=self._enums[column.enum] if column.enum else None,
            digits=self.absolute(column.digits, row) if column.digits else None,
            valid=tuple(
                BoundValid(
                    oid=self.absolute(v.oid, row),
                    fast=fast and v.rate == "fast",
                    accept=frozenset({*v.is_, number} if v.row else v.is_),
                    refuse=frozenset(v.not_),
                    bit=v.bit,
                    octets=v.octets,
                    required=v.bit is not None if v.required is None else v.required,
                )
                for v in column.valid
            ),
            when=when,
            near=near,
            unit=unit,
            under=self.absolute(column.under, row) if column.under else None,
        )

    def fields(
        self, fields: Mapping[str, tuple[Column, ...]], worst_of: tuple[str, ...], row: Row | None
    ) -> tuple[BoundField, ...]:
        return tuple(
            BoundField(
                name=name,
                columns=tuple(self.column(name, c, row) for c in columns),
                every=name in worst_of or name in TEXT_FIELDS,
            )
            for name, columns in fields.items()
        )

    def table(self, kind: str, key: str, shape: Shape) -> tuple[BoundPart, ...]:
        table = table_of(self._profile, key, shape)
        if table is None:
            return ()
        return tuple(
            BoundPart(
                kind=kind,
                number=row.number,
                fields=self.fields(table.fields, table.worst_of, row),
                const=table.const,
                commands=self._commands(row) if kind == "outlet" else None,
            )
            for row in shape.rows.get(key, ())
        )

    def _commands(self, row: Row) -> BoundCommands | None:
        """The first table of commands that is for the branch that the row was found in."""
        for commands in self._profile.commands:
            if commands.branch is None or commands.branch == row.branch:
                usual = self.absolute(commands.oid, row)
                return BoundCommands(
                    oid=usual,
                    acts={
                        action: BoundAct(usual, act)
                        if isinstance(act, int)
                        else BoundAct(
                            usual if act.oid is None else self.absolute(act.oid, row),
                            None if act.seconds else act.value,
                        )
                        for action, act in commands.actions.items()
                    },
                    needs_answer=commands.needs_answer,
                )
        return None


def bind(profile: Profile, shape: Shape) -> Bound:
    """Lay `profile` over the rows of `shape`."""
    binder = _Binder(profile)
    ats = profile.ats
    return Bound(
        identity=BoundPart(kind="identity", fields=binder.fields(profile.identity, (), None)),
        inlets=binder.table("inlet", "inlet", shape),
        banks=binder.table("bank", "bank", shape),
        outlets=binder.table("outlet", "outlet", shape),
        sensors=tuple(
            part
            for place in range(len(profile.sensor))
            for part in binder.table("sensor", f"sensor{place}", shape)
        ),
        ats=None
        if ats is None
        else BoundPart(kind="ats", fields=binder.fields(ats.fields, ats.worst_of, None)),
        sources=()
        if ats is None
        else tuple(
            BoundPart(kind="source", ident=ident, fields=binder.fields(fields, ats.worst_of, None))
            for ident, fields in sorted(ats.sources.items())
        ),
        ats_exists=None if ats is None else profile.absolute(ats.exists),
        lost_nominal=None if ats is None or ats.lost is None else profile.absolute(ats.lost.oid),
    )
