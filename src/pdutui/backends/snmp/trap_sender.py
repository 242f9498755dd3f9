"""The simulator's side of traps: a profile's rules run backwards, as datagrams to a receiver."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
from collections.abc import Mapping
from typing import cast

import msgspec

from pdutui.backends.snmp import ber, usm
from pdutui.backends.snmp.agent_v3 import V3Engine
from pdutui.backends.snmp.ber import BadMessage, Cursor
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.trap_message import INFORM, TRAP_OID, TRAP_V1, TRAP_V2, TrapVersion
from pdutui.backends.snmp.trap_rules import TrapRule, TrapSend, words_in
from pdutui.backends.snmp.trap_story import Happening, Value
from pdutui.backends.snmp.types import SnmpValue
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.v3_message import scoped_pdu
from pdutui.domain.address import format_address
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret

WAIT_S = 1.0
"""How long an inform waits for its answer before it is sent again."""
TRIES = 3
_UP_TIME = "1.3.6.1.2.1.1.3.0"
_BRACES = re.compile(r"\{([a-z_]+)\}")
_IN_CHAIN = "module"
MOST_WAITING = 256
"""Informs on their way; what comes beyond is sent as nothing at all."""


class TrapTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where traps go, and how."""

    host: str
    port: int
    version: TrapVersion = "2c"
    community: Secret = Secret("public")
    inform: bool = False
    """Never in v1."""


class TrapSender(asyncio.DatagramProtocol):
    """Sends what happens to a device as its family's traps.

    Args:
        profile: with its trap rules.
        target: where to.
        clock: for sysUpTime.
        engine: the device's SNMPv3 engine; needed for v3.
        keys: the SNMPv3 user; needed for v3.
    """

    def __init__(
        self,
        profile: Profile,
        target: TrapTarget,
        *,
        clock: Clock,
        engine: V3Engine | None = None,
        keys: UserKeys | None = None,
    ) -> None:
        self._profile, self._target = profile, target
        self._clock, self._start_s = clock, clock.monotonic()
        self._engine, self._keys = engine, keys
        self._transport: asyncio.DatagramTransport | None = None
        self._own_address = bytes(4)
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        """Request id, or msgID of v3 -> the datagram that answers it."""
        self._next_id = secrets.randbelow(2**30)
        self.sent = 0
        self.confirmed = 0
        """Informs that were answered."""

    @property
    def receiver(self) -> str:
        """Where the traps go, as people write it."""
        return format_address(self._target.host, self._target.port)

    async def start(self) -> None:
        """Open the socket. Raises OSError where the receiver's name is not known."""
        loop = asyncio.get_running_loop()
        target = self._target
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, remote_addr=(target.host, target.port)
        )
        own = transport.get_extra_info("sockname")[0]
        with contextlib.suppress(OSError):
            self._own_address = socket.inet_aton(own)

    def close(self) -> None:
        """Send nothing more. May be called twice."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there; a device does not care."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """The answer to an inform."""
        number = _answer_id(data)
        waiting = self._answers.get(-1 if number is None else number)
        if waiting is not None and not waiting.done():
            waiting.set_result(data)

    def tell(self, happening: Happening) -> str | None:
        """Send what happened; the name of the trap, or None where the family has none for it."""
        for rule in self._profile.trap:
            if rule.kind == happening.kind and _can_say(rule, happening.words):
                self._send(rule, happening.words)
                return rule.name
        return None

    # -- messages -----------------------------------------------------------------------------

    def _send(self, rule: TrapRule, words: Mapping[str, Value]) -> None:
        if self._transport is None:
            return
        oid = self._profile.absolute(rule.oid)
        variables = b"".join(self._variable(sent, words) for sent in rule.send)
        self.sent += 1
        target, number = self._target, self._number()
        if target.version == "1":
            self._transport.sendto(self._v1(oid, variables))
            return
        ticks = int(100 * (self._clock.monotonic() - self._start_s)) & 0xFFFFFFFF
        body = _varbind(_UP_TIME, SnmpValue("timeticks", ticks))
        body += _varbind(TRAP_OID, SnmpValue("oid", oid)) + variables
        pdu = _pdu(INFORM if target.inform else TRAP_V2, number, body)
        if target.inform:
            if len(self._tasks) < MOST_WAITING:
                task = asyncio.create_task(self._inform(number, pdu), name="inform")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        elif target.version == "2c":
            self._transport.sendto(self._v2(pdu))
        else:
            assert self._engine is not None
            engine = self._engine
            self._transport.sendto(
                self._v3(pdu, number, engine.engine_id, engine.boots, engine.time)
            )

    def _variable(self, sent: TrapSend, words: Mapping[str, Value]) -> bytes:
        value: Value = sent.value
        if isinstance(value, str):
            value = _fill(value, words)
        syntax = sent.syntax or ("integer" if isinstance(value, int) else "string")
        if isinstance(value, str) and syntax != "string":
            value = int(value)
        if isinstance(value, int) and syntax == "string":
            value = str(value)
        return _varbind(_fill(self._profile.absolute(sent.oid), words), SnmpValue(syntax, value))

    def _v1(self, oid: str, variables: bytes) -> bytes:
        front, _, number = oid.rpartition(".")
        ticks = int(100 * (self._clock.monotonic() - self._start_s)) & 0xFFFFFFFF
        pdu = ber.tlv(
            TRAP_V1,
            ber.tlv(ber.OID, ber.encode_oid(ber.parse_oid(front.removesuffix(".0"))))
            + ber.tlv(ber.IP_ADDRESS, self._own_address)
            + ber.encode_int(ber.INTEGER, 6)
            + ber.encode_int(ber.INTEGER, int(number))
            + ber.encode_int(ber.TIMETICKS, ticks)
            + ber.tlv(ber.SEQUENCE, variables),
        )
        return self._plain(0, pdu)

    def _v2(self, pdu: bytes) -> bytes:
        return self._plain(1, pdu)

    def _plain(self, version: int, pdu: bytes) -> bytes:
        community = self._target.community.reveal().encode()
        head = ber.encode_int(ber.INTEGER, version) + ber.tlv(ber.STRING, community)
        return ber.tlv(ber.SEQUENCE, head + pdu)

    def _v3(self, pdu: bytes, number: int, engine_id: bytes, boots: int, time: int) -> bytes:
        assert self._engine is not None
        assert self._keys is not None
        context = self._keys.user.context.encode()
        return usm.seal(
            scoped_pdu(self._engine.engine_id, context, pdu),
            keys=self._keys,
            msg_id=number,
            engine_id=engine_id,
            boots=boots,
            time=time,
            reportable=self._target.inform,
        )

    def _number(self) -> int:
        self._next_id = (self._next_id + 1) % 2**31
        return self._next_id

    # -- informs ------------------------------------------------------------------------------

    async def _inform(self, number: int, pdu: bytes) -> None:
        """Send an inform until it is answered, a few times."""
        with contextlib.suppress(UsmError, BadMessage):
            if self._target.version == "2c":
                answer = await self._ask(number, self._v2(pdu))
                self.confirmed += answer is not None
            else:
                await self._secured_inform(pdu)

    async def _secured_inform(self, pdu: bytes) -> None:
        """As RFC 3414 has it: first the receiver's engine, then its clock, then the inform."""
        number = self._number()
        empty = scoped_pdu(b"", b"", _pdu(ber.GET, number, b""))
        found = await self._ask(number, usm.seal_plain(empty, msg_id=number, reportable=True))
        for _ in range(3):
            if found is None:
                return
            report, number = usm.parse(found), self._number()
            message = self._v3(pdu, number, report.engine_id, report.boots, report.time)
            found = await self._ask(number, message)
            if found is not None and self._is_response(found):
                self.confirmed += 1
                return

    def _is_response(self, datagram: bytes) -> bool:
        """Whether it is the response; else it is a Report with the right clock."""
        message = usm.parse(datagram)
        assert self._keys is not None
        if message.level == "noAuthNoPriv" != self._keys.level:
            return False
        scoped = usm.unseal(message, self._keys)
        return scoped.pdu[0] == ber.RESPONSE

    async def _ask(self, number: int, datagram: bytes) -> bytes | None:
        """Send, and again, until an answer with this number comes; None if none does."""
        for _ in range(TRIES):
            if self._transport is None:
                return None
            waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._answers[number] = waiting
            self._transport.sendto(datagram)
            try:
                async with asyncio.timeout(WAIT_S):
                    return await waiting
            except TimeoutError:
                continue
            finally:
                self._answers.pop(number, None)
        return None


