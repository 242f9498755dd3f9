"""Traps as bytes, and a listener on loopback that keeps what it hears."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from types import TracebackType

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.trap_counts import Stranger
from pdutui.backends.snmp.trap_engine import OwnEngine
from pdutui.backends.snmp.trap_message import Notification, Variable
from pdutui.backends.snmp.trap_rate import TrapLimits
from pdutui.backends.snmp.trap_socket import open_socket
from pdutui.backends.snmp.trap_v3 import Credential, V3Receiver
from pdutui.backends.snmp.traps import Arrival, Community, TrapListener
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.secret import Secret

Binding = tuple[str, int | str | bytes]
OUTLET_OFF = "1.3.6.1.4.1.3808.0.103"
OUTLET = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.1"


def variables(*bindings: Binding) -> tuple[Variable, ...]:
    return tuple(
        Variable(oid, "integer", value)
        if isinstance(value, int)
        else Variable(oid, "string", value if isinstance(value, bytes) else value.encode())
        for oid, value in bindings
    )


def notification(oid: str, *bindings: Binding) -> Notification:
    return Notification(version="2c", oid=oid, variables=variables(*bindings))


def varbinds(bindings: Sequence[Binding]) -> bytes:
    out = b""
    for oid, value in bindings:
        typed = SnmpValue("integer" if isinstance(value, int) else "string", value)
        out += ber.varbind(ber.encode_oid(ber.parse_oid(oid)), ber.encode_value(typed))
    return out


def v2_trap(
    oid: str = OUTLET_OFF,
    *bindings: Binding,
    community: str = "public",
    tag: int = 0xA7,
    number: int = 7,
) -> bytes:
    """An SNMPv2-Trap, or with tag 0xA6 an InformRequest."""
    name = ber.encode_oid(ber.parse_oid("1.3.6.1.2.1.1.3.0"))
    body = ber.varbind(name, ber.encode_value(SnmpValue("timeticks", 4711)))
    name = ber.encode_oid(ber.parse_oid("1.3.6.1.6.3.1.1.4.1.0"))
    body += ber.varbind(name, ber.encode_value(SnmpValue("oid", oid)))
    body += varbinds(bindings)
    zero = ber.encode_int(ber.INTEGER, 0)
    pdu = ber.encode_int(ber.INTEGER, number) + zero + zero + ber.tlv(ber.SEQUENCE, body)
    head = ber.encode_int(ber.INTEGER, 1) + ber.tlv(ber.STRING, community.encode())
    return ber.tlv(ber.SEQUENCE, head + ber.tlv(tag, pdu))


def v1_trap(
    enterprise: str, generic: int, specific: int, *bindings: Binding, community: str = "public"
) -> bytes:
    pdu = (
        ber.tlv(ber.OID, ber.encode_oid(ber.parse_oid(enterprise)))
        + ber.tlv(ber.IP_ADDRESS, bytes((10, 9, 8, 7)))
        + ber.encode_int(ber.INTEGER, generic)
        + ber.encode_int(ber.INTEGER, specific)
        + ber.encode_int(ber.TIMETICKS, 100)
        + ber.tlv(ber.SEQUENCE, varbinds(bindings))
    )
    head = ber.encode_int(ber.INTEGER, 0) + ber.tlv(ber.STRING, community.encode())
    return ber.tlv(ber.SEQUENCE, head + ber.tlv(0xA4, pdu))


class Senders:
    """Who may send, as a test says."""

    def __init__(self, at: dict[str, tuple[str, ...]] | None = None) -> None:
        self.places = {"127.0.0.1": ("rack1-a",)} if at is None else at
        self.taken = [Community(Secret("public"), "rack1-a"), Community(Secret("traps"), None)]
        self.users: list[Credential] = []

    def at(self, address: str) -> Sequence[str]:
        return self.places.get(address, ())

    def communities(self, address: str) -> Sequence[Community]:
        return self.taken

    def credentials(self, address: str, engine_id: bytes) -> Sequence[Credential]:
        return self.users


class Listening:
    """`async with Listening(senders) as heard:` on `heard.port`."""

    def __init__(
        self,
        senders: Senders | None = None,
        *,
        clock: Clock | None = None,
        limits: TrapLimits | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.senders = senders or Senders()
        self.arrivals: list[Arrival] = []
        self.refused: list[Stranger] = []
        self.overruns = 0
        self.came = asyncio.Event()
        self.host, self.port = host, 0
        clock = clock or SystemClock()
        self.engine = OwnEngine(bytes.fromhex("80007ed9050102030405060708"), 3, clock.monotonic())
        self.listener = TrapListener(
            self.senders,
            self._take,
            refuse=lambda stranger, note: self.refused.append(stranger),
            overrun=self._overrun,
            clock=clock,
            v3=V3Receiver(self.engine),
            limits=limits,
        )

    def _take(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self.came.set()

    def _overrun(self, address: str) -> None:
        self.overruns += 1

    async def __aenter__(self) -> Listening:
        _, self.port = await self.listener.start(await open_socket(self.host, 0))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.listener.close()

    async def wait(self, count: int, seconds: float = 3.0) -> None:
        """Until so many have arrived."""
        async with asyncio.timeout(seconds):
            while len(self.arrivals) < count:
                self.came.clear()
                await self.came.wait()

    async def until(self, received: int, seconds: float = 5.0) -> None:
        """Until so many datagrams have been seen, whatever became of them."""
        async with asyncio.timeout(seconds):
            while self.listener.counts.received < received:
                await asyncio.sleep(0.002)


def send(port: int, *datagrams: bytes, host: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for datagram in datagrams:
            sock.sendto(datagram, (host, port))


async def netsnmp_trap(tool: str, *args: str) -> tuple[int, str]:
    """net-snmp's `snmptrap` or `snmpinform`, to its end."""
    process = await asyncio.create_subprocess_exec(
        tool, *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode or 0, out.decode("latin-1")
