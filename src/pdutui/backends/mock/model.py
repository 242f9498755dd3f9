"""One modelled PDU: relays, meters, a transfer switch, a probe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Literal

from pdutui.backends.base import OutletStatus, PduStatus
from pdutui.backends.mock.metering import reading_of
from pdutui.backends.mock.parts import Feed, Gauge, Socket
from pdutui.backends.mock.relays import Relays
from pdutui.backends.mock.spec import OutletSpec, PduSpec, key_of
from pdutui.backends.mock.transfer import TransferSwitch

if TYPE_CHECKING:
    from pdutui.backends.mock.world import World
    from pdutui.domain.commands import OutletAction, PduAction
    from pdutui.domain.reading import ActiveSource, Reading, SourceId

_JOULES_PER_KWH = 3_600_000.0
_SPREAD = 0.006
"""How far two phases lie apart, as a part of the nominal voltage."""
_ALL: dict[PduAction, OutletAction] = {
    "all_on": "on",
    "all_off": "off",
    "all_reboot": "reboot",
    "all_delayed_on": "delayed_on",
    "all_delayed_off": "delayed_off",
    "all_delayed_reboot": "delayed_reboot",
    "all_cancel": "cancel",
}
_PREFER: dict[PduAction, ActiveSource] = {"prefer_a": "A", "prefer_b": "B", "prefer_none": "none"}
Group = Literal["module", "phase", "bank"]
_GROUPS: dict[Group, Callable[[Socket], int]] = {
    "module": lambda socket: socket.module,
    "phase": lambda socket: key_of(socket.phase, socket.module),
    "bank": lambda socket: socket.bank or 0,
}


class MockPdu:
    """A PDU that behaves like one, in a world of its own or shared with its neighbours.

    All times are seconds of the monotonic clock the world was started with.
    """

    def __init__(self, spec: PduSpec, world: World, seed: str) -> None:
        self.spec = spec
        self.world = world
        self.tripped: set[int] = set()
        """Banks whose breaker is open."""
        self.relays = Relays(spec, world, Random(f"{seed}/relay"))
        dice = Random(f"{seed}/start")
        self._uptime_s = dice.uniform(3e5, 9e6)
        offsets = _offsets(spec, seed)
        self.feeds = {
            ident: Feed(
                ident, spec.nominal_v, spec.nominal_hz, Random(f"{seed}/feed/{ident}"), offsets
            )
            for ident in spec.sources
        }
        self.transfer = TransferSwitch(spec.ats, self.feeds, world)
        sockets = [_socket(o, dice.uniform(2.5, 4.0)) for o in spec.outlets]
        self.sockets = {socket.number: socket for socket in sockets}
        """Everything that is plugged in, by outlet number (also where the device shows none)."""
        self._members: dict[tuple[str, int], tuple[Socket, ...]] = {}
        for part, number_of in _GROUPS.items():
            for socket in sockets:
                key = part, number_of(socket)
                self._members[key] = (*self._members.get(key, ()), socket)
        inlets = len(spec.inlet_names)
        self.energy_offsets_kwh = [dice.uniform(200.0, 400.0) for _ in range(inlets)]
        """By inlet: what its counter had before the outlets began to count; where each source is
        an inlet, all that went through it."""
        self.gauges = [
            Gauge(s, Random(f"{seed}/sensor/{place}")) for place, s in enumerate(spec.sensors)
        ]
        world.add(self)

    # -- the world's side ---------------------------------------------------------------------

    def advance(self, now_s: float) -> None:
        """Bring the model up to a time; a time already passed changes nothing."""
        self.world.advance(now_s)

    def integrate(self, seconds: float) -> None:
        """Count the energy of an interval in which nothing changed."""
        if self.spec.ats.inlets:
            active = self.transfer.active
            through = sum(socket.power_w for socket in self.sockets.values())
            for place, ident in enumerate(self.feeds):
                if ident == active:
                    self.energy_offsets_kwh[place] += through * seconds / _JOULES_PER_KWH
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
        self.transfer.settle()
        feed = self.transfer.feed
        fed = feed is not None and feed.alive
        for socket in self.sockets.values():
            socket.energised = fed and socket.on and socket.bank not in self.tripped

    # -- what somebody can do to it -----------------------------------------------------------

    def switch(
        self, outlet: int, action: OutletAction, now_s: float, delay_s: float | None = None
    ) -> None:
        """Take a command: the relay follows after its delay, a reboot comes back by itself.

        A newer command overrides one still under way. `identify` moves nothing, `cancel` takes
        back a delayed command that has not begun.

        Args:
            outlet: its number.
            action: what to do.
            now_s: when.
            delay_s: for a delayed action, how long it waits; None: the device's own delay.

        Raises:
            KeyError: there is no such outlet.
        """
        self.advance(now_s)
        if not self.spec.shows_outlets:
            raise KeyError(outlet)
        self.relays.switch(self.sockets[outlet], action, delay_s)

    def switch_pdu(
        self,
        action: PduAction,
        now_s: float,
        delay_s: float | None = None,
        module: int | None = None,
        only: str | None = None,
    ) -> None:
        """Take a command for the whole PDU.

        Args:
            action: what to do.
            now_s: when.
            delay_s: as for `switch`.
            module: only the outlets of this module.
            only: only those that are under way to this: on, off, reboot.

        Raises:
            ValueError: the source cannot be preferred.
        """
        self.advance(now_s)
        if action in _PREFER:
            self.prefer(_PREFER[action], now_s)
            return
        for number in self.outlets:
            socket = self.sockets[number]
            if module in (None, socket.module) and only in (None, socket.doing):
                self.relays.switch(socket, _ALL[action], delay_s)

    def throw(self, outlet: int, on: bool, now_s: float) -> None:
        """Somebody else moves a relay, at once and without a command of ours."""
        self.advance(now_s)
        self.relays.throw(self.sockets[outlet], on)
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

    def can_prefer(self, ident: ActiveSource, now_s: float) -> bool:
        """Whether the transfer switch would take that preference now."""
        self.advance(now_s)
        return self.transfer.can_prefer(ident)

    def prefer(self, ident: ActiveSource, now_s: float) -> None:
        """Set the preferred source of a transfer switch.

        Raises:
            ValueError: there is no switch, or it does not take that now.
        """
        self.advance(now_s)
        self.transfer.prefer(ident)
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

    def members(self, part: Group, number: int) -> tuple[Socket, ...]:
        """What hangs on a module, or on a phase or bank by its number in the whole PDU."""
        return self._members.get((part, number), ())

    @property
    def outlets(self) -> tuple[int, ...]:
        """The numbers of the outlets that the device knows of."""
        return tuple(self.sockets) if self.spec.shows_outlets else ()

    @property
    def uptime_s(self) -> int:
        """Whole seconds since the device was started."""
        return int(self._uptime_s + self.world.now_s)

    def outlet_status(self, outlet: int, now_s: float) -> OutletStatus:
        """State of one outlet. Raises KeyError if there is no such outlet."""
        self.advance(now_s)
        if not self.spec.shows_outlets:
            raise KeyError(outlet)
        spec, relays, socket = self.spec, self.relays, self.sockets[outlet]
        return OutletStatus(
            state="on" if socket.on else "off",
            pending=relays.pending(socket),
            reboot_off_s=relays.reboot_off_s if spec.tells_reboot_off else None,
            on_delay_s=relays.on_delay_s if spec.tells_delays else None,
            off_delay_s=relays.off_delay_s if spec.tells_delays else None,
        )

    def pdu_status(self, now_s: float, *, outlets: bool) -> PduStatus:
        """State of the transfer switch and, if asked for, of every outlet."""
        self.advance(now_s)
        has_ats = len(self.feeds) > 1
        return PduStatus(
            outlets={n: self.outlet_status(n, now_s) for n in self.outlets} if outlets else {},
            preferred=self.transfer.preferred if has_ats else None,
            active=self.transfer.active if has_ats else None,
        )

    def reading(self, now_s: float, time: datetime, pdu: str) -> Reading:
        """All that the PDU says at a time; `time` and `pdu` are what the reading is labelled."""
        self.advance(now_s)
        return reading_of(self, time, pdu)


def _socket(outlet: OutletSpec, hours: float) -> Socket:
    label = outlet.label
    return Socket(
        number=key_of(outlet.number, outlet.module), name=outlet.name,
        bank=None if outlet.bank is None else key_of(outlet.bank, outlet.module),
        power_factor=outlet.power_factor, on=outlet.on, watts=outlet.watts, phase=outlet.phase,
        module=outlet.module, label=label, energy_kwh=outlet.watts * hours,
    )  # fmt: skip


def _offsets(spec: PduSpec, seed: str) -> tuple[float, ...]:
    """How far each phase lies beside the middle."""
    if not spec.phases:
        return (0.0,)
    numbers = {phase.number for phase in spec.phases}
    apart = [_SPREAD * (n - (len(numbers) - 1) / 2) for n in range(len(numbers))]
    Random(f"{seed}/phases").shuffle(apart)
    return tuple(apart)
