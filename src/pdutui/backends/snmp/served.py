"""Which objects a device of a family answers with, and where each takes its value from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.ber import Oid, parse_oid
from pdutui.backends.snmp.inverse import (
    NULL,
    Field,
    Names,
    column_encoder,
    expand,
    plain_value,
    zero,
)
from pdutui.backends.snmp.profile import Column, Profile, Table, Valid
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import Bank, Inlet, Outlet, Reading, Sensor

Served = Callable[[Reading], SnmpValue]
Get = Callable[[Reading], Field]
Row = Inlet | Bank | Outlet | Sensor

_SYSTEM = "1.3.6.1.2.1.1"
_ACTIONS: tuple[OutletAction, ...] = ("on", "off", "reboot")


class _Rows(Protocol):
    def __call__(self, reading: Reading) -> Sequence[Row]: ...


class ServedProfile:
    """The plan of a MIB: every OID with the function that makes its value from a reading.

    Raises:
        ValueError: the profile's `serve` entries speak of something that there is not.
    """

    def __init__(self, profile: Profile, model: MockPdu, reading: Reading) -> None:
        self.served: dict[str, Served] = {}
        """OID -> its value as of a reading."""
        self.objects: set[Oid] = set()
        """Object types: OIDs without their instance."""
        self.commands: dict[str, int] = {}
        """OID of a command column -> number of its outlet."""
        self.command_columns: tuple[Oid, ...] = ()
        self.actions: dict[int, OutletAction] = {}
        """Integer written to a command column -> what it does."""
        self._profile = profile
        self._model = model
        self._now = reading
        self._field_oids: set[str] = set()
        self._bits: dict[str, list[tuple[int, Get]]] = {}
        self._names: dict[str, int | str] = {
            "inlets": len(reading.inlets),
            "banks": len(reading.banks),
            "outlets": len(reading.outlets),
            "metered": sum(o.current_a is not None for o in reading.outlets),
            "nominal_v": round(model.spec.nominal_v),
            "model": reading.model or "",
            "firmware": reading.firmware or "",
        }
        self._fields_first()
        self._then_serves()
        self._system()

    # -- what is served -----------------------------------------------------------------------

    def _fields_first(self) -> None:
        """Every field's columns. Companions come after all of them: some are themselves fields."""
        profile = self._profile
        later: list[tuple[Column, Get, Names]] = []
        for field, columns in profile.identity.items():
            get = _attribute(field)
            later += self._columns(columns, get, self._names, {})
        for table, members, rows in self._tables():
            for place, row in enumerate(members):
                names = self._row_names(table, row, place, len(members))
                for field, columns in self._row_fields(table):
                    get, worst = self._row_get(rows, row, place, field), field in table.worst_of
                    later += self._columns(columns, get, names, _unknowns(table), worst)
        if profile.ats is not None and self._now.ats is not None:
            for field, columns in profile.ats.fields.items():
                later += self._columns(columns, _ats_get(field), self._names, {})
            for ident, fields in profile.ats.sources.items():
                for field, columns in fields.items():
                    get, worst = _source_get(ident, field), field in profile.ats.worst_of
                    later += self._columns(columns, get, self._names, {}, worst)
        for column, get, names in later:
            self._companions(column, get, names)

    def _tables(self) -> list[tuple[Table, Sequence[Row], _Rows]]:
        profile, now = self._profile, self._now
        out: list[tuple[Table, Sequence[Row], _Rows]] = []
        if profile.inlet:
            out.append((profile.inlet, now.inlets, lambda r: r.inlets))
        if profile.bank:
            out.append((profile.bank, now.banks, lambda r: r.banks))
        if profile.outlet:
            out.append((profile.outlet, now.outlets, lambda r: r.outlets))
        left = list(now.sensors)
        for table in profile.sensor:
            mine = [s for s in left if _takes(profile, table, s)]
            left = [s for s in left if s not in mine]
            places = [place for place, s in enumerate(now.sensors) if s in mine]
            out.append((table, mine, _sensors_at(places)))
        return out

    def _row_fields(self, table: Table) -> list[tuple[str, tuple[Column, ...]]]:
        """A table's fields, without those of a branch that a device with a newer one leaves out."""
        walk, skipped = table.rows.walk, table.rows.skip_null
        out = []
        for field, columns in table.fields.items():
            if skipped and len(columns) == len(walk):
                columns = tuple(c for c, w in zip(columns, walk, strict=True) if w not in skipped)
            out.append((field, columns))
        return out

    def _row_names(self, table: Table, row: Row, place: int, count: int) -> Names:
        number = place + 1 if isinstance(row, Sensor) else row.number
        names: dict[str, int | str] = {**self._names, "n": number, "rows": count}
        names["i"] = str(expand(table.rows.index, names))
        return names

    def _row_get(self, rows: _Rows, row: Row, place: int, field: str) -> Get:
        if field == "reboot_off_s":
            return lambda _: self._model.relays.reboot_off_s
        if not hasattr(row, field):
            return lambda _: None
        return lambda reading: getattr(rows(reading)[place], field)

    def _columns(
        self,
        columns: tuple[Column, ...],
        get: Get,
        names: Names,
        unknowns: Mapping[str, int],
        worst: bool = False,
    ) -> list[tuple[Column, Get, Names]]:
        added = []
        for column in columns:
            if self._has_not(column, get):
                continue
            oid = self._oid(column.oid, names)
            encode = column_encoder(
                self._profile, column, unknown=unknowns.get(column.oid), one_of_many=worst
            )
            self._put(oid, column.oid, self._value_of(column, get, names, encode))
            self._field_oids.add(oid)
            added.append((column, get, names))
        return added

    def _has_not(self, column: Column, get: Get) -> bool:
        """Whether the device has no such meter at all, and so no such column."""
        if get(self._now) is not None:
            return False
        if any(v.row for v in column.valid):
            return True
        return "{i}" in column.oid and column.digits is not None and not self._ever(column)

    def _ever(self, column: Column) -> bool:
        """Whether any row has a value in this column. Sensors may all be silent at the moment."""
        for table, members, _ in self._tables():
            for field, columns in table.fields.items():
                if column in columns:
                    told_by = "power_w" if field == "power_factor" else field
                    return table in self._profile.sensor or any(
                        getattr(member, told_by, None) is not None for member in members
                    )
        return False

    def _value_of(
        self, column: Column, get: Get, names: Names, encode: Callable[[Field, Names], SnmpValue]
    ) -> Served:
        companions = [(self._oid(v.oid, names), v) for v in column.valid if not v.row]

        def served(reading: Reading) -> SnmpValue:
            value = get(reading)
            if value is None and companions:
                denied = any(self._denies(oid, v, reading) for oid, v in companions)
                return zero(column) if denied else NULL
            return encode(value, names)

        return served

    def _denies(self, oid: str, valid: Valid, reading: Reading) -> bool:
        """Whether a companion, as served, says that the value means nothing."""
        raw = self.served[oid](reading).value
        if valid.bit is not None:
            return True
        return raw in valid.not_ or bool(valid.is_ and raw not in valid.is_)

    def _companions(self, column: Column, get: Get, names: Names) -> None:
        for oid, digits in ((column.digits, column.serve_digits),):
            if oid is not None:
                self._constant(oid, names, SnmpValue("gauge", digits))
        if column.unit is not None:
            self._constant(column.unit.oid, names, SnmpValue("integer", column.unit.celsius))
        for valid in column.valid:
            oid = self._oid(valid.oid, names)
            if oid in self._field_oids:
                continue
            if valid.bit is not None:
                self._bits.setdefault(oid, []).append((valid.bit, get))
                self._put(oid, valid.oid, self._bits_of(oid))
            else:
                self._put(oid, valid.oid, _companion(valid, get, names))

    def _bits_of(self, oid: str) -> Served:
        def served(reading: Reading) -> SnmpValue:
            octet = 0
            for bit, get in self._bits[oid]:
                octet |= 0 if get(reading) is None else 0x80 >> bit
            return SnmpValue("string", bytes((octet,)))

        return served

    def _then_serves(self) -> None:
        """What stands there for others to find: counts, indexes, the command column."""
        profile = self._profile
        self._command_column()
        for table, members, _ in self._tables():
            for place, row in enumerate(members):
                names = self._row_names(table, row, place, len(members))
                for column in table.rows.walk:
                    if column not in table.rows.skip_null:
                        self._constant(
                            f"{column}.{{i}}", names, plain_value(table.rows.serve, names)
                        )
                for oid, text in table.serve.items():
                    self._constant(oid, names, plain_value(text, names))
        for oid, text in profile.serve.items():
            self._constant(oid, self._names, plain_value(text, self._names))
        if profile.ats is not None and self._now.ats is not None:
            for oid, text in profile.ats.serve.items():
                self._constant(oid, self._names, plain_value(text, self._names))

    def _command_column(self) -> None:
        profile = self._profile
        if profile.outlet is None:
            return
        prefixes = []
        for commands in profile.commands:
            for action in _ACTIONS:
                integer = commands.actions.get(action)
                if isinstance(integer, int):
                    self.actions[integer] = action
            prefixes.append(_object(profile.absolute(commands.oid)))
            for place, row in enumerate(self._now.outlets):
                names = self._row_names(profile.outlet, row, place, len(self._now.outlets))
                oid = self._oid(commands.oid, names)
                self.commands[oid] = row.number
                self._put(oid, commands.oid, _echo(place, commands.echo))
        self.command_columns = tuple(prefixes)

    def _system(self) -> None:
        profile, now = self._profile, self._now
        descr = expand(profile.sys_descr or profile.title, self._names)
        sys_object_id = profile.sys_object_id or profile.recognise.sys_object_id[0]
        for arc, value in (
            (1, SnmpValue("string", str(descr).encode())),
            (2, SnmpValue("oid", sys_object_id)),
            (4, SnmpValue("string", b"")),
            (5, SnmpValue("string", (now.name or "").encode())),
            (6, SnmpValue("string", b"")),
            (7, SnmpValue("integer", 72)),
        ):
            self._constant(f"{_SYSTEM}.{arc}.0", self._names, value)
        self._put(
            f"{_SYSTEM}.3.0",
            f"{_SYSTEM}.3.0",
            lambda r: SnmpValue("timeticks", 100 * (r.uptime_s or 0) % 2**32),
        )

    # -- putting it down ----------------------------------------------------------------------

    def _oid(self, pattern: str, names: Names) -> str:
        return str(expand(self._profile.absolute(pattern), names))

    def _constant(self, pattern: str, names: Names, value: SnmpValue) -> None:
        self._put(self._oid(pattern, names), pattern, lambda _: value)

    def _put(self, oid: str, pattern: str, served: Served) -> None:
        self.objects.add(_object(self._profile.absolute(pattern)))
        self.served.setdefault(oid, served)


