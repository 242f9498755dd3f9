"""A PDU over SNMP, as the engine sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, get_args

from pdutui.backends.base import (
    Backend,
    CommandRejected,
    DeviceError,
    OutletStatus,
    PduStatus,
    Unreachable,
    Unsupported,
)
from pdutui.backends.snmp.bound import BoundAct
from pdutui.backends.snmp.decode import Decoder, OutletPlan
from pdutui.backends.snmp.device import UPTIME_OID, Asking, Device
from pdutui.backends.snmp.family import Family
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.recognise import read_system
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.turns import Turns
from pdutui.backends.snmp.types import RawValue, RequestLimits, SnmpTarget, SnmpValue
from pdutui.domain.address import format_address
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Action, OutletAction, PduAction
from pdutui.domain.health import Link
from pdutui.domain.reading import PollStats, Reading

if TYPE_CHECKING:
    from pdutui.backends.snmp.opening import ReaderName


class Session(Asking, Protocol):
    """What the backend needs of a client."""

    limits: RequestLimits

    @property
    def requests(self) -> int:
        """Datagrams sent so far."""
        ...

    @property
    def varbinds(self) -> int:
        """Variables answered so far."""
        ...

    @property
    def link(self) -> Link:
        """The state of the line."""
        ...

    async def set(self, oid: str, value: SnmpValue, on_sent: Callable[[], None]) -> None:
        """Write one value, once."""
        ...

    async def aclose(self) -> None:
        """Close the sockets."""
        ...


class Shown(NamedTuple):
    """What the last reading was made of: commands are for what was seen in it."""

    device: Device
    generation: int
    decoder: Decoder
    values: Mapping[str, RawValue]


Connect = Callable[[SnmpTarget, RequestLimits], Session]


class SnmpBackend(Backend):
    """A PDU over SNMP. Nothing is sent before the first poll."""

    def __init__(
        self,
        name: str,
        target: SnmpTarget,
        profile: str = "auto",
        *,
        clock: Clock,
        reader: ReaderName = "auto",
        connect: Connect | None = None,
        library: ProfileLibrary | None = None,
        turns: Turns | None = None,
    ) -> None:
        """Prepare, without a packet.

        Args:
            name: configured name of the PDU.
            target: where it is and how to talk to it.
            profile: name of a profile, or `auto` to find it by asking.
            clock: the time.
            reader: which SNMP library reads.
            connect: makes the client; for tests.
            library: the profiles there are; without one, those that ship with pdutui.
            turns: shared by the backends of a process, so that finding out about many devices at
                once leaves the event loop free.

        Raises:
            ProfileError: no profile of that name.
        """
        self.name = name
        self._target = target
        self._clock = clock
        self._turns = turns
        self._where = format_address(target.host, target.port)
        """The device as a user would name it."""
        self._family = Family(
            library or ProfileLibrary(),
            profile,
            host=self._where,
            one_by_one=target.version == "1",
        )
        self._client = (
            _connect(clock, reader)(target, self._limits())
            if connect is None
            else connect(target, self._limits())
        )
        self._device: Device | None = None
        self._opening = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._offered: Decoder | None = None
        """What `actions` and the like were worked out for."""
        self._shown: Shown | None = None

    def _limits(self) -> RequestLimits:
        profile = self._family.profile
        return profile.request if profile is not None else RequestLimits()

    @property
    def profile(self) -> str | None:
        """The name of the profile, None until it is found."""
        profile = self._family.profile
        return None if profile is None else profile.name

    async def poll(self) -> Reading:
        """One complete reading; see `Backend.poll`."""
        client = self._client
        began = self._clock.monotonic()
        requests, varbinds = client.requests, client.varbinds
        known = self._device is not None
        device, values = await self._read()
        if known and not self._family.given and not await self._is_still(device, values):
            self._family.forget()
            self._device = None
            device, values = await self._read()
        if not device.has_rows():
            self._device = None
            await self._nothing_there()
        stats = PollStats(
            duration_ms=round((self._clock.monotonic() - began) * 1000.0, 3),
            requests=client.requests - requests,
            varbinds=client.varbinds - varbinds,
            errors=tuple(device.errors),
        )
        reading = _decoder(device).reading(values, self._clock.now(), stats)
        self._shown = Shown(device, device.generation, _decoder(device), values)
        return reading

    async def _read(self) -> tuple[Device, Mapping[str, RawValue]]:
        device = await self._open()
        async with self._reading:
            values = await device.read(self._clock.monotonic())
            self._offer(device)
        return device, values

    async def _is_still(self, device: Device, values: Mapping[str, RawValue]) -> bool:
        """Whether it is a device of the family that was found."""
        if device.replaced or not device.has_rows():
            return False
        return await self._family.still_right(self._client, values.get(UPTIME_OID))

    async def _open(self) -> Device:
        async with self._opening:
            if self._device is None:
                self._device = Device(
                    self.name,
                    await self._family.find(self._client),
                    self._client,
                    one_by_one=self._target.version == "1",
                    turns=self._turns,
                )
            return self._device

    async def _nothing_there(self) -> None:
        """Say that the profile does not fit. A profile that was found is looked for again."""
        profile = self._family.profile
        assert profile is not None
        self._family.forget()
        system = await read_system(self._client)
        raise Unsupported(
            f"nothing that profile {profile.name} speaks of is there:"
            f" sysDescr {system.descr or 'none'!r}, sysObjectID {system.object_id or 'none'};"
            f" name another profile with --profile, or record the device with"
            f" `pdutui capture {self._where} -o pdu.snmprec --redact` and send that in"
        )

    async def _learned(self) -> Device:
        """The device, read at least once."""
        device = await self._open()
        if device.decoder is None:
            async with self._reading:
                if device.decoder is None:
                    await device.read(self._clock.monotonic())
                    self._offer(device)
        return device

    async def _outlet(self, number: int) -> tuple[Device, OutletPlan]:
        device = await self._learned()
        outlet = _decoder(device).outlets.get(number)
        if outlet is None:
            raise CommandRejected(f"{self.name} has no outlet {number}")
        return device, outlet

    def _offer(self, device: Device) -> None:
        """Say what commands can do, as the device is now."""
        if not self._target.may_write:
            return
        whole = _pdu_acts(device)
        if device.decoder is self._offered and whole.keys() == self.pdu_actions:
            return
        self._offered = device.decoder
        acts = [*(o.acts for o in _decoder(device).outlets.values()), whole]
        able = {action for some in acts for action in some}
        self.actions = frozenset(a for a in get_args(OutletAction) if a in able)
        self.pdu_actions = frozenset(a for a in get_args(PduAction) if a in able)
        self.takes_delay = any(act.value is None for some in acts for act in some.values())
        profile = self._family.profile
        prefer = profile.prefer if profile is not None else None
        self.prefer_transfers = prefer is not None and prefer.transfers

    async def read_outlet(self, number: int) -> OutletStatus:
        """State of one outlet, asked now; see `Backend.read_outlet`."""
        device, outlet = await self._outlet(number)
        return outlet.status(await device.ask_now(outlet.asked, outlet.proof))

    async def read_pdu(self, *, outlets: bool) -> PduStatus:
        """The transfer switch and all outlets, asked now; see `Backend.read_pdu`."""
        device = await self._learned()
        decoder, plan = _decoder(device), device.plan
        assert plan is not None
        switch, wanted = decoder.switch, tuple(decoder.outlets.values()) if outlets else ()
        oids = dict.fromkeys(oid for outlet in wanted for oid in outlet.asked)
        oids.update(dict.fromkeys(switch.asked if switch is not None else ()))
        values = await device.ask_now(tuple(oids), plan.proofs if outlets else ())
        preferred: Any = switch.preferred(values) if switch is not None else None
        active: Any = switch.active(values) if switch is not None else None
        return PduStatus(
            outlets={outlet.number: outlet.status(values) for outlet in wanted},
            preferred=preferred,
            active=active,
        )

    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        """Switch one outlet with the profile's integer; see `Backend.command`."""
        shown = self._must_be_able()
        _, outlet = await self._outlet(number)
        was = shown.decoder.outlets.get(number)
        if was is None or (was.acts, was.proof) != (outlet.acts, outlet.proof):
            raise CommandRejected(f"{self.name}: not sent: its outlets have just been found anew")
        act = outlet.acts.get(action)
        if act is None:
            raise CommandRejected(f"{self.name}: outlet {number} cannot be switched {action}")
        value = self._integer(act, action, delay_s)
        # A row of the device goes on the wire: is it still this outlet's, and the same device?
        asked = (*outlet.able_asked, *act.countdown)
        values = await self._same(shown, asked, outlet.proof, outlet)
        if outlet.switchable(values) is not True:
            raise CommandRejected(f"{self.name}: outlet {number} cannot be switched {action}")
        oid = act.target(values)
        if oid is None:
            raise CommandRejected(f"{self.name}: outlet {number} has no command pending")
        await self._client.set(oid, SnmpValue("integer", value), on_sent)

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        """Switch all outlets, or prefer a source; see `Backend.command_pdu`."""
        shown = self._must_be_able()
        device = await self._learned()
        act = _pdu_acts(device).get(action)
        if act is None:
            raise CommandRejected(f"{self.name} cannot do {action}")
        value = self._integer(act, action, delay_s)
        plan = device.plan
        proofs = plan.proofs if plan is not None and action.startswith("all_") else ()
        oid = act.target(await self._same(shown, act.countdown, proofs, None))
        if oid is None:
            raise CommandRejected(f"{self.name} has no command pending for all its outlets")
        await self._client.set(oid, SnmpValue("integer", value), on_sent)

    def _must_be_able(self) -> Shown:
        """Whether commands can be sent at all. Gives back what whoever agreed was looking at."""
        if not self._target.may_write:
            what = "user" if self._target.version == "3" else "community"
            raise CommandRejected(f"{self.name}: no write {what}")
        shown = self._shown
        if shown is None:
            raise Unreachable(f"{self.name} has not been read yet")
        if shown.device is not self._device or shown.generation != shown.device.generation:
            raise Unreachable(f"{self.name} has restarted or been replaced and is looked at anew")
        return shown

    async def _same(
        self,
        shown: Shown,
        oids: Sequence[str],
        proofs: Sequence[tuple[str, int]],
        outlet: OutletPlan | None,
    ) -> dict[str, RawValue]:
        """Fresh values, if device and outlet are those that were shown.

        Raises:
            Unreachable: no answer; nothing was sent.
            CommandRejected: it is another device, another row, or another name.
        """
        device = shown.device
        named = outlet.named if outlet is not None else ()
        watched = tuple(o for o in (*shown.decoder.serial_asked, *named) if o in shown.values)
        try:
            values = await device.ask_now((*oids, *watched), proofs)
        except DeviceError as error:
            raise CommandRejected(f"{self.name}: not sent: {error}") from error
        for oid in watched:
            if values.get(oid) == shown.values[oid]:
                continue
            device.correct(values, watched)
            was, now = clean_text(shown.values[oid]), clean_text(values.get(oid))
            text = f"another device answers there: serial number {now!r}, was {was!r}"
            if now is None:
                text = f"the device does not say any more that its serial number is {was!r}"
            if outlet is not None and oid in named:
                is_now = "gives no name" if now is None else f"is called {now!r}"
                text = f"outlet {outlet.number} was called {was!r} and {is_now} now"
            raise CommandRejected(f"{self.name}: not sent: {text}")
        self._must_be_able()  # what has happened while it was asked for
        return values

    def _integer(self, act: BoundAct, action: Action, delay_s: int | None) -> int:
        """What to write. Raises CommandRejected where a delay is missing, or not wanted."""
        if act.value is not None:
            if delay_s is not None:
                raise CommandRejected(f"{self.name}: {action} takes no number of seconds")
            return act.value
        if delay_s is None or delay_s < 0:
            raise CommandRejected(f"{self.name}: {action} needs a delay in seconds, 0 or more")
        return delay_s

    @property
    def link(self) -> Link:
        """The state of the line."""
        return self._client.link

    async def aclose(self) -> None:
        """Close the sockets."""
        await self._client.aclose()


def _decoder(device: Device) -> Decoder:
    if device.decoder is None:
        raise DeviceError("the device has not been read")
    return device.decoder


def _pdu_acts(device: Device) -> dict[str, BoundAct]:
    """What can be done to the whole PDU: all outlets only where one of them can be switched."""
    plan, decoder = device.plan, device.decoder
    if plan is None or decoder is None:
        return {}
    acts = dict(plan.prefer.acts) if plan.prefer is not None else {}
    values = device.latest
    if plan.all_commands is not None and any(
        outlet.switchable(values) is True for outlet in decoder.outlets.values()
    ):
        acts.update(plan.all_commands.acts)
    return acts


def _connect(clock: Clock, reader: ReaderName) -> Connect:
    from pdutui.backends.snmp.client import SnmpClient

    def connect(target: SnmpTarget, limits: RequestLimits) -> Session:
        return SnmpClient(target, limits, clock=clock, reader=reader)

    return connect
