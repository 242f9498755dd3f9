"""A profile laid over the rows that one device has: every field with its absolute OIDs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pdutui.backends.snmp.profile import Act, Column, Near, Profile, Table, Unit, When
from pdutui.backends.snmp.types import RawValue

SLOW_FIELDS = frozenset(
    {
        "bank",
        "critical_a",
        "firmware",
        "kind",
        "label",
        "model",
        "name",
        "off_delay_s",
        "on_delay_s",
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


def table_of(profile: Profile, key: str, shape: Shape) -> Table | None:
    """The table behind a key of `Shape.rows`."""
    if key.startswith("sensor"):
        return profile.sensor[int(key.removeprefix("sensor"))]
    if key in shape.fallback:
        tables = next(tables for name, tables in profile.fallback.items() if name == key)
        return tables[shape.fallback[key]]
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
        for word, value in (("{i}", row.index), ("{n}", row.number), ("{m}", row.module)):
            full = full.replace(word, str(value))
        return full.replace("{a}", row.index.partition(".")[0])

    def column(
        self, name: str, column: Column, row: Row | None, *, always: bool = False
    ) -> BoundColumn:
        """A column with absolute OIDs; `always`: no contact that is lost makes it unknown."""
        fast = column.rate == "fast" if column.rate else name not in SLOW_FIELDS
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
            si_prefix=self.absolute(column.si_prefix, row) if column.si_prefix else None,
            valid=self._valid(column, fast, row, always=always),
            when=when,
            near=near,
            unit=unit,
            under=self.absolute(column.under, row) if column.under else None,
        )

    def _valid(
        self, column: Column, fast: bool, row: Row | None, *, always: bool
    ) -> tuple[BoundValid, ...]:
        number, module = (row.number, row.module) if row else (0, 0)
        common = self._profile.valid if fast and not always else ()
        return tuple(
            BoundValid(
                oid=self.absolute(v.oid, row),
                fast=fast and v.rate == "fast",
                accept=frozenset({*v.is_, *[number] * v.row, *[module] * v.module}),
                refuse=frozenset(v.not_),
                bit=v.bit,
                octets=v.octets,
                required=v.bit is not None if v.required is None else v.required,
            )
            for v in (*column.valid, *(v for v in common if v.oid != column.oid))
        )

    def fields(
        self,
        fields: Mapping[str, tuple[Column, ...]],
        worst_of: tuple[str, ...],
        row: Row | None,
        *,
        always: bool = False,
    ) -> tuple[BoundField, ...]:
        return tuple(
            BoundField(
                name=name,
                columns=tuple(self.column(name, c, row, always=always) for c in columns),
                every=name in worst_of or name in TEXT_FIELDS,
            )
            for name, columns in fields.items()
        )

    def table(self, kind: str, key: str, shape: Shape) -> tuple[BoundPart, ...]:
        table = table_of(self._profile, key, shape)
        if table is None:
            return ()
        rows = shape.rows.get(key, ())
        chained = shape.chained
        return tuple(
            BoundPart(
                kind=kind,
                number=row.unique,
                row=row,
                module=row.module if chained else None,
                default_name=_default_name(kind, row, table, rows),
                fields=self.fields(table.fields, table.worst_of, row, always=kind == "sensor"),
                const={name: self._filled(text, row) for name, text in table.const.items()},
                commands=self._commands(row) if kind == "outlet" else None,
            )
            for row in rows
        )

    def _filled(self, text: str, row: Row) -> str:
        return text if "{" not in text else text.replace("{n}", str(row.number))

    def _commands(self, row: Row) -> BoundCommands | None:
        """The first table of commands that is for the branch that the row was found in."""
        for commands in self._profile.commands:
            if commands.branch is None or commands.branch == row.branch:
                usual = self.absolute(commands.oid, row)
                return BoundCommands(
                    oid=usual,
                    acts={
                        action: self._act(usual, act, row)
                        for action, act in commands.actions.items()
                    },
                    needs_answer=commands.needs_answer,
                )
        return None

    def _act(self, usual: str, act: int | Act, row: Row | None) -> BoundAct:
        if isinstance(act, int):
            return BoundAct(usual, act)
        return BoundAct(
            usual if act.oid is None else self.absolute(act.oid, row),
            None if act.seconds else act.value,
            tuple(self.absolute(oid, row) for oid in act.countdown),
        )

    def all_commands(self, shape: Shape) -> tuple[BoundCommands, ...]:
        """The scalars for all outlets: none of a chain, where they would switch a part of it."""
        branches = {row.branch for row in shape.rows.get("outlet", ())}
        if shape.chained or len(branches) != 1:
            return ()
        (branch,) = branches
        return tuple(
            self._scalar(table.oid, {f"all_{name}": n for name, n in table.actions.items()})
            for table in self._profile.all_commands
            if table.branch is None or table.branch == branch
        )

    def prefer(self) -> BoundCommands | None:
        prefer = self._profile.prefer
        if prefer is None:
            return None
        values: dict[str, int | Act] = {
            f"prefer_{ident.lower()}": n for ident, n in prefer.values.items()
        }
        return self._scalar(prefer.oid, values)

    def _scalar(self, oid: str, acts: Mapping[str, int | Act]) -> BoundCommands:
        full = self.absolute(oid, None)
        return BoundCommands(full, {a: self._act(full, act, None) for a, act in acts.items()})


def _default_name(kind: str, row: Row, table: Table, rows: Sequence[Row]) -> str:
    """What a part is called whose device has no name for it."""
    if kind == "inlet":
        return f"I{row.number}"
    if kind == "bank":
        return f"Bank {row.number}"
    if kind != "phase":
        return ""
    stride = table.rows.stride
    if not stride or not any(r.module == row.module and r.number > stride for r in rows):
        return f"L{row.number}"
    inlet, line = divmod(row.number - 1, stride)
    return f"I{inlet + 1} L{line + 1}"


def bind(profile: Profile, shape: Shape) -> Bound:
    """Lay `profile` over the rows of `shape`."""
    binder = _Binder(profile)
    ats = profile.ats
    return Bound(
        identity=BoundPart(
            kind="identity", fields=binder.fields(profile.identity, (), None, always=True)
        ),
        inlets=binder.table("inlet", "inlet", shape),
        phases=binder.table("phase", "phase", shape),
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
        all_commands=binder.all_commands(shape),
        prefer=binder.prefer(),
        proofs=shape.proofs(),
    )
