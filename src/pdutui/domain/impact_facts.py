"""What a preview is worked out from: readings, how far to trust them, and last known loads."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Literal

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.impact import Change
from pdutui.domain.load import bank_limit_a, cord_rating_a, fullest_phase, phase_limit_a
from pdutui.domain.naming import outlet_label, outlet_place
from pdutui.domain.reading import Bank, Inlet, Outlet, Reading

PartKind = Literal["bank", "inlet"]
Spot = tuple[str, int]
"""An outlet of the fleet: PDU and number."""
Place = tuple[str, PartKind, int]
"""A bank or an inlet of the fleet."""

NOTHING_W = 1.0
"""Below this an outlet that meters power draws nothing."""
NOTHING_A = 0.02
"""Below this one that meters nothing but current does."""
CLEARLY_W = 5.0
CLEARLY_A = 0.05
"""From these on it draws clearly: its device runs."""


class KnownLoad(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an outlet carried when it was last seen on."""

    power_w: float | None = None
    current_a: float | None = None
    age_s: float | None = None
    """How long ago; None: not known."""


class PduFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one PDU at the moment of the question."""

    reading: Reading | None = None
    """The last one, with names as they are shown."""
    stale: bool = False
    """Its figures and states cannot be trusted: the PDU is not live."""
    why: str = ""
    """Why they cannot: `rack1-b is lost`."""
    feed: str | None = None
    """As configured: A, B."""
    last_loads: Mapping[int, KnownLoad] = {}
    """By outlet: its load when it was last seen on."""
    transfers: bool = False
    """Preferring a source moves the load to it at once."""
    unsettled: Container[int] = ()
    """Outlets with a command of ours under way, or not polled since one: the reading is older than
    what it did. `WHOLE_PDU`: all of them."""


class ImpactRules(msgspec.Struct, frozen=True, kw_only=True):
    """How it is reckoned, as configured."""

    limit_percent: float = 80.0
    """Of the rating: what a bank or an inlet should not carry for long."""
    inrush_factor: float = 1.5
    """What a load draws in its first moments, as a multiple of what it draws then."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What all changes together do to one outlet."""

    action: Action
    """The last one asked for."""
    dips: bool = False
    """It goes off at some point."""
    rises: bool = False
    """It is switched on at some point."""
    ends_on: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A bank or an inlet as it stands, in amperes."""

    place: Place
    name: str
    """`Bank C1 of rack1-b`."""
    current_a: float | None = None
    rating_a: float | None = None
    three_phase: str = ""
    """Set where several lines make it up and nobody says which of them carries an outlet: the
    fullest line in words."""


class Site:
    """One PDU as the preview sees it."""

    def __init__(self, name: str, facts: PduFacts | None) -> None:
        self.name = name
        self.facts = facts or PduFacts()
        self.seen = self.facts.reading
        """The last reading, however old: for names."""
        self.reading = None if self.facts.stale else self.seen
        """The last reading if its figures count."""
        self.why = ""
        """Why they do not."""
        if facts is None:
            self.why = f"{name} is not read here"
        elif self.reading is None:
            self.why = self.facts.why or f"{name} has no fresh reading"
        self._outlets = {o.number: o for o in self.seen.outlets} if self.seen else {}
        self._banks = {b.number: b for b in self.seen.banks} if self.seen else {}
        self._inlets: dict[int | None, Inlet | None] = {}
        self._parts: dict[tuple[int | None, int | None], list[Part]] = {}

    def unsettled(self, number: int) -> bool:
        """Whether an outlet is being switched, or was since the reading."""
        return number in self.facts.unsettled or WHOLE_PDU in self.facts.unsettled

    def outlet(self, number: int) -> Outlet | None:
        """An outlet whose state and figures count."""
        return None if self.reading is None else self._outlets.get(number)

    def label(self, number: int) -> str:
        """`outlet 3 db01`."""
        known = self._outlets.get(number)
        if known is None:
            return outlet_label(number, "")
        return outlet_label(number, known.name, known.label)

    def place(self, number: int) -> str:
        """`outlet 3`."""
        known = self._outlets.get(number)
        return f"outlet {(known.label if known else None) or outlet_place(number)}"

    def switchable(self) -> tuple[int, ...]:
        """What a command on all outlets is about."""
        return tuple(o.number for o in self._outlets.values() if o.switchable)

    def bank(self, outlet: Outlet) -> Bank | None:
        """The bank that feeds an outlet, where the device says so."""
        if self.reading is None or outlet.bank is None:
            return None
        return self._banks.get(outlet.bank)

    def hides_bank(self, outlet: Outlet) -> bool:
        """Whether its unit has banks and does not say which of them feeds the outlet."""
        banks = self.reading.banks if self.reading is not None else ()
        return outlet.bank is None and any(b.module == outlet.module for b in banks)

    def inlet(self, outlet: Outlet) -> Inlet | None:
        """The inlet that feeds an outlet; None where that cannot be told."""
        if outlet.module not in self._inlets:
            self._inlets[outlet.module] = self._find_inlet(outlet.module)
        return self._inlets[outlet.module]

    def _find_inlet(self, module: int | None) -> Inlet | None:
        if self.reading is None:
            return None
        inlets = [i for i in self.reading.inlets if i.module in (module, None)]
        if len(inlets) == 1:
            return inlets[0]
        ats = self.reading.ats
        if ats is None or len(inlets) != len(ats.sources):
            return None
        for inlet, source in zip(inlets, ats.sources, strict=True):
            if source.id == ats.active:
                return inlet
        return None

    def voltage_v(self, outlet: Outlet) -> float | None:
        """The voltage at an outlet, or behind its bank or inlet; None where nobody says."""
        bank, inlet = self.bank(outlet), self.inlet(outlet)
        three = self.reading is not None and bool(self.reading.phases)
        known = (
            outlet.voltage_v,
            bank.voltage_v if bank is not None else None,
            inlet.voltage_v if inlet is not None and not three else None,
        )
        return next((volts for volts in known if volts), None)

    def dead(self, outlet: Outlet) -> str:
        """Why nothing can come out of an outlet even where it is on; empty otherwise."""
        reading = self.reading
        if reading is None:
            return ""
        bank, inlet = self.bank(outlet), self.inlet(outlet)
        if bank is not None and bank.state == "tripped":
            return f"{bank_name(bank, self.name)} has tripped"
        if bank is not None and bank.voltage_v == 0:
            return f"{bank_name(bank, self.name)} has no voltage"
        if inlet is not None and inlet.voltage_v == 0:
            return f"{self.name} has no voltage"
        ats = reading.ats
        if ats is not None and ats.active == "none":
            return f"no source feeds {self.name}"
        if ats is not None and any(s.id == ats.active and s.state == "lost" for s in ats.sources):
            return f"source {ats.active} of {self.name} is lost"
        return ""

    def parts(self, outlet: Outlet) -> list[Part]:
        """What an outlet draws through: its bank, its inlet."""
        key = outlet.bank, outlet.module
        if key not in self._parts:
            self._parts[key] = self._find_parts(outlet)
        return self._parts[key]

    def _find_parts(self, outlet: Outlet) -> list[Part]:
        out: list[Part] = []
        if (bank := self.bank(outlet)) is not None:
            out.append(
                Part(
                    place=(self.name, "bank", bank.number),
                    name=bank_name(bank, self.name),
                    current_a=bank.current_a,
                    rating_a=bank_limit_a(bank),
                )
            )
        if (inlet := self.inlet(outlet)) is not None:
            out.append(self._inlet_part(inlet))
        return out

    def _inlet_part(self, inlet: Inlet) -> Part:
        reading = self.reading
        place: Place = (self.name, "inlet", inlet.number)
        name = _named("Inlet", inlet.name, inlet.number, inlet.module, self.name)
        if reading is None or not any(p.module == inlet.module for p in reading.phases):
            return Part(
                place=place, name=name, current_a=inlet.current_a, rating_a=inlet.rating_a or None
            )
        fullest = fullest_phase(reading, inlet.module)
        if fullest is None:
            return Part(place=place, name=name, three_phase="what its lines carry is not known")
        rating = phase_limit_a(fullest) or cord_rating_a(reading, inlet.module)
        of = f" of {rating:g} A" if rating else ""
        return Part(
            place=place,
            name=name,
            current_a=fullest.current_a,
            rating_a=rating,
            three_phase=f"{fullest.name} has most, {fullest.current_a or 0.0:.1f} A{of}",
        )


def bank_name(bank: Bank, pdu: str) -> str:
    """`Bank C1 of rack1-b`."""
    return _named("Bank", bank.name, bank.number, bank.module, pdu)


def _named(kind: str, name: str, number: int, module: int | None, pdu: str) -> str:
    given = name.strip() or str(number % 1000)
    shown = given if given.casefold().startswith(kind.casefold()) else f"{kind} {given}"
    unit = "" if module is None else f"unit {module} of "
    return f"{shown} of {unit}{pdu}"


def draws(outlet: Outlet) -> bool | None:
    """Whether something flows out of an outlet; None where it is not metered."""
    if outlet.power_w is not None:
        return outlet.power_w >= NOTHING_W
    return None if outlet.current_a is None else outlet.current_a >= NOTHING_A


def draws_clearly(outlet: Outlet) -> bool:
    """Whether so much flows that a device must be running behind it."""
    if outlet.power_w is not None:
        return outlet.power_w >= CLEARLY_W
    return outlet.current_a is not None and outlet.current_a >= CLEARLY_A


def current_of(outlet: Outlet, volts: float | None) -> float | None:
    """The current of an outlet, worked out where the device measures everything else."""
    if outlet.current_a is not None:
        return outlet.current_a
    if outlet.power_w is None:
        return None
    if outlet.power_w == 0:
        return 0.0
    if not volts or not outlet.power_factor:
        return None
    return outlet.power_w / (volts * outlet.power_factor)


def is_source_change(action: Action) -> bool:
    """Whether an action is about the transfer switch."""
    return action.startswith("prefer_")


def switches(action: Action) -> bool:
    """Whether an action changes what any outlet carries; `identify` and `cancel` do not."""
    return _step(action) is not None or is_source_change(action)


def effects(
    changes: Iterable[Change], sites: Mapping[str, Site], cords: DeviceMap
) -> dict[Spot, Effect]:
    """All changes as one: what becomes of each outlet."""
    out: dict[Spot, Effect] = {}
    for change in changes:
        step = _step(change.action)
        if step is None:
            continue
        numbers: Iterable[int] = (change.outlet,)
        if change.outlet == WHOLE_PDU:
            numbers = sites[change.pdu].switchable()
            if sites[change.pdu].seen is None:  # at least those that somebody has mapped
                numbers = sorted({c.outlet for c in cords.cords if c.pdu == change.pdu})
        for number in numbers:
            spot = change.pdu, number
            before = out.get(spot)
            dips, rises, ends_on = step
            if before is not None:
                dips, rises = dips or before.dips, rises or before.rises
            out[spot] = Effect(action=change.action, dips=dips, rises=rises, ends_on=ends_on)
    return out


def _step(action: Action) -> tuple[bool, bool, bool] | None:
    """Whether an action has an outlet go off, has it go on, and leaves it on."""
    match action.removeprefix("all_").removeprefix("delayed_"):
        case "off":
            return True, False, False
        case "on":
            return False, True, True
        case "reboot":
            return True, True, True
    return None
