"""From the raw values of one poll to a Reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from pdutui.backends.base import OutletStatus
from pdutui.backends.snmp.bound import TEXT_FIELDS, BoundAct
from pdutui.backends.snmp.near import NearScales
from pdutui.backends.snmp.plan import Choice, Plan
from pdutui.backends.snmp.profile import Lost, Profile
from pdutui.backends.snmp.readers import (
    Field,
    Read,
    Values,
    first_text,
    nothing,
    reader,
    worst_of,
)
from pdutui.backends.snmp.sums import inlet_sums
from pdutui.backends.snmp.types import RawValue
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    Outlet,
    Phase,
    PollStats,
    Reading,
    Sensor,
    Source,
)

Part = TypeVar("Part", bound=msgspec.Struct)
Reads = tuple[tuple[str, Read[Field]], ...]

_HAVE_UNKNOWN = frozenset({"state", "kind"})
"""Fields that have a word for what the device does not say; the others have None."""
_NOT_IN_READING = frozenset({"reboot_off_s", "reboot_delay_s", "on_delay_s", "off_delay_s"})


class OutletPlan(msgspec.Struct, frozen=True):
    """What commands and read-backs need to know of one outlet."""

    number: int
    acts: Mapping[str, BoundAct]
    """What is written for each action; empty if it cannot be switched."""
    asked: tuple[str, ...]
    """The OIDs of its state, of a pending command and of what they count by."""
    able_asked: tuple[str, ...]
    """What `switchable` is read from, as far as it is not asked slowly."""
    proof: tuple[tuple[str, int], ...]
    """OIDs and what they must say for these columns to be those of this outlet."""
    named: tuple[str, ...]
    """Where its name and label stand: if they change, it may be another outlet."""
    state: Read[Field]
    pending: Read[Field]
    reboot_off_s: Read[Field]
    on_delay_s: Read[Field]
    off_delay_s: Read[Field]
    reboot_delay_s: Read[Field]
    switchable: Read[Field]

    def status(self, values: Values) -> OutletStatus:
        """The read-back out of values of `asked` and the slow ones."""
        word: Any = self.state(values)
        pending: Any = self.pending(values)
        return OutletStatus(
            state="on" if word == "on" else "off" if word == "off" else "unknown",
            pending=pending,
            reboot_off_s=_seconds(self.reboot_off_s(values)),
            on_delay_s=_seconds(self.on_delay_s(values)),
            off_delay_s=_seconds(self.off_delay_s(values)),
            reboot_delay_s=_seconds(self.reboot_delay_s(values)),
        )


class SwitchPlan(msgspec.Struct, frozen=True):
    """What read-backs need to know of the transfer switch."""

    asked: tuple[str, ...]
    active: Read[Field]
    preferred: Read[Field]


class Decoder:
    """A plan, compiled. Decoding does nothing but look values up, divide and build structs."""

    def __init__(self, pdu: str, profile: Profile, plan: Plan, near: NearScales) -> None:
        self._pdu = pdu
        self._profile = profile
        self._plan = plan
        self._near = near
        self._fast = frozenset(plan.fast)
        self._made: dict[tuple[int, str], Read[Field] | None] = {}
        by_kind: dict[str, list[Choice]] = {}
        for choice in plan.choices:
            by_kind.setdefault(choice.part.kind, []).append(choice)
            near.add_all(c for field in choice.part.fields for c in field.columns)
        self._identity = self._reads(by_kind["identity"][0])
        self.serial_asked = _own_oids(by_kind["identity"][0], ("serial",))
        """Where the device's serial number stands."""
        self._inlets = [self._row(c, Inlet) for c in by_kind.get("inlet", ())]
        self._sums = inlet_sums(by_kind.get("inlet", ()), by_kind.get("phase", ()))
        self._phases = [self._row(c, Phase) for c in by_kind.get("phase", ())]
        self._banks = [self._row(c, Bank) for c in by_kind.get("bank", ())]
        self.outlets = {c.part.number: self._outlet_plan(c) for c in by_kind.get("outlet", ())}
        self._outlets = [self._outlet(c) for c in by_kind.get("outlet", ())]
        self._sensors = [self._sensor(c) for c in by_kind.get("sensor", ())]
        self._ats = [self._reads(c) for c in by_kind.get("ats", ())]
        self._sources = [self._source(c) for c in by_kind.get("source", ())]
        self.switch = _switch_plan(by_kind.get("ats", ()), self._read)
        self._made.clear()

    def reading(self, values: Values, time: datetime, poll: PollStats) -> Reading:
        """The Reading of one poll.

        Args:
            values: raw values by OID, those asked in this poll and the slow ones.
            time: when the poll ended, UTC.
            poll: what it cost.
        """
        identity: dict[str, Any] = {name: read(values) for name, read in self._identity}
        ats = None
        if self._ats:
            facts: dict[str, Any] = {name: read(values) for name, read in self._ats[0]}
            ats = Ats(sources=tuple([build(values) for build in self._sources]), **facts)
        phases = tuple([build(values) for build in self._phases])
        inlets = [build(values) for build in self._inlets]
        for total in self._sums:
            inlets[total.inlet] = total.applied(inlets[total.inlet], phases)
        return Reading(
            pdu=self._pdu,
            time=time,
            vendor=self._profile.vendor or None,
            profile=self._profile.name,
            inlets=tuple(inlets),
            phases=phases,
            banks=tuple([build(values) for build in self._banks]),
            outlets=tuple([build(values) for build in self._outlets]),
            ats=ats,
            sensors=tuple([build(values) for build in self._sensors]),
            poll=poll,
            **identity,
        )

    def serial(self, values: Values) -> str | None:
        """The device's serial number, to notice that it is another device."""
        for name, read in self._identity:
            if name == "serial":
                text = read(values)
                return text if isinstance(text, str) else None
        return None

    def _read(self, choice: Choice, name: str) -> Read[Field] | None:
        """The function that reads a field, made once for all that look at it."""
        key = id(choice), name
        if key not in self._made:
            self._made[key] = self._make_read(choice, name)
        return self._made[key]

    def _make_read(self, choice: Choice, name: str) -> Read[Field] | None:
        columns = choice.columns.get(name, ())
        if not columns:
            return None
        reads = tuple(reader(name, c, self._plan.present, self._near) for c in columns)
        if name in TEXT_FIELDS:
            return first_text(reads)
        read = worst_of(reads)
        if name not in _HAVE_UNKNOWN:
            return read
        return lambda values: read(values) or "unknown"

    def _reads(self, choice: Choice) -> Reads:
        pairs = ((name, self._read(choice, name)) for name in choice.columns)
        return tuple((name, read) for name, read in pairs if read is not None)

    def _row(self, choice: Choice, made: type[Part]) -> Callable[[Values], Part]:
        """A function that builds one row's struct, with a name where the device has none."""
        part = choice.part
        fixed: dict[str, Any] = {"number": part.number, "module": part.module, **part.const}
        default_name = fixed.pop("name", part.default_name)
        names = [read for name, read in self._reads(choice) if name == "name"]
        reads = tuple((n, r) for n, r in self._reads(choice) if n != "name")
        name = names[0] if names else None

        def build(values: Values) -> Part:
            facts = {field: read(values) for field, read in reads}
            facts["name"] = (name(values) if name else None) or default_name
            return made(**fixed, **facts)

        return build

    def _outlet(self, choice: Choice) -> Callable[[Values], Outlet]:
        part, number, module = choice.part, choice.part.number, choice.part.module
        skipped = _NOT_IN_READING | {"name", "label", "switchable", "bank"}
        reads = tuple((n, r) for n, r in self._reads(choice) if n not in skipped)
        name, label = self._read(choice, "name"), self._read(choice, "label")
        bank = self._read(choice, "bank")
        switchable = self._switchable(choice)
        local = part.row.number if part.row is not None else number
        first_bank = number - local
        """What a bank's number in its module must be raised by to be its number in the reading."""
        place = None if module is None else f"{module}.{local}"
        plain = {str(local), str(number)}

        def build(values: Values) -> Outlet:
            facts: dict[str, Any] = {field: read(values) for field, read in reads}
            behind: Any = bank(values) if bank else None
            called: Any = label(values) if label else None
            return Outlet(
                number=number,
                name=str((name(values) if name else None) or ""),
                label=called if called and called not in plain else place,
                module=module,
                bank=None if behind is None else behind + first_bank,
                switchable=switchable(values) is True,
                **facts,
            )

        return build

    def _switchable(self, choice: Choice) -> Read[Field]:
        """True only with a way to write: the profile's command column for the row."""
        commands = choice.part.commands
        if commands is None:
            return lambda _: False
        said = self._read(choice, "switchable")
        if said is not None:
            return said
        able = choice.answers or not commands.needs_answer
        return lambda _: able

    def _outlet_plan(self, choice: Choice) -> OutletPlan:
        def or_nothing(name: str) -> Read[Field]:
            return self._read(choice, name) or (lambda _: None)

        row = choice.part.row
        return OutletPlan(
            number=choice.part.number,
            acts=choice.part.commands.acts if choice.part.commands else {},
            asked=_asked(choice, ("state", "pending")),
            able_asked=tuple(
                oid for oid in _asked(choice, ("switchable",), every=True) if oid in self._fast
            ),
            proof=row.proof if row is not None else (),
            named=_own_oids(choice, ("name", "label")),
            state=or_nothing("state"),
            pending=or_nothing("pending"),
            reboot_off_s=or_nothing("reboot_off_s"),
            on_delay_s=or_nothing("on_delay_s"),
            off_delay_s=or_nothing("off_delay_s"),
            reboot_delay_s=or_nothing("reboot_delay_s"),
            switchable=self._switchable(choice),
        )

    def _sensor(self, choice: Choice) -> Callable[[Values], Sensor]:
        fixed: dict[str, Any] = dict(choice.part.const)
        given: str | None = fixed.pop("name", None)
        reads = tuple((n, r) for n, r in self._reads(choice) if n != "name")
        name = self._read(choice, "name")
        number = choice.part.number

        def build(values: Values) -> Sensor:
            facts: dict[str, Any] = {**fixed, **{field: read(values) for field, read in reads}}
            kind = str(facts.pop("kind", "unknown"))
            label = (name(values) if name else None) or given or _sensor_name(kind, number)
            return Sensor(name=str(label), kind=kind, **facts)

        return build

    def _source(self, choice: Choice) -> Callable[[Values], Source]:
        ident = choice.part.ident
        reads = self._reads(choice)
        ats = self._profile.ats
        lost = ats.lost if ats is not None else None
        nominal_oid = self._profile.absolute(lost.oid) if lost is not None else ""

        def build(values: Values) -> Source:
            facts: dict[str, Any] = {field: read(values) for field, read in reads}
            facts["name"] = facts.get("name") or f"Source {ident}"
            if lost is not None and _is_lost(facts, values.get(nominal_oid), lost):
                facts["state"] = "lost"
            return Source(id="A" if ident == "A" else "B", **facts)

        return build


