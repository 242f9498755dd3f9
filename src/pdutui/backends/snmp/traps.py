"""The trap listener: from datagrams to notifications that are proved as far as they can be.

Every datagram is handled at once and forgotten: nothing queues up, and what comes faster than the
limits is dropped unread. What is handed on says who may have sent it; nothing here changes a
reading or knows an engine.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import msgspec

from pdutui.backends.snmp import usm
from pdutui.backends.snmp.ber import BadMessage
from pdutui.backends.snmp.trap_counts import Stranger, Tally, TrapCounts
from pdutui.backends.snmp.trap_message import (
    MAX_DATAGRAM,
    Envelope,
    Notification,
    decode_trap,
    version_of,
)
from pdutui.backends.snmp.trap_rate import Throttle, TrapLimits
from pdutui.backends.snmp.trap_socket import plain_address
from pdutui.backends.snmp.trap_v3 import Credential, Untrusted, V3Receiver
from pdutui.backends.snmp.usm import UsmError
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import Level

DUPLICATE_S = 60.0
"""How long an inform is remembered: senders repeat one for some seconds."""
_REMEMBERED = 1024


class Community(msgspec.Struct, frozen=True):
    """A community that is taken, and which PDU it is configured for."""

    secret: Secret
    owner: str | None
    """None: the listener's own, good for every PDU."""


class Senders(Protocol):
    """Who may send traps; asked for every datagram, so answers must be quick."""

    def at(self, address: str) -> Sequence[str]:
        """The PDUs at an address; empty for a stranger."""
        ...

    def communities(self, address: str) -> Sequence[Community]:
        """What a v1 or v2c trap from there may carry."""
        ...

    def credentials(self, address: str, engine_id: bytes) -> Sequence[Credential]:
        """The users of the PDUs at an address, and of the one that has this engine."""
        ...


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A notification whose sender is known and whose credentials are right."""

    notification: Notification
    address: str
    port: int
    owners: tuple[str, ...]
    """The PDUs that may have sent it, as far as credentials and address tell."""
    engine_id: bytes | None = None
    """Of a v3 trap: the sender's engine, proved if `level` says so."""
    level: Level | None = None
    """Of v3."""


class TrapListener(asyncio.DatagramProtocol):
    """Listens on one socket.

    Args:
        senders: who may send.
        deliver: called for every notification that counts, in the event loop.
        refuse: called for every one that does not, with the sender's record.
        overrun: called with the address of a known sender whose trap was dropped unread.
        clock: time.
        v3: opens v3 messages; None: they are not taken.
        limits: how many are looked at.
    """

    def __init__(
        self,
        senders: Senders,
        deliver: Callable[[Arrival], object],
        *,
        refuse: Callable[[Stranger, Notification | None], object],
        clock: Clock,
        overrun: Callable[[str], object] = lambda address: None,
        v3: V3Receiver | None = None,
        limits: TrapLimits | None = None,
    ) -> None:
        self._senders = senders
        self._deliver, self._refuse, self._overrun = deliver, refuse, overrun
        self._clock = clock
        self._v3 = v3
        self._throttle = Throttle(limits or TrapLimits(), clock.monotonic())
        self._tally = Tally()
        self._informs: OrderedDict[tuple[object, ...], float] = OrderedDict()
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, bound: socket.socket) -> tuple[str, int]:
        """Listen on a bound socket, which is closed by `close`. Returns its address."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, sock=bound)
        name = bound.getsockname()
        return str(name[0]), int(name[1])

    def close(self) -> None:
        """Stop listening. May be called twice."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @property
    def counts(self) -> TrapCounts:
        """What has come in so far."""
        return self._tally.counts()

    @property
    def dropped(self) -> int:
        """Datagrams dropped unread so far."""
        return self._tally.dropped

    # -- asyncio's side -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """A sender that did not wait for its answer; nobody cares."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Handle one datagram."""
        address = plain_address(addr[0])
        self._tally.received += 1
        known = bool(self._senders.at(address))
        if not self._throttle.admits(address, known, self._clock.monotonic()):
            self._tally.dropped += 1
            if known:
                self._overrun(address)
            return
        answer = self._handle(data, address, addr[1])
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    # -- inside -------------------------------------------------------------------------------

    def _handle(self, data: bytes, address: str, port: int) -> bytes | None:
        """The answer to a datagram, if there is one to give."""
        try:
            if len(data) > MAX_DATAGRAM:
                raise BadMessage("too long")
            if version_of(data) == 3:
                return self._secured(data, address, port)
            return self._plain(decode_trap(data), address, port)
        except (BadMessage, UsmError):
            self._tally.malformed += 1
            return None

    def _plain(self, envelope: Envelope, address: str, port: int) -> bytes | None:
        note = envelope.notification
        owners = self._senders.at(address)
        if not owners:
            self._stranger(address, note, "unknown sender")
            return None
        mine = [
            one
            for one in self._senders.communities(address)
            if hmac.compare_digest(one.secret.reveal().encode(), envelope.community)
        ]
        if not mine:
            self._stranger(address, note, "wrong community")
            return None
        named = {one.owner for one in mine}
        if None not in named:
            owners = [owner for owner in owners if owner in named]
        arrival = Arrival(notification=note, address=address, port=port, owners=tuple(owners))
        return self._take(arrival, envelope.answer() if note.inform else None)

    def _secured(self, data: bytes, address: str, port: int) -> bytes | None:
        message = usm.parse(data)
        credentials = self._senders.credentials(address, message.engine_id)
        if not credentials or self._v3 is None:
            why = "no SNMPv3 user is configured for it" if self._senders.at(address) else ""
            self._stranger(address, None, why or "unknown sender")
            return None
        try:
            proved = self._v3.receive(message, credentials, self._clock.monotonic())
        except Untrusted as error:
            if not error.routine:
                self._stranger(address, None, str(error))
            return error.answer
        arrival = Arrival(
            notification=proved.notification,
            address=address,
            port=port,
            owners=proved.owners,
            engine_id=proved.engine_id,
            level=proved.level,
        )
        return self._take(arrival, proved.answer)

    def _take(self, arrival: Arrival, answer: bytes | None) -> bytes | None:
        if answer is not None:
            self._tally.answered += 1
            if self._came_before(arrival):
                self._tally.duplicates += 1
                return answer
        self._tally.accepted += 1
        self._deliver(arrival)
        return answer

    def _came_before(self, arrival: Arrival) -> bool:
        """Whether an inform is one that was taken already and is only sent again."""
        note, now_s = arrival.notification, self._clock.monotonic()
        key = (arrival.address, note.request_id, note.oid, note.variables)
        before = self._informs.pop(key, None)
        self._informs[key] = now_s
        while len(self._informs) > _REMEMBERED:
            self._informs.popitem(last=False)
        return before is not None and now_s - before < DUPLICATE_S

    def _stranger(self, address: str, note: Notification | None, why: str) -> None:
        oid = "" if note is None else note.oid
        self._refuse(self._tally.stranger(address, oid, why, self._clock.now()), note)
