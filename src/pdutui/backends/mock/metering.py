"""What a modelled PDU says of itself: its meters, as one Reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from pdutui.backends.mock.spec import Meters, PhaseSpec, key_of
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    LoadState,
    Outlet,
    Phase,
    Reading,
    Sensor,
    Source,
    SourceState,
)

if TYPE_CHECKING:
    from pdutui.backends.mock.model import MockPdu
    from pdutui.backends.mock.parts import Feed, Socket

_JOULES_PER_KWH = 3_600_000.0


def reading_of(pdu: MockPdu, time: datetime, name: str) -> Reading:
    """All that a PDU says now."""
    return _Panel(pdu).reading(time, name)


class _Panel:
    """One look at all meters. Where outlets are metered, sums are those of what they show."""

    def __init__(self, pdu: MockPdu) -> None:
        self._pdu = pdu
        self._spec = spec = pdu.spec
        self._sockets: list[Socket] = list(pdu.sockets.values())
        self._feed = feed = pdu.transfer.feed
        self._volts = 0.0 if feed is None else feed.voltage_v
        self._since_s = pdu.world.since_change_s
        phases = len(feed.offsets) if feed is not None else 0
        self._phase_volts = [feed.phase_v(n + 1) for n in range(phases)] if feed else []
        amps, watts = spec.outlet_meters.current_a, spec.outlet_meters.power_w
        metered = spec.metered_outlets
        self._amps: dict[int, float] = {}
        self._watts: dict[int, float] = {}
        self._va: dict[int, float] = {}
        for socket in self._sockets:
            volts = self._volts_of(socket.phase)
            drawn = socket.power_w / (volts * socket.power_factor) if volts else 0.0
            shown = metered and amps is not None
            self._amps[socket.number] = drawn = round(drawn, amps) if shown else drawn
            self._va[socket.number] = volts * drawn
            shown = metered and watts is not None
            power = socket.power_w
            self._watts[socket.number] = round(power, watts) if shown else power

    def reading(self, time: datetime, name: str) -> Reading:
        pdu, spec = self._pdu, self._spec
        return Reading(
            pdu=name,
            time=time,
            vendor=spec.vendor,
            model=spec.model,
            serial=spec.serial,
            firmware=spec.firmware,
            name=spec.name,
            profile=spec.profile,
            uptime_s=pdu.uptime_s,
            inlets=tuple(self._inlets()),
            phases=tuple(self._phase(phase) for phase in spec.phases),
            banks=tuple(self._banks()),
            outlets=tuple(self._outlets()) if spec.shows_outlets else (),
            ats=self._ats() if len(pdu.feeds) > 1 else None,
            sensors=tuple(
                Sensor(
                    name=g.spec.name, kind=g.spec.kind, value=g.value, unit=g.spec.unit,
                    state=g.state,
                )
                for g in pdu.gauges
            ),
        )  # fmt: skip

    # -- sums ---------------------------------------------------------------------------------

    def _volts_of(self, phase: int) -> float:
        volts = self._phase_volts
        return volts[phase - 1] if phase <= len(volts) else self._volts

    def _module(self, module: int) -> int | None:
        return module if self._spec.modules > 1 else None

    def _kwh(self, sockets: Iterable[Socket]) -> float:
        since = self._since_s
        return sum([s.energy_kwh + s.power_w * since / _JOULES_PER_KWH for s in sockets])

    def _sums(
        self, meters: Meters, members: Sequence[Socket], volts: float, offset_kwh: float = 0.0
    ) -> dict[str, Any]:
        """The figures of a part that these outlets draw through."""
        numbers = [s.number for s in members]
        amps = sum(map(self._amps.__getitem__, numbers))
        exact_watts = sum(map(self._watts.__getitem__, numbers))
        exact_va = sum(map(self._va.__getitem__, numbers))
        watts, apparent = exact_watts, exact_va
        if meters.power_w is not None:
            watts = round(exact_watts, meters.power_w)
        if meters.apparent_power_va is not None:
            apparent = max(watts, round(exact_va, meters.apparent_power_va))
        out: dict[str, Any] = {}
        if meters.voltage_v is not None:
            out["voltage_v"] = round(volts, meters.voltage_v)
        if meters.current_a is not None:
            out["current_a"] = round(amps, meters.current_a)
        if meters.power_w is not None:
            out["power_w"] = watts
        if meters.apparent_power_va is not None:
            out["apparent_power_va"] = apparent
        if meters.power_factor is not None:
            out["power_factor"] = (
                min(1.0, round(watts / apparent, meters.power_factor)) if apparent else None
            )
        if meters.energy_kwh is not None:
            out["energy_kwh"] = round(offset_kwh + self._kwh(members), meters.energy_kwh)
        return out

    def _drawn(self, members: Sequence[Socket], meters: Meters) -> float:
        """The current through a part, as it counts against the part's thresholds."""
        digits = 1 if meters.current_a is None else meters.current_a
        return round(sum(self._amps[s.number] for s in members), digits)

    # -- parts --------------------------------------------------------------------------------

    def _inlets(self) -> Iterable[Inlet]:
        spec, pdu = self._spec, self._pdu
        for place, name in enumerate(spec.inlet_names):
            module = 1 if spec.ats.inlets else place + 1
            feed: Feed | None = self._feed
            members = self._pdu.members("module", module)
            if spec.ats.inlets and len(pdu.feeds) > 1:
                feed = list(pdu.feeds.values())[place]
                members = members if feed is self._feed else ()
            volts = 0.0 if feed is None else feed.voltage_v
            figures = self._sums(spec.inlet_meters, members, volts, pdu.energy_offsets_kwh[place])
            if spec.ats.inlets and spec.inlet_meters.energy_kwh is not None:
                drawn = sum(s.power_w for s in members) * self._since_s / _JOULES_PER_KWH
                total = pdu.energy_offsets_kwh[place] + drawn
                figures["energy_kwh"] = round(total, spec.inlet_meters.energy_kwh)
            if spec.inlet_meters.frequency_hz is not None:
                hertz = 0.0 if feed is None else feed.frequency_hz
                figures["frequency_hz"] = round(hertz, spec.inlet_meters.frequency_hz)
            yield Inlet(
                number=place + 1 if spec.ats.inlets else key_of(1, module),
                name=name,
                module=self._module(module),
                rating_a=spec.rating_a,
                state=_load(
                    spec.inlet_meters, self._most(members), spec.warning_a, spec.critical_a
                ),
                **figures,
            )  # fmt: skip

    def _most(self, members: Sequence[Socket]) -> float:
        """The current that counts against the rating of an inlet: of its most loaded phase."""
        by_phase: dict[int, float] = {}
        for s in members:
            by_phase[s.phase] = by_phase.get(s.phase, 0.0) + self._amps[s.number]
        digits = self._spec.inlet_meters.current_a
        return round(max(by_phase.values(), default=0.0), 1 if digits is None else digits)

    def _phase(self, phase: PhaseSpec) -> Phase:
        meters = self._spec.phase_meters
        members = self._pdu.members("phase", key_of(phase.number, phase.module))
        amps = self._drawn(members, meters)
        return Phase(
            number=key_of(phase.number, phase.module),
            name=phase.name,
            module=self._module(phase.module),
            rating_a=phase.rating_a,
            warning_a=phase.warning_a,
            critical_a=phase.critical_a,
            state=_load(meters, amps, phase.warning_a, phase.critical_a),
            **self._sums(meters, members, self._volts_of(phase.number)),
        )

    def _banks(self) -> Iterable[Bank]:
        spec, meters = self._spec, self._spec.bank_meters
        for bank in spec.banks:
            number = key_of(bank.number, bank.module)
            members = self._pdu.members("bank", number)
            amps = self._drawn(members, meters)
            state = _load(meters, amps, bank.warning_a, bank.critical_a)
            if number in self._pdu.tripped and spec.senses_trips:
                state = "tripped"
            yield Bank(
                number=number,
                name=bank.name,
                module=self._module(bank.module),
                rating_a=bank.rating_a,
                warning_a=bank.warning_a,
                critical_a=bank.critical_a,
                state=state,
                **self._sums(meters, members, self._volts_of(_phase_of(members))),
            )

    def _outlets(self) -> Iterable[Outlet]:
        meters, relays = self._spec.outlet_meters, self._pdu.relays
        chained = self._spec.modules > 1
        for s in self._sockets:
            figures: dict[str, Any] = {}
            if meters.voltage_v is not None:
                volts = self._volts_of(s.phase)
                figures["voltage_v"] = round(volts, meters.voltage_v) if s.energised else 0.0
            if meters.current_a is not None:
                figures["current_a"] = self._amps[s.number]
            if meters.power_w is not None:
                figures["power_w"] = self._watts[s.number]
            if meters.power_factor is not None:
                drawing = self._watts[s.number]
                figures["power_factor"] = s.power_factor if drawing else None
            if meters.energy_kwh is not None:
                figures["energy_kwh"] = round(self._kwh((s,)), meters.energy_kwh)
            yield Outlet(
                number=s.number,
                name=s.name,
                label=s.label or (f"{s.module}.{s.number % 1000}" if chained else None),
                module=self._module(s.module),
                state="on" if s.on else "off",
                bank=s.bank if self._spec.tells_banks else None,
                pending=relays.pending(s),
                switchable=True,
                **figures,
            )

    def _ats(self) -> Ats:
        pdu, spec = self._pdu, self._spec.ats
        feeds = list(pdu.feeds.values())
        redundancy: Any = "full" if all(f.good for f in feeds) else "lost"
        sync: Any = "in_sync" if all(f.alive for f in feeds) else "out_of_sync"
        return Ats(
            active=pdu.transfer.active,
            preferred=pdu.transfer.preferred,
            redundancy=redundancy if spec.redundancy else None,
            phase_sync=sync if spec.phase_sync else None,
            sensitivity=spec.sensitivity,
            sources=tuple(
                Source(
                    id=f.id,
                    name=name,
                    voltage_v=_rounded(f.voltage_v, spec.meters.voltage_v),
                    frequency_hz=_rounded(f.frequency_hz, spec.meters.frequency_hz),
                    state=cast(SourceState, spec.words.get(f.state, f.state)),
                )
                for f, name in zip(feeds, spec.names, strict=True)
            ),
        )


def _rounded(value: float, digits: int | None) -> float | None:
    return None if digits is None else round(value, digits)


def _phase_of(members: Sequence[Socket]) -> int:
    """The phase that a bank hangs on."""
    return members[0].phase if members else 1


def _load(
    meters: Meters, current_a: float, warning_a: float | None, critical_a: float | None
) -> LoadState:
    return load_state(current_a, warning_a, critical_a) if meters.state else "unknown"


def load_state(current_a: float, warning_a: float | None, critical_a: float | None) -> LoadState:
    """A load against its thresholds."""
    if critical_a is not None and current_a >= critical_a:
        return "critical"
    if warning_a is not None and current_a >= warning_a:
        return "warning"
    return "normal"