def _asked(choice: Choice, fields: Sequence[str], *, every: bool = False) -> tuple[str, ...]:
    """The OIDs that these fields are read from; companions asked slowly only if `every`."""
    oids: dict[str, None] = {}
    for column in (c for name in fields for c in choice.columns.get(name, ())):
        oids[column.oid] = None
        oids.update((oid, None) for oid, fast in column.companions() if fast or every)
    return tuple(oids)


def _own_oids(choice: Choice, fields: Sequence[str]) -> tuple[str, ...]:
    """The OIDs of these fields without those of their companions."""
    return tuple(column.oid for name in fields for column in choice.columns.get(name, ()))


def _switch_plan(
    choices: Sequence[Choice], read: Callable[[Choice, str], Read[Field] | None]
) -> SwitchPlan | None:
    if not choices:
        return None
    nothing_said: Read[Field] = nothing
    return SwitchPlan(
        asked=_asked(choices[0], ("active", "preferred")),
        active=read(choices[0], "active") or nothing_said,
        preferred=read(choices[0], "preferred") or nothing_said,
    )


def _seconds(value: Field) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _sensor_name(kind: str, number: int) -> str:
    return f"{kind.replace('_', ' ').capitalize() if kind != 'unknown' else 'Sensor'} {number}"


def _is_lost(facts: Mapping[str, Field], nominal: RawValue | None, lost: Lost) -> bool:
    volts, low = facts.get("voltage_v"), facts.get("state") == "under_voltage"
    if not isinstance(volts, float) or not (low or (lost.always_at_0 and volts == 0)):
        return False
    if volts == 0:
        return True
    return isinstance(nominal, int) and volts < lost.below * nominal * lost.scale
