"""The rows of a model's tables as a profile indexes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.inverse import Field, Names, expand
from pdutui.backends.snmp.profile import Column, Profile, Table
from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading, Sensor

Get = Callable[[Reading], Field]
"""Takes a field of the domain out of a reading."""
_Member = Inlet | Phase | Bank | Outlet | Sensor
_Members = Callable[[Reading], Sequence[_Member]]
_OUTLET_SETTINGS = ("reboot_off_s", "on_delay_s", "off_delay_s", "reboot_delay_s")


class Row(msgspec.Struct, frozen=True):
    """One row of a table."""

    number: int
    """In the whole PDU."""
    names: Names
    getter: Callable[[str], Get]

    def get(self, field: str) -> Get:
        """What takes this row's field out of a reading."""
        return self.getter(field)


class Part(msgspec.Struct, frozen=True):
    """A table of the profile with the rows that the model has in it."""

    key: str
    """inlet, phase, bank, outlet or sensor."""
    table: Table
    rows: tuple[Row, ...]
    fields: tuple[tuple[str, tuple[Column, ...]], ...]
    silent: bool = False
    """Its rows may all be without values at the moment."""
    unknowns: dict[str, int] = {}
    """Column -> its integer for: not known. It is the one that voids the values beside it."""


def top_names(reading: Reading, model: MockPdu) -> dict[str, int | str]:
    """What expressions outside of tables may speak of."""
    spec = model.spec
    return {
        "modules": spec.modules,
        "inlets": len(reading.inlets),
        "phases": max(1, len(reading.phases) // spec.modules),
        "banks": len(reading.banks),
        "outlets": len(reading.outlets),
        "metered": sum(o.current_a is not None for o in reading.outlets),
        "nominal_v": round(spec.nominal_v),
        "rating_a": round(spec.rating_a or 0),
        "model": reading.model or "",
        "serial": reading.serial or "",
        "firmware": reading.firmware or "",
        "name": reading.name or "",
    }


def parts_of(
    profile: Profile, model: MockPdu, reading: Reading, names: Mapping[str, int | str]
) -> list[Part]:
    """The tables that are served, with their rows.

    A table of which the model answers no walked column gives way to its fallback. Outlets are in
    all tables that it answers, as they are in devices: each branch has commands of its own.
    """
    maker = _Maker(profile, model, reading, names)
    out = [
        maker.part(key, table, members)
        for key, members in (
            ("inlet", lambda r: r.inlets),
            ("phase", lambda r: r.phases),
            ("bank", lambda r: r.banks),
            ("outlet", lambda r: r.outlets),
        )
        for table in maker.tables(key)[: None if key == "outlet" else 1]
    ]
    left = list(reading.sensors)
    for table in profile.sensor:
        mine = [s for s in left if _takes(profile, table, s)]
        left = [s for s in left if s not in mine]
        places = [place for place, s in enumerate(reading.sensors) if s in mine]
        out.append(maker.part("sensor", table, _sensors_at(places), silent=True))
    return out


class _Maker:
    def __init__(
        self,
        profile: Profile,
        model: MockPdu,
        reading: Reading,
        names: Mapping[str, int | str],
    ) -> None:
        self._profile = profile
        self._model = model
        self._reading = reading
        self._names = names
        self._counts = {m: self._counted(m) for m in range(1, model.spec.modules + 1)}

    def _counted(self, module: int) -> dict[str, int]:
        """What one module has of everything."""
        reading = self._reading

        def count(parts: Sequence[_Member]) -> int:
            return sum(1 for p in parts if (getattr(p, "module", None) or 1) == module)

        return {
            "inlets": count(reading.inlets),
            "phases": max(1, count(reading.phases)),
            "banks": count(reading.banks),
            "outlets": count(reading.outlets),
            "metered": count([o for o in reading.outlets if o.current_a is not None]),
        }

    def tables(self, key: str) -> list[Table]:
        """The table behind a key and its fallbacks: the first is the one the model is read by."""
        main: Table | None = getattr(self._profile, key)
        if main is None:
            return []
        others = next((t for name, t in self._profile.fallback.items() if name == key), ())
        return [t for t in (main, *others) if not self._is_hidden(t) and self._fits(key, t)]

    def _fits(self, key: str, table: Table) -> bool:
        """Whether the rows are what the model has there: not a cord, where they are its phases."""
        if key != "inlet" or not table.rows.at_most or self._profile.phase is None:
            return True
        of_phases = (self._profile.phase, *self._profile.fallback.get("phase", ()))
        shared = any(set(table.rows.walk) & set(other.rows.walk) for other in of_phases)
        most = max(counted["phases"] for counted in self._counts.values())
        return not shared or most <= table.rows.at_most

    def _is_hidden(self, table: Table) -> bool:
        hidden = tuple(f"{oid}." for oid in self._model.spec.without)
        return bool(hidden) and all(f"{w}.".startswith(hidden) for w in table.rows.walk)

    def part(self, key: str, table: Table, members: _Members, *, silent: bool = False) -> Part:
        """A table with its rows."""
        now = members(self._reading)
        too_few = len(now) < table.rows.at_least
        rows = () if too_few else tuple(
            self._row(table, member, members, place, len(now)) for place, member in enumerate(now)
        )  # fmt: skip
        return Part(key, table, rows, _fields(table), silent, _unknowns(table))

    def _row(self, table: Table, member: _Member, members: _Members, place: int, count: int) -> Row:
        module = getattr(member, "module", None) or 1
        number = place + 1 if isinstance(member, Sensor) else member.number
        names: dict[str, int | str] = {
            **self._names, **self._counts[module],
            "n": number % 1000 if module > 1 else number,
            "m": module, "k": place + 1, "rows": count,
        }  # fmt: skip
        names["i"] = str(expand(table.rows.index, names))
        names["a"] = str(names["i"]).partition(".")[0]

        def getter(field: str) -> Get:
            if isinstance(member, Outlet) and field in _OUTLET_SETTINGS:
                return self._setting(field)
            if not hasattr(member, field):
                return lambda _: None
            if field == "bank" and module > 1:
                return lambda reading: _local(getattr(members(reading)[place], field))
            return lambda reading: getattr(members(reading)[place], field)

        return Row(number, names, getter)

    def _setting(self, field: str) -> Get:
        spec, relays = self._model.spec, self._model.relays
        told = spec.tells_reboot_off if field == "reboot_off_s" else spec.tells_delays
        kept = "off_delay_s" if field == "reboot_delay_s" else field
        return lambda _: getattr(relays, kept) if told else None


def _local(number: int | None) -> int | None:
    """The number within its module of a part of the whole PDU."""
    return None if number is None else number % 1000


def _fields(table: Table) -> tuple[tuple[str, tuple[Column, ...]], ...]:
    """A table's fields, without those of a branch that a device with a newer one leaves out."""
    walk, skipped = table.rows.walk, table.rows.skip_null
    out = []
    for field, columns in table.fields.items():
        if skipped and len(columns) == len(walk):
            columns = tuple(c for c, w in zip(columns, walk, strict=True) if w not in skipped)
        out.append((field, columns))
    return tuple(out)


def _sensors_at(places: list[int]) -> _Members:
    return lambda reading: [reading.sensors[place] for place in places]


def _takes(profile: Profile, table: Table, sensor: Sensor) -> bool:
    """Whether a sensor belongs in a table of sensors: by its kind."""
    kind = table.const.get("kind")
    if kind is not None:
        return sensor.kind == kind
    enums = [c.enum for c in table.fields.get("kind", ()) if c.enum is not None]
    return any(sensor.kind in profile.enums[enum].values() for enum in enums)


def _unknowns(table: Table) -> dict[str, int]:
    return {
        valid.oid: valid.not_[0]
        for columns in table.fields.values()
        for column in columns
        for valid in column.valid
        if valid.not_ and valid.rate == "fast"
    }
