"""Which objects a device of a family answers with, and where each takes its value from."""

from __future__ import annotations

from collections.abc import Sequence

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.inverse import Names, expand, plain_value
from pdutui.backends.snmp.profile import Profile, Valid
from pdutui.backends.snmp.served_commands import serve_commands
from pdutui.backends.snmp.served_fields import Candidate, Fields
from pdutui.backends.snmp.served_plan import MibPlan, Served
from pdutui.backends.snmp.served_rows import Get, Part, Row, parts_of, top_names
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Reading

_SYSTEM = "1.3.6.1.2.1.1"


def serve_profile(profile: Profile, model: MockPdu, now: Reading) -> MibPlan:
    """The plan of a MIB: every OID with the function that makes its value from a reading.

    Args:
        profile: the family.
        model: the PDU.
        now: a reading of it, to see what it has.

    Raises:
        ValueError: the profile's `serve` entries speak of something that there is not.
    """
    names = top_names(now, model)
    plan = MibPlan(profile, names, model.spec.without)
    parts = parts_of(profile, model, now, names)
    fields = Fields(profile, plan, now, parts)
    serve_commands(plan, profile, model, parts)
    for part in parts:
        for row in part.rows:
            _serve_found(plan, part, row, fields)
            for oid, text in part.table.serve.items():
                plan.constant(oid, plain_value(text, row.names), row.names)
    for oid, text in profile.serve.items():
        plan.constant(oid, plain_value(text, names))
    if profile.ats is not None and now.ats is not None:
        for oid, text in profile.ats.serve.items():
            plan.constant(oid, plain_value(text, names))
    _serve_system(plan, profile, now)
    served = fields.serve()
    _serve_companions(plan, served)
    for valid in profile.valid:
        rows = [row.names for part in parts for row in part.rows]
        for those in rows if "{" in valid.oid else (names,):
            plan.number(valid.oid, _there(valid, those), those)
    for part in parts:
        for row in part.rows:
            _serve_unfound(plan, part, row)
    return plan


# -- what rows are found by -------------------------------------------------------------------


def _walked(plan: MibPlan, part: Part, row: Row) -> list[tuple[str, str]]:
    """The walked columns and their OIDs in this row."""
    rows = part.table.rows
    cut = f".{rows.cut}" if rows.cut else ""
    patterns = [f"{c}.{{i}}{cut}" for c in rows.walk if c not in rows.skip_null]
    return [(pattern, plan.oid(pattern, row.names)) for pattern in patterns]


def _serve_walked(plan: MibPlan, part: Part, row: Row, pattern: str) -> None:
    value = plain_value(part.table.rows.serve, row.names)
    if part.table.rows.serve_syntax == "string":
        value = SnmpValue("string", str(value.value).encode())
    plan.constant(pattern, value, row.names)


def _serve_found(plan: MibPlan, part: Part, row: Row, fields: Fields) -> None:
    """What the walk that finds the rows comes by."""
    rows = part.table.rows
    for pattern, oid in _walked(plan, part, row):
        if oid not in fields:
            _serve_walked(plan, part, row, pattern)
    if rows.number == "column":
        plan.number(f"{rows.number_column}.{{i}}", int(row.names["n"]), row.names)
    if rows.module and not rows.module.startswith("arc"):
        module = int(row.names["m"]) + rows.module_first - 1
        plan.number(f"{rows.module}.{{i}}", module, row.names)
    where = rows.where
    if where is None or where.absent:
        return
    arcs = str(row.names["i"]).split(".")
    index = arcs if where.arcs is None else arcs[: where.arcs] or ["0"]
    pattern = f"{where.oid}.{'.'.join(index)}"
    if where.bit is None:
        plan.number(pattern, where.is_[0] if where.is_ else _other_than(where.not_), row.names)
        return
    octets = bytearray(where.bit // 8 + 1)
    octets[where.bit // 8] |= (0x80 >> where.bit % 8) if where.set else 0
    plan.constant(pattern, SnmpValue("string", bytes(octets)), row.names)


def _serve_unfound(plan: MibPlan, part: Part, row: Row) -> None:
    """Where the model has no value for any field that is walked, the rows are there still."""
    walked = _walked(plan, part, row)
    if walked and not any(oid in plan.served for _, oid in walked):
        _serve_walked(plan, part, row, walked[0][0])


# -- what stands beside a field ---------------------------------------------------------------


def _serve_companions(plan: MibPlan, candidates: Sequence[Candidate]) -> None:
    """Digits, units, validity: some of that is itself a field and stands there already."""
    bits: dict[str, list[tuple[int, int, Get]]] = {}
    for candidate in candidates:
        column, get, names = candidate.column, candidate.get, candidate.names
        if column.digits is not None:
            plan.constant(column.digits, SnmpValue("gauge", column.serve_digits), names)
        if column.unit is not None:
            plan.number(column.unit.oid, column.unit.celsius, names)
        if column.si_prefix is not None:
            plan.number(column.si_prefix, 9, names)
        for valid in column.valid:
            if valid.bit is None:
                plan.put(valid.oid, _companion(valid, get, names), names)
                continue
            together = bits.setdefault(plan.oid(valid.oid, names), [])
            together.append((valid.bit, valid.octets, get))
            plan.put(valid.oid, _bits(together), names)


def _bits(together: list[tuple[int, int, Get]]) -> Served:
    def served(reading: Reading) -> SnmpValue:
        octets = bytearray(max(octets for _, octets, _ in together))
        for bit, _, get in together:
            if get(reading) is not None:
                octets[bit // 8] |= 0x80 >> bit % 8
        return SnmpValue("string", bytes(octets))

    return served


def _companion(valid: Valid, get: Get, names: Names) -> Served:
    there = _there(valid, names)
    missing = valid.not_[0] if valid.not_ else next(n for n in range(99) if n not in valid.is_)

    def served(reading: Reading) -> SnmpValue:
        return SnmpValue("integer", missing if get(reading) is None else there)

    return served


def _there(valid: Valid, names: Names) -> int:
    """What a companion says of a value that counts."""
    if valid.row or valid.module:
        return int(names["n" if valid.row else "m"])
    if valid.serve is not None:
        return valid.serve
    return valid.is_[0] if valid.is_ else _other_than(valid.not_)


def _other_than(refused: Sequence[int]) -> int:
    return next(n for n in (1, 0, 2, 3, 4) if n not in refused)


# -- the system group -------------------------------------------------------------------------


def _serve_system(plan: MibPlan, profile: Profile, now: Reading) -> None:
    descr = expand(profile.sys_descr or profile.title, plan.names)
    sys_object_id = profile.sys_object_id or profile.recognise.sys_object_id[0]
    for arc, value in (
        (1, SnmpValue("string", str(descr).encode())),
        (2, SnmpValue("oid", sys_object_id)),
        (4, SnmpValue("string", b"")),
        (5, SnmpValue("string", (now.name or "").encode())),
        (6, SnmpValue("string", b"")),
        (7, SnmpValue("integer", 72)),
    ):
        plan.constant(f"{_SYSTEM}.{arc}.0", value)
    plan.put(f"{_SYSTEM}.3.0", lambda r: SnmpValue("timeticks", 100 * (r.uptime_s or 0) % 2**32))