def _object(pattern: str) -> Oid:
    """The object type of an OID pattern: what stands before the instance."""
    before, braces, _ = pattern.partition(".{")
    return parse_oid(before) if braces else parse_oid(pattern)[:-1]


def _attribute(field: str) -> Get:
    return lambda reading: getattr(reading, field)


def _ats_get(field: str) -> Get:
    return lambda reading: getattr(reading.ats, field)


def _source_get(ident: str, field: str) -> Get:
    def get(reading: Reading) -> Field:
        sources = reading.ats.sources if reading.ats else ()
        return next((getattr(s, field) for s in sources if s.id == ident), None)

    return get


def _sensors_at(places: list[int]) -> _Rows:
    return lambda reading: [reading.sensors[place] for place in places]


def _takes(profile: Profile, table: Table, sensor: Sensor) -> bool:
    """Whether a sensor belongs in a table of sensors: by its kind."""
    kind = table.const.get("kind")
    if kind is not None:
        return sensor.kind == kind
    enums = [c.enum for c in table.fields.get("kind", ()) if c.enum is not None]
    return any(sensor.kind in profile.enums[enum].values() for enum in enums)


def _unknowns(table: Table) -> dict[str, int]:
    """Column -> its integer for: not known. It is the one that voids the values beside it."""
    return {
        valid.oid: valid.not_[0]
        for columns in table.fields.values()
        for column in columns
        for valid in column.valid
        if valid.not_ and valid.rate == "fast"
    }


def _companion(valid: Valid, get: Get, names: Names) -> Served:
    if valid.row:
        there: int = int(names["n"])
    elif valid.serve is not None:
        there = valid.serve
    else:
        there = valid.is_[0] if valid.is_ else 0
    missing = valid.not_[0] if valid.not_ else next(n for n in range(99) if n not in valid.is_)

    def served(reading: Reading) -> SnmpValue:
        return SnmpValue("integer", missing if get(reading) is None else there)

    return served


def _echo(place: int, echo: Mapping[str, int]) -> Served:
    return lambda reading: SnmpValue("integer", echo.get(reading.outlets[place].state, 0))