def _can_say(rule: TrapRule, words: Mapping[str, Value]) -> bool:
    """Whether all that a trap sends is known; of a further unit of a chain, also that it is one."""
    if not rule.send:
        return False
    spoken: set[str] = set()
    for sent in rule.send:
        spoken |= words_in(sent.oid)
        if isinstance(sent.value, str):
            spoken |= words_in(sent.value)
    return spoken <= set(words) and (words.get(_IN_CHAIN, 1) == 1 or _IN_CHAIN in spoken)


def _fill(template: str, words: Mapping[str, Value]) -> str:
    return _BRACES.sub(lambda match: str(words[match[1]]), template)


def _varbind(oid: str, value: SnmpValue) -> bytes:
    return ber.varbind(ber.encode_oid(ber.parse_oid(oid)), ber.encode_value(value))


def _pdu(tag: int, number: int, body: bytes) -> bytes:
    zero = ber.encode_int(ber.INTEGER, 0)
    return ber.tlv(
        tag, ber.encode_int(ber.INTEGER, number) + zero + zero + ber.tlv(ber.SEQUENCE, body)
    )


def _answer_id(datagram: bytes) -> int | None:
    """The request id of a v2c response, or the msgID of a v3 message."""
    try:
        message = Cursor(Cursor(datagram).expect(ber.SEQUENCE))
        if message.integer() == 3:
            return Cursor(message.expect(ber.SEQUENCE)).integer()
        message.expect(ber.STRING)
        return Cursor(message.expect(ber.RESPONSE)).integer()
    except BadMessage:
        return None
