"""Finds PDUs in a range of addresses: gently, within bounds, and never out on the internet.

Each address is asked one short question first. Only what answers is asked what it is.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from pdutui.backends.base import (
    Backend,
    BackendError,
    DeviceError,
    Refused,
    Unreachable,
    Unsupported,
)
from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.recognise import SYS_DESCR_OID, SYS_OBJECT_ID_OID
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.types import RawValue, RequestLimits, SnmpTarget
from pdutui.domain.address import AddressError, format_address, parse_address
from pdutui.domain.clock import Clock
from pdutui.domain.reading import Reading

MOST_ADDRESSES = 4096
"""A /20: more than any room has PDUs."""
MOST_FORCED = 1_048_576
"""A /12. At 50 addresses a second that is six hours."""
FIRST_TIMEOUT_S = 0.5
FIRST_RETRIES = 1
_SYS_NAME_OID, _SYS_LOCATION_OID = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0"
_FIGURES = re.compile(r"\d+\.[\d.*-]*[*-][\d.*-]*")
"""Ranges as other tools write them: 10.0.0.1-20, 10.0.0.1-10.0.0.20, 10.0.0.*."""
_SYSTEM = (SYS_DESCR_OID, SYS_OBJECT_ID_OID, _SYS_NAME_OID, _SYS_LOCATION_OID)

Status = Literal["pdu", "other", "refused", "silent", "failed", "unasked"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ScanError(ValueError):
    """A range that is not to be scanned; the text says why, and what would be right."""


class Place(msgspec.Struct, frozen=True):
    """Where to ask."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """As people write it."""
        return format_address(self.host, self.port)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is at one address."""

    place: Place
    status: Status
    """pdu: a PDU; other: it answers SNMP and is none; refused: it answers SNMP, but not to these
    credentials; silent: nothing came back; failed: it answered, and then something went wrong;
    unasked: nobody has asked it."""
    detail: str = ""
    """Why it is refused, silent or failed; for people."""
    descr: str | None = None
    object_id: str | None = None
    name: str | None = None
    location: str | None = None
    profile: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    outlets: int | None = None


class Ranges(msgspec.Struct, frozen=True):
    """What is to be scanned, in the order it was named."""

    parts: tuple[Place | tuple[Network, int], ...]

    @property
    def count(self) -> int:
        """How many addresses; one that is named twice counts twice."""
        return sum(1 if isinstance(part, Place) else _hosts(part[0]) for part in self.parts)

    def __iter__(self) -> Iterator[Place]:
        """Every address once; network and broadcast addresses are left out."""
        seen: set[Place] = set()
        for part in self.parts:
            if isinstance(part, Place):
                places: Iterator[Place] = iter((part,))
            else:
                places = (Place(str(host), part[1]) for host in part[0].hosts())
            for place in places:
                if place not in seen:
                    seen.add(place)
                    yield place


def parse_ranges(texts: Sequence[str], *, port: int, force: bool) -> Ranges:
    """Ranges and hosts as people write them: `10.0.0.0/24`, `10.0.0.5`, `pdu1`, `pdu1:1161`.

    Host names are resolved to see where they lead.

    Args:
        texts: what to scan.
        port: where a text names none.
        force: scan public addresses and huge ranges, too.

    Raises:
        ScanError: it cannot be meant, or is public or huge and not forced.
    """
    parts: list[Place | tuple[Network, int]] = []
    for text in texts:
        if "/" in text:
            network = _network(text)
            _check_public(text, (network,), force=force)
            parts.append((network, port))
            continue
        if _FIGURES.fullmatch(text):
            raise ScanError(f"{text!r} is no address: a range is written as 10.0.0.0/24")
        try:
            host, own_port = parse_address(text)
        except AddressError as error:
            raise ScanError(str(error)) from error
        _check_public(text, _networks_of(host), force=force)
        parts.append(Place(host, own_port or port))
    ranges = Ranges(tuple(parts))
    count = ranges.count
    if count > (MOST_FORCED if force else MOST_ADDRESSES):
        most = MOST_FORCED if force else MOST_ADDRESSES
        hint = "" if force else "; --force scans it all the same"
        raise ScanError(f"{count} addresses are more than {most}: name smaller ranges{hint}")
    return ranges


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise ScanError(f"{text!r} is no range of addresses: write 10.0.0.0/24") from error
    if network.is_multicast or (network.version == 4 and network.is_reserved):
        raise ScanError(f"{text!r} holds no hosts")
    return network


def _hosts(network: Network) -> int:
    if network.version == 4:
        return network.num_addresses - (2 if network.prefixlen < 31 else 0)
    return network.num_addresses - (1 if network.prefixlen < 127 else 0)


