"""Which PDU a trap is from: by address, by SNMPv3 engine, by what it says of itself."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pdutui.backends.snmp.trap_meaning import Meaning
from pdutui.backends.snmp.trap_socket import plain_address
from pdutui.backends.snmp.trap_v3 import Credential
from pdutui.backends.snmp.traps import Arrival, Community
from pdutui.backends.snmp.usm import UserKeys
from pdutui.domain.clock import Clock
from pdutui.domain.reading import Reading
from pdutui.domain.secret import Secret
from pdutui.engine.view import InFlight
from pdutui.engine.waiting import within
from pdutui.settings import PduSettings

RESOLVE_S = 300.0
"""How often names are looked up again; where one was not found, every `RETRY_S`."""
RETRY_S = 30.0
RESOLVE_LIMIT_S = 10.0
_LOOK_UPS = 4
"""Names looked up at the same time."""
_ENGINES_PER_PDU = 8


class KnownPdu(Protocol):
    """What is known of a PDU here; `engine.fleet.Pdu` fits."""

    settings: PduSettings
    reading: Reading | None
    in_flight: dict[int, InFlight]


class TrapSenders:
    """The PDUs by address and engine. Implements `backends.snmp.traps.Senders`.

    Args:
        pdus: by name.
        communities: taken from every PDU.
        strangers: credentials of whoever else may send; None: nobody may. For listening without
            any PDU.
    """

    def __init__(
        self,
        pdus: Mapping[str, KnownPdu],
        communities: Iterable[Secret],
        *,
        strangers: Sequence[Credential] | None = None,
    ) -> None:
        self._pdus = pdus
        self._shared = tuple(Community(one, None) for one in communities)
        self._strangers = strangers
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._engines: dict[bytes, str] = {}
        """Engine -> PDU, proved by a signed trap, at most a few for each PDU."""
        self._users = {name: _users(name, pdu.settings) for name, pdu in pdus.items()}
        self._due_s = float("-inf")
        self.lost: tuple[str, ...] = ()
        """Hosts that have no address at present: nobody can tell traps of theirs."""

    def take_in(self) -> None:
        """Go by the PDUs as they are now; names of hosts are looked up again."""
        self._users = {name: _users(name, pdu.settings) for name, pdu in self._pdus.items()}
        self._engines = {e: name for e, name in self._engines.items() if name in self._pdus}
        self._due_s = float("-inf")
        self.read_literals()

    # -- the listener's questions -------------------------------------------------------------

    def at(self, address: str) -> Sequence[str]:
        """The PDUs at an address; a nameless one for a stranger who may send."""
        found = self._addresses.get(address)
        return ("",) if found is None and self._strangers is not None else found or ()

    def communities(self, address: str) -> Sequence[Community]:
        """The listener's own communities, and the read communities of the PDUs there."""
        own = [
            Community(self._pdus[name].settings.community, name)
            for name in self._addresses.get(address, ())
            if self._pdus[name].settings.version != "3"
        ]
        return (*self._shared, *own)

    def credentials(self, address: str, engine_id: bytes) -> Sequence[Credential]:
        """The users of the PDUs there, and of the PDU that has this engine wherever it is."""
        names = list(self._addresses.get(address, ()))
        owner = self._engines.get(engine_id)
        if owner is not None and owner not in names:
            names.append(owner)
        found = [one for name in names for one in self._users[name]]
        return found if names or self._strangers is None else self._strangers

    # -- who it was ---------------------------------------------------------------------------

    def identify(self, arrival: Arrival, meaning: Meaning, vendors: frozenset[str]) -> list[str]:
        """The PDU that sent a trap; several where nothing tells them apart.

        Args:
            arrival: the trap; its owners are at the address, or have the right credentials.
            meaning: what it says, the device's serial number and name among it.
            vendors: whose devices send such a trap; empty for one that any may send.
        """
        names = [name for name in arrival.owners if name in self._pdus]
        known = self._engines.get(arrival.engine_id or b"")
        if known in names:
            return [known]
        if len(names) > 1:
            names = self._narrowed(names, meaning, vendors)
        signed = arrival.engine_id is not None and arrival.level != "noAuthNoPriv"
        if signed and len(names) == 1 and arrival.engine_id is not None:
            self._learn(arrival.engine_id, names[0])
        return names

    def _narrowed(self, names: list[str], meaning: Meaning, vendors: frozenset[str]) -> list[str]:
        """Those that fit what a trap says of its sender; all of them if none does."""

        def fitting(fits: list[str]) -> list[str]:
            return fits or names

        reading = {name: self._pdus[name].reading for name in names}
        names = fitting([n for n in names if (r := reading[n]) and r.vendor in vendors])
        if len(names) > 1:
            names = fitting([n for n in names if (r := reading[n]) and r.serial in meaning.serials])
        if len(names) > 1:
            names = fitting([n for n in names if (r := reading[n]) and r.name in meaning.names])
        return names

    def _learn(self, engine_id: bytes, name: str) -> None:
        mine = [engine for engine, owner in self._engines.items() if owner == name]
        if len(mine) >= _ENGINES_PER_PDU:
            del self._engines[mine[0]]
        self._engines[engine_id] = name

    # -- addresses ----------------------------------------------------------------------------

    def read_literals(self) -> None:
        """Take in the addresses that need no look-up. Quick."""
        self._addresses = _by_address(
            (name, _literal(pdu.settings)) for name, pdu in self._pdus.items()
        )

    async def resolve(self, clock: Clock) -> None:
        """Look up the hosts that are names, if it is time to. Bounded; never raises."""
        now_s = clock.monotonic()
        if now_s < self._due_s:
            return
        pairs = {name: _literal(pdu.settings) for name, pdu in self._pdus.items()}
        named = [
            name
            for name, found in pairs.items()
            if not found and self._pdus[name].settings.backend == "snmp"
        ]
        turn = asyncio.Semaphore(_LOOK_UPS)

        async def look_up(name: str) -> list[str]:
            async with turn:
                return await _looked_up(self._pdus[name].settings.host, clock)

        answers = await asyncio.gather(*(look_up(name) for name in named))
        hosts = (self._pdus[name].settings.host for name in named)
        self.lost = tuple(
            dict.fromkeys(h for h, found in zip(hosts, answers, strict=True) if not found)
        )
        for name, found in zip(named, answers, strict=True):
            # A name server that is away makes no stranger of a PDU.
            pairs[name] = found or [a for a, n in self._addresses.items() if name in n]
        self._addresses = _by_address(pairs.items())
        self._due_s = now_s + (RETRY_S if not all(answers) else RESOLVE_S)


def _users(name: str, settings: PduSettings) -> tuple[Credential, ...]:
    if settings.version != "3":
        return ()
    users = dict.fromkeys(user for user in (settings.v3, settings.v3_write) if user is not None)
    return tuple(Credential(name, UserKeys(user)) for user in users)


def _literal(settings: PduSettings) -> list[str]:
    """The address of a PDU whose host is one; nothing for a name."""
    if settings.backend != "snmp":
        return []
    plain = plain_address(settings.host)
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        return []
    return [plain]


async def _looked_up(host: str, clock: Clock) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await within(
            clock, RESOLVE_LIMIT_S, loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        )
    except (OSError, TimeoutError, UnicodeError):
        return []
    return [plain_address(str(address[0])) for *_, address in found]


def _by_address(pairs: Iterable[tuple[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for name, addresses in pairs:
        for address in dict.fromkeys(addresses):
            out[address] = (*out.get(address, ()), name)
    return out
