"""The columns of a profile's fields on one model: which of them it has, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pdutui.backends.snmp.inverse import (
    Encode,
    Field,
    Names,
    Saying,
    absent_value,
    enum_encoder,
    number_encoder,
    zero,
)
from pdutui.backends.snmp.profile import Column, Profile, Rows, Valid, When
from pdutui.backends.snmp.served_plan import MibPlan, Served
from pdutui.backends.snmp.served_rows import Get, Part
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Reading


class Candidate(NamedTuple):
    """A column of a field that may stand at an OID."""

    column: Column
    get: Get
    names: Names
    told: Get
    """Whether there is such a meter at all is seen by this one."""
    unknown: int | None
    many: tuple[Column, ...]
    """The field's columns, if it is the worst of them."""
    found_by: Rows | None
    """The rows that this column is walked for: some of its integers say that there is no row."""
    encode: Encode | None
    """None: it is an enum."""


class Fields:
    """Collects the columns of all fields, then says what is served where several meet.

    Args:
        profile: the family.
        plan: where the rest is put down.
        now: a reading of the model, to see what it has.
        parts: the tables with the model's rows.
    """

    def __init__(
        self, profile: Profile, plan: MibPlan, now: Reading, parts: Sequence[Part]
    ) -> None:
        self._profile = profile
        self._plan = plan
        self._now = now
        self._at: dict[str, list[Candidate]] = {}
        self._chosen: dict[str, list[Candidate]] = {}
        self._ever: dict[str, bool] = {}
        self._encoders: dict[int, Encode] = {}
        self._gather(parts)

    def __contains__(self, oid: str) -> bool:
        """Whether a field may stand at an OID."""
        return oid in self._at

    def serve(self) -> list[Candidate]:
        """Put them down over whatever is there; those that were."""
        chosen: list[Candidate] = []
        found = [(oid, some) for oid in self._at if (some := self._choose(oid))]
        for oid, some in found:
            self._plan.over(some[0].column.oid, oid, self._value(some))
            chosen += some
        return chosen

    # -- all there could be -------------------------------------------------------------------

    def _gather(self, parts: Sequence[Part]) -> None:
        profile = self._profile
        for field, columns in profile.identity.items():
            self._add(columns, _attribute(field))
        for part in parts:
            for row in part.rows:
                for field, columns in part.fields:
                    many = field in part.table.worst_of
                    told = row.get(_told_by(field))
                    self._add(columns, row.get(field), row.names, told, part=part, many=many)
        if profile.ats is not None and self._now.ats is not None:
            for field, columns in profile.ats.fields.items():
                self._add(columns, _ats_get(field))
            for ident, fields in profile.ats.sources.items():
                for field, columns in fields.items():
                    many = field in profile.ats.worst_of
                    self._add(columns, _source_get(ident, field), many=many)

    def _add(
        self,
        columns: tuple[Column, ...],
        get: Get,
        names: Names | None = None,
        told: Get | None = None,
        *,
        part: Part | None = None,
        many: bool = False,
    ) -> None:
        names = self._plan.names if names is None else names
        told = told or get
        silent = part is not None and part.silent
        for column in columns:
            candidate = Candidate(
                column, get, names, told, None if part is None else part.unknowns.get(column.oid),
                columns if many else (), _found_by(part, column),
                None if column.enum else self._encoder(column),
            )  # fmt: skip
            self._at.setdefault(self._plan.oid(column.oid, names), []).append(candidate)
            if self._ever.get(column.oid) is not True:
                self._ever[column.oid] = silent or told(self._now) is not None

    def _encoder(self, column: Column) -> Encode:
        """One for all rows of a column."""
        known = self._encoders.get(id(column))
        if known is None:
            known = self._encoders[id(column)] = number_encoder(column)
        return known

    # -- what there is ------------------------------------------------------------------------

    def _choose(self, oid: str) -> list[Candidate]:
        """Of the columns that meet at an OID, those that say what it is on this device."""
        chosen = self._chosen.get(oid)
        if chosen is None:
            self._chosen[oid] = []
            meeting = self._at.get(oid, ()) if self._plan.may_serve(oid) else ()
            there = [c for c in meeting if self._is_there(c)]
            told = [c for c in there if c.get(self._now) is not None]
            if there and all(c.column.enum for c in told or there):
                chosen = [c for c in meeting if c.column.enum and (c in there or not c.column.when)]
            else:
                chosen = (told or there)[:1]
            self._chosen[oid] = chosen
        return chosen

    def _is_there(self, candidate: Candidate) -> bool:
        """Whether the device has such a meter at all, and has it here."""
        column = candidate.column
        if candidate.get(self._now) is not None:
            return column.when is None or self._holds(column.when, candidate.names)
        if any(v.row or v.module for v in column.valid):
            return False
        if column.enum is not None and "none" in self._profile.enums[column.enum].values():
            return True
        zeros = column.when is not None and not column.when.missing
        return bool(column.null) or zeros or self._ever[column.oid]

    def _holds(self, when: When, names: Names) -> bool:
        raw = self._raw(self._plan.oid(when.oid, names))
        if when.missing:
            return raw is None
        if not isinstance(raw, int) or (when.above is not None and not raw > when.above):
            return False
        return when.equals is None or raw == when.equals

    def _raw(self, oid: str) -> object:
        """What an OID answers now; None if it is not there."""
        chosen = self._choose(oid)
        served = self._value(chosen) if chosen else self._plan.served.get(oid)
        return None if served is None else served(self._now).value

    # -- what it answers ----------------------------------------------------------------------

    def _value(self, chosen: Sequence[Candidate]) -> Served:
        column, get, names = chosen[0].column, chosen[0].get, chosen[0].names
        encode = chosen[0].encode
        if encode is None:
            return enum_encoder(column, [self._saying(c) for c in chosen])
        plan = self._plan
        companions = [
            (plan.oid(v.oid, names), v) for v in column.valid if not v.row and not v.module
        ]
        if not companions:
            return lambda reading: encode(get(reading), names)

        def served(reading: Reading) -> SnmpValue:
            value = get(reading)
            if value is None:
                denied = any(_denies(plan, oid, v, reading) for oid, v in companions)
                return zero(column) if denied else absent_value(column)
            return encode(value, names)

        return served

    def _saying(self, candidate: Candidate) -> Saying:
        enums, rows = self._profile.enums, candidate.found_by
        own = enums[candidate.column.enum or ""]
        if rows is not None:
            none = {str(raw) for raw in rows.drop}
            kept = {str(raw) for raw in rows.keep} or set(own)
            own = {raw: word for raw, word in own.items() if raw in kept - none}
        many = [c for c in candidate.many if c.when is None or self._holds(c.when, candidate.names)]
        return Saying(
            enum=own,
            get=candidate.get,
            one_of_many=tuple(enums[c.enum or ""] for c in many),
            place=next((place for place, c in enumerate(many) if c is candidate.column), 0),
            unknown=candidate.unknown,
        )


def _denies(plan: MibPlan, oid: str, valid: Valid, reading: Reading) -> bool:
    """Whether a companion, as served, says that the value means nothing."""
    if valid.bit is not None:
        return True
    served = plan.served.get(oid)
    if served is None:
        return valid.required is True
    raw = served(reading).value
    return raw in valid.not_ or bool(valid.is_ and raw not in valid.is_)


def _found_by(part: Part | None, column: Column) -> Rows | None:
    rows = None if part is None else part.table.rows
    if rows is None or not (rows.keep or rows.drop):
        return None
    return rows if any(f"{walk}.{{i}}" == column.oid for walk in rows.walk) else None


def _told_by(field: str) -> str:
    """Without load there is no power factor, but the meter is there."""
    return "power_w" if field == "power_factor" else field


def _attribute(field: str) -> Get:
    return lambda reading: getattr(reading, field)


def _ats_get(field: str) -> Get:
    return lambda reading: getattr(reading.ats, field)


def _source_get(ident: str, field: str) -> Get:
    def get(reading: Reading) -> Field:
        sources = reading.ats.sources if reading.ats else ()
        return next((getattr(s, field) for s in sources if s.id == ident), None)

    return get