def _networks_of(host: str) -> tuple[Network, ...]:
    """Where a host is; nothing for a name that does not resolve: asking it will say so."""
    try:
        return (ipaddress.ip_network(host.partition("%")[0]),)
    except ValueError:
        pass
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        return tuple(
            ipaddress.ip_network(str(address[0]).partition("%")[0]) for *_, address in found
        )
    return ()


def _check_public(text: str, networks: tuple[Network, ...], *, force: bool) -> None:
    for network in networks:
        first, last = network.network_address, network.broadcast_address
        if first.is_multicast or first.is_unspecified:
            raise ScanError(f"{text!r} is no host's address")
        if not force and not all(_is_own(address) for address in (first, last)):
            raise ScanError(
                f"{text!r} is public: whoever is there has not asked for it (--force does it)"
            )


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Private, ULA, loopback, link-local, shared (RFC 6598) or for documentation."""
    return address.is_private or address.is_link_local or not address.is_global


class Scan:
    """One scan. `found` holds what there is at every moment, also after it was cancelled."""

    def __init__(
        self,
        *,
        target: Callable[[Place], SnmpTarget],
        backend: Callable[[Place], Backend],
        clock: Clock,
        rate: float,
        concurrency: int,
        on_progress: Callable[[int, Found], None] = lambda _, __: None,
        is_last_resort: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Nothing is sent yet.

        Args:
            target: how a place is asked; its timeout is for what answers, the first question has
                a shorter one.
            backend: reads a device that has answered.
            clock: for the pace.
            rate: addresses begun per second.
            concurrency: addresses asked at the same time.
            on_progress: told of every address that is done, with how many are.
            is_last_resort: whether a profile fits many things besides PDUs.
        """
        self._target = target
        self._backend = backend
        self._clock = clock
        self._pace_s = 1.0 / rate
        self._concurrency = concurrency
        self._on_progress = on_progress
        self._is_last_resort = is_last_resort
        self._next_s = clock.monotonic()
        self._done = 0
        self.found: list[Found] = []
        """Everything but the silent ones, in the order of the addresses once `run` is over."""
        self.silent = 0
        self.unreachable: list[Found] = []
        """Host names that lead nowhere."""

    async def run(self, places: Iterable[Place]) -> None:
        """Ask every place. Never raises for what a device does."""
        todo = iter(enumerate(places))
        order: dict[Place, int] = {}

        async def work() -> None:
            for number, place in todo:
                order[place] = number
                await self._wait_for_turn()
                self._take(await self.ask(place))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._concurrency):
                    group.create_task(work())
        finally:
            self.found.sort(key=lambda found: order[found.place])

    async def _wait_for_turn(self) -> None:
        now_s = self._clock.monotonic()
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._pace_s
        if turn_s > now_s:
            await self._clock.sleep(turn_s - now_s)

    def _take(self, found: Found) -> None:
        self._done += 1
        if found.status == "silent":
            self.silent += 1
            if not _is_address(found.place.host):
                self.unreachable.append(found)
        else:
            self.found.append(found)
        self._on_progress(self._done, found)

    async def ask(self, place: Place) -> Found:
        """What is at one place."""
        target = self._target(place)
        quick = msgspec.structs.replace(
            target, timeout_s=min(target.timeout_s, FIRST_TIMEOUT_S), retries=FIRST_RETRIES
        )
        client = SnmpClient(quick, RequestLimits(), clock=self._clock, reader="own")
        try:
            answer = await client.get(_SYSTEM)
        except Refused as error:
            return Found(place=place, status="refused", detail=str(error))
        except Unreachable as error:
            return Found(place=place, status="silent", detail=str(error))
        except DeviceError as error:
            return Found(place=place, status="failed", detail=str(error))
        finally:
            await client.aclose()
        return await self._recognise(place, answer.values)

    async def _recognise(self, place: Place, values: dict[str, RawValue]) -> Found:
        object_id = values.get(SYS_OBJECT_ID_OID)
        found = Found(
            place=place,
            status="other",
            descr=clean_text(values.get(SYS_DESCR_OID)),
            object_id=object_id if isinstance(object_id, str) else None,
            name=clean_text(values.get(_SYS_NAME_OID)) or None,
            location=clean_text(values.get(_SYS_LOCATION_OID)) or None,
        )
        backend = self._backend(place)
        try:
            reading = await backend.poll()
        except Unsupported:
            return found
        except BackendError as error:
            return msgspec.structs.replace(found, status="failed", detail=str(error))
        finally:
            await backend.aclose()
        if self._is_last_resort(reading.profile or "") and not (reading.outlets or reading.inlets):
            return found
        return _with_identity(found, reading)


def _with_identity(found: Found, reading: Reading) -> Found:
    return msgspec.structs.replace(
        found,
        status="pdu",
        profile=reading.profile,
        vendor=reading.vendor,
        model=reading.model,
        serial=reading.serial,
        firmware=reading.firmware,
        name=reading.name or found.name,
        outlets=len(reading.outlets),
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
