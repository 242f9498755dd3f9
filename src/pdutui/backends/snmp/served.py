"""Which objects a device of a family answers with, and where each takes its value from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.ber import Oid, parse_oid
from pdutui.backends.snmp.inverse import (
    Encode,
    Field,
    Names,
    Saying,
    absent_value,
    enum_encoder,
    expand,
    number_encoder,
    plain_value,
    zero,
)
from pdutui.backends.snmp.orders import (
    Writable,
    all_writable,
    outlet_writables,
    prefer_writable,
)
from pdutui.backends.snmp.profile import Column, OutletCommands, Profile, Valid, When
from pdutui.backends.snmp.served_rows import Get, Part, Rows, parts_of, top_names
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Reading

Served = Callable[[Reading], SnmpValue]

_SYSTEM = "1.3.6.1.2.1.1"


class _Candidate(NamedTuple):
    """A column of a field that may stand at an OID."""

    column: Column
    get: Get
    names: Names
    told: Get
    """Whether there is such a meter at all is seen by this one."""
    silent: bool
    """It may have no value at the moment, and is there all the same."""
    unknown: int | None
    many: tuple[Column, ...]
    """The field's columns, if it is the worst of them."""
    encode: Encode | None


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
        self.writables: dict[str, Writable] = {}
        """OID -> what can be written there."""
        self.echoes: dict[str, int] = {}
        """OIDs that answer with what was last written there, and with this before."""
        self.command_columns: set[Oid] = set()
        """Object types that take commands."""
        self._profile = profile
        self._model = model
        self._now = reading
        self._without = tuple(f"{profile.absolute(oid)}." for oid in model.spec.without)
        self._names = top_names(reading, model)
        self._fields: dict[str, list[_Candidate]] = {}
        self._chosen: dict[str, list[_Candidate]] = {}
        self._ever: dict[str, bool] = {}
        self._bits: dict[str, list[tuple[int, int, Get]]] = {}
        self._parts = parts_of(profile, model, reading, self._names)
        self._gather()
        self._then_serves()
        self._system()
        self._resolve()

    # -- fields -------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Every field's columns, wherever they may stand. Several can meet in one place."""
        profile = self._profile
        for field, columns in profile.identity.items():
            self._candidates(columns, _attribute(field), self._names)
        for part in self._parts:
            for row in part.rows:
                for field, columns in part.fields:
                    self._candidates(
                        columns, row.get(field), row.names, row.get(_told_by(field)),
                        silent=part.silent, many=field in part.table.worst_of,
                        unknowns=part.unknowns,
                    )  # fmt: skip
        if profile.ats is not None and self._now.ats is not None:
            for field, columns in profile.ats.fields.items():
                self._candidates(columns, _ats_get(field), self._names)
            for ident, fields in profile.ats.sources.items():
                for field, columns in fields.items():
                    many = field in profile.ats.worst_of
                    self._candidates(columns, _source_get(ident, field), self._names, many=many)

    def _candidates(
        self,
        columns: tuple[Column, ...],
        get: Get,
        names: Names,
        told: Get | None = None,
        *,
        silent: bool = False,
        many: bool = False,
        unknowns: dict[str, int] | None = None,
    ) -> None:
        for column in columns:
            candidate = _Candidate(
                column, get, names, told or get, silent, (unknowns or {}).get(column.oid),
                columns if many else (), None if column.enum else number_encoder(column),
            )  # fmt: skip
            self._fields.setdefault(self._oid(column.oid, names), []).append(candidate)
            if self._ever.get(column.oid) is not True:
                self._ever[column.oid] = silent or (told or get)(self._now) is not None

    def _choose(self, oid: str) -> list[_Candidate]:
        """Of the columns that meet at an OID, those that say what it is on this device."""
        chosen = self._chosen.get(oid)
        if chosen is None:
            self._chosen[oid] = []
            meeting = self._fields.get(oid, ()) if self._may_serve(oid) else ()
            there = [c for c in meeting if self._is_there(c)]
            told = [c for c in there if c.get(self._now) is not None]
            if there and all(c.column.enum for c in told or there):
                chosen = [c for c in meeting if c.column.enum and (c in there or not c.column.when)]
            else:
                chosen = (told or there)[:1]
            self._chosen[oid] = chosen
        return chosen

    def _is_there(self, candidate: _Candidate) -> bool:
        """Whether the device has such a meter at all, and has it here."""
        column = candidate.column
        if candidate.get(self._now) is not None:
            return column.when is None or self._holds(column.when, candidate.names)
        if any(v.row or v.module for v in column.valid):
            return False
        if column.enum is not None and "none" in self._profile.enums[column.enum].values():
            return True
        return bool(column.null) or _stays(column.when) or self._ever[column.oid]

    def _holds(self, when: When, names: Names) -> bool:
        raw = self._raw(self._oid(when.oid, names))
        if when.missing:
            return raw is None
        if not isinstance(raw, int) or (when.above is not None and not raw > when.above):
            return False
        return when.equals is None or raw == when.equals

    def _raw(self, oid: str) -> object:
        """What an OID answers now; None if it is not there."""
        chosen = self._choose(oid)
        if chosen:
            return self._field_value(chosen)(self._now).value
        served = self.served.get(oid)
        return None if served is None else served(self._now).value

    def _resolve(self) -> None:
        """Put the fields down, then what stands beside them: some of that is itself a field."""
        fields: dict[str, Served] = {}
        for oid in self._fields:
            chosen = self._choose(oid)
            if chosen:
                fields[oid] = self._field_value(chosen)
                self.objects.update(self._object(c.column.oid) for c in chosen)
        self.served.update(fields)
        for oid in fields:
            for candidate in self._choose(oid):
                self._companions(candidate)
        for part in self._parts:
            for row in part.rows:
                self._row_can_be_found(part, row)

    def _field_value(self, chosen: Sequence[_Candidate]) -> Served:
        first = chosen[0]
        column, get, names = first.column, first.get, first.names
        if first.encode is None:
            return enum_encoder(column, [self._saying(c) for c in chosen])
        encode = first.encode
        companions = [
            (self._oid(v.oid, names), v) for v in column.valid if not v.row and not v.module
        ]

        def served(reading: Reading) -> SnmpValue:
            value = get(reading)
            if value is None and companions:
                denied = any(self._denies(oid, v, reading) for oid, v in companions)
                return zero(column) if denied else absent_value(column)
            return encode(value, names)

        return served

    def _saying(self, candidate: _Candidate) -> Saying:
        enums = self._profile.enums
        return Saying(
            enum=enums[candidate.column.enum or ""],
            get=candidate.get,
            one_of_many=tuple(enums[c.enum or ""] for c in candidate.many),
            unknown=candidate.unknown,
        )

    def _denies(self, oid: str, valid: Valid, reading: Reading) -> bool:
        """Whether a companion, as served, says that the value means nothing."""
        if valid.bit is not None:
            return True
        if oid not in self.served:
            return valid.required is True
        raw = self.served[oid](reading).value
        return raw in valid.not_ or bool(valid.is_ and raw not in valid.is_)

    # -- what stands beside a field -----------------------------------------------------------

    def _companions(self, candidate: _Candidate) -> None:
        column, get, names = candidate.column, candidate.get, candidate.names
        if column.digits is not None:
            self._constant(column.digits, names, SnmpValue("gauge", column.serve_digits))
        if column.unit is not None:
            self._constant(column.unit.oid, names, SnmpValue("integer", column.unit.celsius))
        if column.si_prefix is not None:
            self._constant(column.si_prefix, names, SnmpValue("integer", 9))
        for valid in column.valid:
            oid = self._oid(valid.oid, names)
            if valid.bit is not None:
                self._bits.setdefault(oid, []).append((valid.bit, valid.octets, get))
                self._put(oid, valid.oid, self._bits_of(oid))
            else:
                self._put(oid, valid.oid, _companion(valid, get, names))

    def _bits_of(self, oid: str) -> Served:
        def served(reading: Reading) -> SnmpValue:
            bits = self._bits[oid]
            octets = bytearray(max(octets for _, octets, _ in bits))
            for bit, _, get in bits:
                if get(reading) is not None:
                    octets[bit // 8] |= 0x80 >> bit % 8
            return SnmpValue("string", bytes(octets))

        return served

    # -- what stands there for others to find -------------------------------------------------

    def _then_serves(self) -> None:
        """Counts, indexes, the command columns."""
        profile = self._profile
        self._commands()
        for part in self._parts:
            for row in part.rows:
                self._row_found(part, row)
                for oid, text in part.table.serve.items():
                    self._constant(oid, row.names, plain_value(text, row.names))
        for oid, text in profile.serve.items():
            self._constant(oid, self._names, plain_value(text, self._names))
        if profile.ats is not None and self._now.ats is not None:
            for oid, text in profile.ats.serve.items():
                self._constant(oid, self._names, plain_value(text, self._names))

    def _walked(self, part: Part, row: Rows) -> list[tuple[str, str]]:
        """The walked columns and their OIDs in this row."""
        rows = part.table.rows
        cut = f".{rows.cut}" if rows.cut else ""
        patterns = [f"{c}.{{i}}{cut}" for c in rows.walk if c not in rows.skip_null]
        return [(pattern, self._oid(pattern, row.names)) for pattern in patterns]

    def _serve_walked(self, part: Part, row: Rows, pattern: str) -> None:
        value = plain_value(part.table.rows.serve, row.names)
        if part.table.rows.serve_syntax == "string":
            value = SnmpValue("string", str(value.value).encode())
        self._constant(pattern, row.names, value)

    def _row_can_be_found(self, part: Part, row: Rows) -> None:
        """Where the model has no value for any field that is walked, the rows are there still."""
        walked = self._walked(part, row)
        if walked and not any(oid in self.served for _, oid in walked):
            self._serve_walked(part, row, walked[0][0])

    def _row_found(self, part: Part, row: Rows) -> None:
        """What the walk that finds the rows comes by."""
        rows = part.table.rows
        for pattern, oid in self._walked(part, row):
            if oid not in self._fields:
                self._serve_walked(part, row, pattern)
        if rows.number == "column":
            number = SnmpValue("integer", int(row.names["n"]))
            self._constant(f"{rows.number_column}.{{i}}", row.names, number)
        if rows.module and ":" not in rows.module:
            module = int(row.names["m"]) + rows.module_first - 1
            self._constant(f"{rows.module}.{{i}}", row.names, SnmpValue("integer", module))
        where = rows.where
        if where is not None and not where.absent:
            arcs = str(row.names["i"]).split(".")
            index = arcs if where.arcs is None else arcs[: where.arcs] or ["0"]
            if where.bit is not None:
                octets = bytearray(where.bit // 8 + 1)
                octets[where.bit // 8] |= (0x80 >> where.bit % 8) if where.set else 0
                said = SnmpValue("string", bytes(octets))
            else:
                taken = where.is_[0] if where.is_ else _other_than(where.not_)
                said = SnmpValue("integer", taken)
            self._constant(f"{where.oid}.{'.'.join(index)}", row.names, said)

    # -- commands -----------------------------------------------------------------------------

    def _commands(self) -> None:
        profile, model = self._profile, self._model
        outlets = next((p for p in self._parts if p.table is profile.outlet), None)
        if outlets is not None and outlets.rows and model.spec.actions:
            for commands in profile.commands:
                for row in outlets.rows:
                    self._outlet_commands(commands, row)
            for whole in profile.all_commands:
                module = 1 if model.spec.modules > 1 else None
                self._writable(whole.oid, self._names, all_writable(whole, module))
                self._constant(whole.oid, self._names, SnmpValue("integer", whole.idle))
        if profile.prefer is not None and self._now.ats is not None:
            self._writable(profile.prefer.oid, self._names, prefer_writable(profile.prefer))
            if not self._fields.get(self._oid(profile.prefer.oid, self._names)):
                self._constant(profile.prefer.oid, self._names, SnmpValue("integer", 0))

    def _outlet_commands(self, commands: OutletCommands, row: Rows) -> None:
        for pattern, writable in outlet_writables(commands, row.number).items():
            oid = self._oid(pattern, row.names)
            if not self._may_serve(oid):
                continue
            self._writable(pattern, row.names, writable)
            if commands.echo:
                self._put(oid, pattern, _echo(row.get("state"), commands.echo))
            else:
                if commands.idle is None:
                    self.echoes[oid] = 0
                self._constant(pattern, row.names, SnmpValue("integer", commands.idle or 0))

    def _writable(self, pattern: str, names: Names, writable: Writable) -> None:
        oid = self._oid(pattern, names)
        if self._may_serve(oid):
            self.writables[oid] = writable
            self.command_columns.add(self._object(pattern))

    # -- the system group ---------------------------------------------------------------------

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

    def _may_serve(self, oid: str) -> bool:
        return not oid.startswith(self._without) if self._without else True

    def _constant(self, pattern: str, names: Names, value: SnmpValue) -> None:
        self._put(self._oid(pattern, names), pattern, lambda _: value)

    def _put(self, oid: str, pattern: str, served: Served) -> None:
        if self._may_serve(oid):
            self.objects.add(self._object(pattern))
            self.served.setdefault(oid, served)

    def _object(self, pattern: str) -> Oid:
        """The object type of an OID pattern: what stands before the instance."""
        before, braces, _ = self._profile.absolute(pattern).partition(".{")
        return parse_oid(before) if braces else parse_oid(before)[:-1]


def _told_by(field: str) -> str:
    """Without load there is no power factor, but the meter is there."""
    return "power_w" if field == "power_factor" else field


def _stays(when: When | None) -> bool:
    """Whether a column is there, with zeros, on a device that has not what it measures."""
    return when is not None and not when.missing


def _attribute(field: str) -> Get:
    return lambda reading: getattr(reading, field)


def _ats_get(field: str) -> Get:
    return lambda reading: getattr(reading.ats, field)


def _source_get(ident: str, field: str) -> Get:
    def get(reading: Reading) -> Field:
        sources = reading.ats.sources if reading.ats else ()
        return next((getattr(s, field) for s in sources if s.id == ident), None)

    return get


def _other_than(refused: Sequence[int]) -> int:
    return next(n for n in (1, 0, 2, 3, 4) if n not in refused)


def _companion(valid: Valid, get: Get, names: Names) -> Served:
    if valid.row or valid.module:
        there: int = int(names["n" if valid.row else "m"])
    elif valid.serve is not None:
        there = valid.serve
    else:
        there = valid.is_[0] if valid.is_ else _other_than(valid.not_)
    missing = valid.not_[0] if valid.not_ else next(n for n in range(99) if n not in valid.is_)

    def served(reading: Reading) -> SnmpValue:
        return SnmpValue("integer", missing if get(reading) is None else there)

    return served


def _echo(state: Get, echo: dict[str, int]) -> Served:
    return lambda reading: SnmpValue("integer", echo.get(str(state(reading)), 0))
