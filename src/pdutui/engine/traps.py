"""Traps at work: each becomes an event and an immediate poll, and never a figure.

What a trap says may be late, repeated, lost or forged. So it is told as what it is, something the
device has sent, and the PDU is asked at once; the reading that comes back is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import ProfileError
from pdutui.backends.snmp.trap_counts import Stranger, TrapCounts
from pdutui.backends.snmp.trap_engine import start_engine
from pdutui.backends.snmp.trap_meaning import Meaning, TrapBook
from pdutui.backends.snmp.trap_message import Notification
from pdutui.backends.snmp.trap_rate import TrapLimits
from pdutui.backends.snmp.trap_socket import inherited_socket, open_socket, show_address, why_not
from pdutui.backends.snmp.trap_v3 import Credential, V3Receiver
from pdutui.backends.snmp.traps import Arrival, TrapListener
from pdutui.domain.clock import Clock, beat
from pdutui.domain.reading import Reading
from pdutui.engine.boundary import guard
from pdutui.engine.events import CommandEnded, EngineEvent, Severity, TrapReceived
from pdutui.engine.labels import outlet_label
from pdutui.engine.trap_own import OwnCommands
from pdutui.engine.trap_pokes import Pokes
from pdutui.engine.trap_senders import KnownPdu, TrapSenders
from pdutui.settings import TrapSettings

RETRY_S = 5.0
"""How often a port that is taken is tried again."""
TICK_S = 1.0
SUMMARY_S = 60.0
"""Drops and strangers are told once, and then at most this often."""
_DEVICE = " on the device"

Told = Callable[[TrapReceived, Arrival, Meaning], None]
"""Called with every trap that counts."""


class TrapStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How listening is going."""

    listening: str = ""
    """`0.0.0.0:1162`; empty while it is not."""
    problem: str = ""
    """Why not, for people."""
    counts: TrapCounts = TrapCounts()


