"""One modelled PDU: relays, meters, a transfer switch, a probe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Literal

from pdutui.backends.base import OutletStatus
from pdutui.backends.mock.parts import Feed, Gauge, Load, Socket
from pdutui.backends.mock.spec import PduSpec
from pdutui.backends.mock.world import World
from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import (
    ActiveSource,
    Ats,
    Bank,
    Inlet,
    LoadState,
    Outlet,
    Reading,
    Sensor,
    Source,
    SourceId,
)

RETRANSFER_S = 5.0
"""How long the preferred source must have been good before the switch goes back to it."""
_JOULES_PER_KWH = 3_600_000.0

Watcher = Callable[[int, Literal["on", "off"]], None]


class MockPdu:
    """A PDU that behaves like one, in a world of its own or shared with its neighbours.

    All times are seconds of the monotonic clock the world was started with.
    """

    def __init__(self, spec: PduSpec, world: World, seed: str) -> None:
        self.spec = spec
        self.world = world
        self.reboot_off_s = spec.reboot_off_s
        """Seconds an outlet stays off in a reboot."""
        self.relay_s = spec.relay_s
        """Shortest and longest seconds from a command to the contact."""
        self.active: ActiveSource = spec.sources[0]
        self.preferred: SourceId = spec.sources[0]
        self.tripped: set[int] = set()
        """Banks whose breaker is open."""
        self._relay_rng = Random(f"{seed}/relay")
        dice = Random(f"{seed}/start")
        self._uptime_s = dice.uniform(3e5, 9e6)
        self.feeds = {
            ident: Feed(ident, spec.nominal_v, spec.nominal_hz, Random(f"{seed}/feed/{ident}"))
            for ident in spec.sources
        }
        self.sockets = {
            o.number: Socket(
                number=o.number, name=o.name, bank=o.bank, power_factor=o.power_factor, on=o.on,
                watts=o.watts, energy_kwh=o.watts * dice.uniform(2.5, 4.0),
            )
            for o in spec.outlets
        }  # fmt: skip
        self._energy_offset_kwh = dice.uniform(200.0, 400.0)
        self.gauges = [
            Gauge(s, Random(f"{seed}/sensor/{place}")) for place, s in enumerate(spec.sensors)
        ]
        self._return_ticket = 0
        self._returning = False
        world.add(self)

    # -- the world's side ---------------------------------------------------------------------

    def advance(self, now_s: float) -> None:
        """Bring the model up to a time; a time already passed changes nothing."""
        self.world.advance(now_s)

    def integrate(self, seconds: float) -> None:
        """Count the energy of an interval in which nothing changed."""
        for socket in self.sockets.values():
            if socket.power_w:
                socket.energy_kwh += socket.power_w * seconds / _JOULES_PER_KWH

    def step(self, at_s: float) -> None:
        """Let voltages and sensors drift."""
        for feed in self.feeds.values():
            feed.step()
        for gauge in self.gauges:
            gauge.step()

    def settle(self, at_s: float) -> None:
        """Transfer if need be, and see which outlets have power."""
        if len(self.feeds) > 1:
            self._transfer()
        feed = None if self.active == "none" else self.feeds[self.active]
        fed = feed is not None and feed.alive
        for socket in self.sockets.values():
            socket.energised = fed and socket.on and socket.bank not in self.tripped

    def _transfer(self) -> None:
        current = None if self.active == "none" else self.feeds[self.active]
        preferred = self.feeds[self.preferred]
        if current is None or not current.good:
            best = sorted(
                self.feeds.values(),
                key=lambda f: (f.good, f.alive, f.id == self.active, f.id == self.preferred),
            )[-1]
            if best.good or best.alive:
                self.active = best.id
            else:
                self.active = "none"
        wants_back = self.active not in ("none", self.preferred) and preferred.good
        if wants_back and not self._returning:
            self._returning = True
            self._return_ticket += 1
            ticket = self._return_ticket
            self.world.after(RETRANSFER_S, lambda _: self._retransfer(ticket))
        elif not wants_back:
            self._returning = False
            self._return_ticket += 1

    def _retransfer(self, ticket: int) -> None:
        if ticket == self._return_ticket and self.feeds[self.preferred].good:
            self.active = self.preferred
            self._returning = False

    # -- what somebody can do to it -----------------------------------------------------------

    def switch(self, outlet: int, action: OutletAction, now_s: float) -> None:
        """Take a command: the relay follows after its delay, a reboot comes back by itself.

        A newer command overrides one still under way.

        Raises:
            KeyError: there is no such outlet.
        """
        self.advance(now_s)
        socket = self.sockets[outlet]
        socket.busy = True
        socket.ticket += 1
        ticket = socket.ticket
        delay_s = self._relay_rng.uniform(*self.relay_s)

        def contact(on: bool, last: bool) -> Callable[[float], None]:
            def move(_: float) -> None:
                if socket.ticket == ticket:
                    socket.on = on
                    socket.busy = not last

            return move

        if action == "reboot":
            self.world.after(delay_s, contact(on=False, last=False))
            self.world.after(delay_s + self.reboot_off_s, contact(on=True, last=True))
        else:
            self.world.after(delay_s, contact(on=action == "on", last=True))

    def throw(self, outlet: int, on: bool, now_s: float) -> None:
        """Somebody else moves a relay, at once and without a command of ours."""
        self.advance(now_s)
        socket = self.sockets[outlet]
        socket.ticket += 1
        socket.busy = False
        socket.on = on
        self.world.changed()

    def sag_source(self, ident: SourceId, depth: float, now_s: float) -> None:
        """Take a part of the voltage away from a source: 0.2 leaves 80 %."""
        self.advance(now_s)
        self.feeds[ident].depth = min(1.0, max(-0.5, depth))
        self.world.changed()

    def fail_source(self, ident: SourceId, now_s: float) -> None:
        """Let a source die."""
        self.sag_source(ident, 1.0, now_s)

    def restore_source(self, ident: SourceId, now_s: float) -> None:
        """Give a source its full voltage back."""
        self.sag_source(ident, 0.0, now_s)

    def prefer(self, ident: SourceId, now_s: float) -> None:
        """Set the preferred source of a transfer switch."""
        self.advance(now_s)
        self.preferred = ident
        self.world.changed()

    def trip_bank(self, number: int, now_s: float) -> None:
        """Open the breaker of a bank: its outlets lose power, their relays stay as they are."""
        self.advance(now_s)
        self.tripped.add(number)
        self.world.changed()

    def reset_bank(self, number: int, now_s: float) -> None:
        """Close the breaker of a bank again."""
        self.advance(now_s)
        self.tripped.discard(number)
        self.world.changed()

    def fault_probe(self, faulty: bool, now_s: float) -> None:
        """Let the environment probe fail, or work again."""
        self.advance(now_s)
        for gauge in self.gauges:
            gauge.fault = faulty

    def disturb_contact(self, place: int, disturbed: bool, now_s: float) -> None:
        """Open a door (or close it again): the contact at that place among the sensors, from 0."""
        self.advance(now_s)
        self.gauges[place].disturbed = disturbed

    # -- what it says -------------------------------------------------------------------------

    def outlet_status(self, outlet: int, now_s: float) -> OutletStatus:
        """State of one outlet. Raises KeyError if there is no such outlet."""
        self.advance(now_s)
        socket = self.sockets[outlet]
        return OutletStatus(
            state="on" if socket.on else "off",
            pending="unspecified" if socket.busy and self.spec.shows_pending else None,
            reboot_off_s=self.reboot_off_s,
        )

    def reading(self, now_s: float, time: datetime, pdu: str) -> Reading:
        """All that the PDU says at a time; `time` and `pdu` are what the reading is labelled."""
        self.advance(now_s)
        spec = self.spec
        volts = self._volts()
        outlets = tuple(self._outlet(s, volts) for s in self.sockets.values())
        amps = {n: self._socket_amps(s, volts) for n, s in self.sockets.items()}
        banks = self._banks(volts, amps)
        return Reading(
            pdu=pdu,
            time=time,
            vendor=spec.vendor,
            model=spec.model,
            serial=spec.serial,
            firmware=spec.firmware,
            name=spec.name,
            profile=spec.profile,
            uptime_s=int(self._uptime_s + self.world.now_s),
            inlets=(self._inlet(volts, amps),),
            banks=banks,
            outlets=outlets,
            ats=self._ats() if len(self.feeds) > 1 else None,
            sensors=tuple(
                Sensor(
                    name=g.spec.name, kind=g.spec.kind, value=g.value, unit=g.spec.unit,
                    state=g.state,
                )
                for g in self.gauges
            ),
        )  # fmt: skip

    def _volts(self) -> float:
        return 0.0 if self.active == "none" else self.feeds[self.active].voltage_v

    def _socket_amps(self, socket: Socket, volts: float) -> float:
        if not socket.power_w or not volts:
            return 0.0
        amps = socket.power_w / (volts * socket.power_factor)
        return round(amps, self.spec.digits.current) if self.spec.metered_outlets else amps

    def _socket_watts(self, socket: Socket) -> float:
        watts = socket.power_w
        return round(watts, self.spec.digits.power) if self.spec.metered_outlets else watts

    def _socket_kwh(self, socket: Socket) -> float:
        since = self.world.since_change_s
        return socket.energy_kwh + socket.power_w * since / _JOULES_PER_KWH

    def _outlet(self, socket: Socket, volts: float) -> Outlet:
        spec = self.spec
        pending = socket.busy and spec.shows_pending
        common = Outlet(
            number=socket.number,
            name=socket.name,
            state="on" if socket.on else "off",
            bank=socket.bank,
            pending="unspecified" if pending else None,
            switchable=True,
        )
        if not spec.metered_outlets:
            return common
        watts = self._socket_watts(socket)
        return Outlet(
            number=common.number,
            name=common.name,
            state=common.state,
            bank=common.bank,
            pending=common.pending,
            switchable=common.switchable,
            voltage_v=round(volts, spec.digits.voltage) if socket.energised else 0.0,
            current_a=self._socket_amps(socket, volts),
            power_w=watts,
            power_factor=socket.power_factor if watts else None,
            energy_kwh=round(self._socket_kwh(socket), spec.digits.energy),
        )

    def _banks(self, volts: float, amps: dict[int, float]) -> tuple[Bank, ...]:
        spec, out = self.spec, []
        for bank in spec.banks:
            members = [s for s in self.sockets.values() if s.bank == bank.number]
            current = round(sum(amps[s.number] for s in members), spec.digits.current)
            state = load_state(current, bank.warning_a, bank.critical_a)
            if bank.number in self.tripped and spec.senses_trips:
                state = "tripped"
            watts = sum(self._socket_watts(s) for s in members)
            own = spec.metered_banks
            out.append(
                Bank(
                    number=bank.number,
                    name=bank.name,
                    voltage_v=round(volts, spec.digits.voltage) if own else None,
                    current_a=current,
                    power_w=round(watts, spec.digits.power) if own else None,
                    rating_a=bank.rating_a,
                    warning_a=bank.warning_a,
                    critical_a=bank.critical_a,
                    state=state,
                )
            )
        return tuple(out)

    def _inlet(self, volts: float, amps: dict[int, float]) -> Inlet:
        spec, digits = self.spec, self.spec.digits
        feed = None if self.active == "none" else self.feeds[self.active]
        current = round(sum(amps.values()), digits.current)
        watts = round(sum(self._socket_watts(s) for s in self.sockets.values()), digits.power)
        apparent = max(watts, round(volts * sum(amps.values()), digits.power))
        kwh = self._energy_offset_kwh + sum(self._socket_kwh(s) for s in self.sockets.values())
        return Inlet(
            number=1,
            name=spec.inlet_name,
            voltage_v=round(volts, digits.voltage),
            current_a=current,
            power_w=watts,
            apparent_power_va=apparent,
            power_factor=round(watts / apparent, 2) if apparent else None,
            frequency_hz=round(feed.frequency_hz, 1) if feed else 0.0,
            energy_kwh=round(kwh, digits.energy),
            rating_a=spec.rating_a,
            state=load_state(current, spec.warning_a, spec.critical_a),
        )

    def _ats(self) -> Ats:
        digits = self.spec.digits
        feeds = list(self.feeds.values())
        return Ats(
            active=self.active,
            preferred=self.preferred,
            redundancy="full" if all(f.good for f in feeds) else "lost",
            phase_sync="in_sync" if all(f.alive for f in feeds) else "out_of_sync",
            sensitivity="medium",
            sources=tuple(
                Source(
                    id=f.id,
                    name=f"Source {f.id}",
                    voltage_v=round(f.voltage_v, digits.voltage),
                    frequency_hz=round(f.frequency_hz, 1),
                    state=f.state,
                )
                for f in feeds
            ),
        )


class Loads:
    """The devices of one world; they settle after all PDUs have said which outlets have power."""

    def __init__(self, loads: list[Load]) -> None:
        self.loads = loads

    def integrate(self, seconds: float) -> None:
        """Energy is counted at the outlets."""

    def step(self, at_s: float) -> None:
        """Let the demands move."""
        for load in self.loads:
            load.step()

    def settle(self, at_s: float) -> None:
        """Share the demands among the outlets that have power."""
        for load in self.loads:
            load.settle()


def load_state(current_a: float, warning_a: float, critical_a: float) -> LoadState:
    """A load against its thresholds."""
    if current_a >= critical_a:
        return "critical"
    return "warning" if current_a >= warning_a else "normal"
