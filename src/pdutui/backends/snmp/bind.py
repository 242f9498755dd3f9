"""A profile laid over the rows that one device has: every field with its absolute OIDs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pdutui.backends.snmp.bound import (
    TEXT_FIELDS,
    Bound,
    BoundAct,
    BoundColumn,
    BoundCommands,
    BoundField,
    BoundPart,
    BoundValid,
    Row,
    Shape,
)
from pdutui.backends.snmp.profile import Act, Column, Profile, Table

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
        "reboot_delay_s",
        "reboot_off_s",
        "sensitivity",
        "serial",
        "switchable",
        "unit",
        "warning_a",
    }
)
"""Names, ratings, thresholds and wiring: asked about once a minute. The rest: every poll."""


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