class TrapDesk:
    """Takes traps in, finds out who sent them and what they say, and has the sender polled.

    Args:
        pdus: by name.
        settings: where to listen, and for which communities.
        profile_dir: the user's profiles.
        state_dir: where our SNMPv3 engine is kept; None: it is new in every run.
        clock: time.
        emit: takes events.
        note: takes lines for the event log: PDU or nothing, severity, text.
        poke: has a PDU polled at once.
        strangers: see `TrapSenders`.
        note_trap: takes what traps say for the event log; None: `note` does.
        told: takes the traps in place of that.
        limits: how many traps are looked at.
    """

    def __init__(
        self,
        pdus: Mapping[str, KnownPdu],
        settings: TrapSettings,
        *,
        state_dir: Path | None,
        profile_dir: Path | None = None,
        clock: Clock,
        emit: Callable[[EngineEvent], None],
        note: Callable[[str, Severity, str], None],
        poke: Callable[[str], None],
        strangers: Sequence[Credential] | None = None,
        note_trap: Callable[[str, Severity, str], None] | None = None,
        told: Told | None = None,
        limits: TrapLimits | None = None,
    ) -> None:
        self._pdus, self._settings, self._state_dir = pdus, settings, state_dir
        self._profile_dir = profile_dir
        self._clock = clock
        self._emit, self._note, self._told = emit, note, told
        self._note_trap = note_trap or note
        self._limits = limits
        self._pokes = Pokes(poke, clock)
        self._senders = TrapSenders(pdus, settings.communities, strangers=strangers)
        self._own = OwnCommands()
        self._book: TrapBook | None = None
        self._listener: TrapListener | None = None
        self._socket: socket.socket | None = None
        self._address = self._problem = ""
        self._summary_s = float("-inf")
        self._told_drops = 0
        self._told_untrusted = 0
        self._told_lost: tuple[str, ...] = ()

    @property
    def status(self) -> TrapStatus:
        """How listening is going."""
        counts = TrapCounts() if self._listener is None else self._listener.counts
        return TrapStatus(listening=self._address, problem=self._problem, counts=counts)

    # -- life --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Listen for ever; a port that is taken is told once and tried again."""
        try:
            while self._listener is None:
                try:
                    await self.listen()
                except OSError as error:
                    self._fail(error)
                    await self._clock.sleep(RETRY_S)
            while True:
                await self._senders.resolve(self._clock)
                self._name_lost()
                self._summarise()
                await beat(self._clock, TICK_S)
        finally:
            self.close()

    async def listen(self) -> tuple[str, int]:
        """Begin to listen; returns the address.

        Raises:
            OSError: the address cannot be had; `why_not` says it for people.
        """
        host, port = self._settings.host, self._settings.port
        bound = self._socket = self._socket or inherited_socket(os.environ)
        if bound is None:
            bound = self._socket = await open_socket(host, port)
        if self._book is None:
            # Off the loop: some tenths of a second on a slow machine.
            self._book = await asyncio.to_thread(load_book, self._profile_dir)
        now_s = self._clock.monotonic()
        engine, trouble = await asyncio.to_thread(start_engine, self._state_dir, now_s)
        if trouble:
            self._note("", "warning", f"SNMPv3 informs: {trouble}")
        self._senders.read_literals()
        listener = TrapListener(
            self._senders,
            lambda arrival: guard("a trap", self._deliver, arrival),
            refuse=lambda stranger, note: guard("a trap", self._refuse, stranger, note),
            overrun=self._overrun,
            clock=self._clock,
            v3=V3Receiver(engine),
            limits=self._limits,
        )
        address = await listener.start(bound)
        self._listener, self._socket = listener, None
        self._address, was = show_address(*address), self._problem
        self._problem = ""
        if was:
            self._note("", "info", f"listening for traps on {self._address}")
        return address

    def look_again(self) -> None:
        """The PDUs may be others, elsewhere or have other credentials: take them in anew."""
        self._senders.take_in()

    async def settle(self) -> None:
        """Look up the hosts that are names."""
        await self._senders.resolve(self._clock)

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._pokes.close()
        if self._listener is not None:
            self._listener.close()
        if self._socket is not None:
            self._socket.close()
        self._listener, self._socket, self._address = None, None, ""

    def hear(self, event: EngineEvent) -> None:
        """Take note of what the engine itself does."""
        if isinstance(event, CommandEnded):
            self._own.ended(event.result, self._clock.monotonic())

    def _fail(self, error: OSError) -> None:
        problem = why_not(error, self._settings.host, self._settings.port)
        if problem != self._problem:
            self._problem = problem
            self._note("", "warning", f"{problem}; trying again")

    # -- traps -------------------------------------------------------------------------------

    def _deliver(self, arrival: Arrival) -> None:
        """A trap whose sender and credentials are right."""
        assert self._book is not None
        notification = arrival.notification
        families = {self._family(name) for name in arrival.owners}
        meaning = self._book.meaning(notification, families.pop() if len(families) == 1 else None)
        vendors = self._book.vendors(notification.oid)
        names = self._senders.identify(arrival, meaning, vendors)
        name = names[0] if len(names) == 1 else ""
        if name and self._family(name) != meaning.profile:
            meaning = self._book.meaning(notification, self._family(name))
        event = self._event(name, names, arrival, meaning)
        self._emit(event)
        where = "" if name else f"{arrival.address}{_one_of(names)}: "
        if self._told is None:
            self._note_trap(name, event.severity, f"{where}{event.text}")
        else:
            self._told(event, arrival, meaning)
        for one in names:
            self._pokes.want(one)

    def _event(
        self, name: str, names: list[str], arrival: Arrival, meaning: Meaning
    ) -> TrapReceived:
        pdu = self._pdus.get(name)
        outlet, text, severity = meaning.outlet, meaning.text, meaning.severity
        own = False
        if pdu is None:
            text += _called(None, None, meaning)
        else:
            if outlet and meaning.module is None and _is_chain(pdu.reading):
                outlet = None  # of which unit, it does not say
            text += _called(outlet, pdu.reading, meaning)
            now_s = self._clock.monotonic()
            whose = self._own.explain(name, outlet, meaning.kind, pdu.in_flight, now_s)
            if whose == "ours":
                own, severity = True, "info"
                text = text.replace(_DEVICE, " by our own command", 1)
            elif whose == "perhaps ours":
                text = text.replace(_DEVICE, f"{_DEVICE}, perhaps by our own delayed command", 1)
        return TrapReceived(
            time=self._clock.now(),
            pdu=name,
            candidates=tuple(names),
            address=arrival.address,
            oid=meaning.oid,
            name=meaning.name,
            kind=meaning.kind,
            severity=severity,
            text=text,
            outlet=outlet,
            own=own,
        )

    def _family(self, name: str) -> str | None:
        pdu = self._pdus.get(name)
        if pdu is None:
            return None
        if pdu.reading is not None and pdu.reading.profile is not None:
            return pdu.reading.profile
        return None if pdu.settings.profile == "auto" else pdu.settings.profile

    def _overrun(self, address: str) -> None:
        """Traps of a PDU were dropped unread: what they would have told, a poll will show."""
        for name in self._senders.at(address):
            self._pokes.want(name)

    # -- what does not count -----------------------------------------------------------------

    def _refuse(self, stranger: Stranger, notification: Notification | None) -> None:
        """A sender that does not count: the first one is told at once, the rest in sums."""
        if self._clock.monotonic() - self._summary_s >= SUMMARY_S:
            self._summarise()

    def _name_lost(self) -> None:
        """Say which hosts have no address, where nobody polls them and says so."""
        if self._told is None or self._senders.lost == self._told_lost:
            return
        self._told_lost = self._senders.lost
        for host in self._told_lost:
            text = f"cannot resolve {host}: its traps are not known as its own; trying again"
            self._note("", "warning", text)

    def _summarise(self) -> None:
        listener, now_s = self._listener, self._clock.monotonic()
        if listener is None or now_s - self._summary_s < SUMMARY_S:
            return
        counts = listener.counts
        drops, untrusted = (
            counts.dropped - self._told_drops,
            counts.untrusted - self._told_untrusted,
        )
        if not drops and not untrusted:
            return
        self._summary_s = now_s
        self._told_drops, self._told_untrusted = counts.dropped, counts.untrusted
        if drops:
            self._note("", "warning", f"{drops} traps dropped unread: too many at once")
        if untrusted:
            last = counts.strangers[-1]
            what = f"{untrusted} traps" if untrusted > 1 else "a trap"
            which = f" ({last.oid})" if last.oid else ""
            text = f"{what} not trusted, the last from {last.address}{which}: {last.why}"
            self._note("", "warning", text)


def load_book(profile_dir: Path | None) -> TrapBook:
    """The rules of all profiles, the user's own among them; one that is broken is left out.

    What is wrong with it is told where profiles are loaded for reading.
    """
    library = ProfileLibrary(profile_dir)
    found = []
    for name in library.names:
        with contextlib.suppress(ProfileError):
            found.append(library.load(name, traps=True))
    return TrapBook(found)


def _one_of(names: Sequence[str]) -> str:
    return f" (one of {', '.join(names)})" if names else ""


def _is_chain(reading: Reading | None) -> bool:
    return reading is not None and any((o.module or 1) > 1 for o in reading.outlets)


def _called(outlet: int | None, reading: Reading | None, meaning: Meaning) -> str:
    """The name of the outlet in brackets, ours before the device's; nothing where it has none."""
    if meaning.outlet is None or meaning.outlet == 0:
        return ""
    part = reading.outlet(outlet) if reading is not None and outlet else None
    name = part.name if part is not None else meaning.outlet_name or ""
    number = meaning.outlet % 1000
    plain = outlet_label(number, name) == f"outlet {number}"
    return "" if plain or name in meaning.text else f" ({name})"
