"""An SNMP agent over a MIB: v1, v2c and v3, GET, GETNEXT, GETBULK and SET, as RFC 3416 has them.

`Agent.answer` is datagram in, datagram out, without a socket. `Agent.respond` is the same for a
request that is already taken apart; the messages of v3 are taken apart by `agent_v3`.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple, cast

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.agent_v3 import V3Engine, engine_id_of
from pdutui.backends.snmp.ber import BadMessage, Message
from pdutui.backends.snmp.faults import Faults, Line
from pdutui.backends.snmp.mib import (
    BAD_VALUE,
    GEN_ERR,
    NO_ACCESS,
    NO_CREATION,
    NO_ERROR,
    NO_SUCH_NAME,
    NOT_WRITABLE,
    TOO_BIG,
    Mib,
)
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.secret import Secret

MAX_MESSAGE = 65507
"""The largest UDP payload, and so the largest answer."""
_V1 = 0
_NO_SUCH_IN_V1 = frozenset({NO_ACCESS, NO_CREATION, NOT_WRITABLE})
_OVERHEAD = 64
"""Room for what stands around the varbinds of a response, apart from the community."""


class Chunk(NamedTuple):
    """One varbind of an answer, encoded."""

    data: bytes
    end: bool = False
    """It says that the MIB has ended."""


class Agent:
    """Answers requests.

    Args:
        mib: what is served.
        community: may read.
        write_community: may read and write; None: nobody may write.
        max_message: longest answer in bytes; a longer one is tooBig, a GETBULK is cut.
        faults: what goes wrong inside of the agent (how many varbinds it takes, no GETBULK).
        v3: its SNMPv3 engine; None: one without users, which only says that it is there.
    """

    def __init__(
        self,
        mib: Mib,
        *,
        community: Secret,
        write_community: Secret | None,
        max_message: int = MAX_MESSAGE,
        faults: Faults | None = None,
        v3: V3Engine | None = None,
    ) -> None:
        self._mib = mib
        self._read = community.reveal().encode()
        self._write = None if write_community is None else write_community.reveal().encode()
        self._max_message = max_message
        self._faults = faults or Faults()
        self.v3 = v3 or V3Engine(SystemClock(), engine_id=engine_id_of("simulator"))
        """Its SNMPv3 engine."""
        self.served = 0
        """Requests that were answered."""
        self.dropped = 0
        """Datagrams that were not: garbage, wrong community, something an agent does not answer."""

    def _in_v3(self, datagram: bytes) -> bytes | None:
        def respond(request: Message, may_write: bool) -> bytes | None:
            return self.respond(request, may_write=may_write)

        return self.v3.answer(datagram, respond, self._max_message)

    def answer(self, datagram: bytes) -> bytes | None:
        """The answer to a datagram, or None for silence."""
        try:
            message = ber.decode_message(datagram)
            may_write = self._access(message.community)
            out = None if may_write is None else self.respond(message, may_write=may_write)
        except BadMessage:
            out = self._in_v3(datagram)
        if out is None:
            self.dropped += 1
        else:
            self.served += 1
        return out

    def _access(self, community: bytes) -> bool | None:
        """True: may write. False: may read. None: is not known here."""
        if self._write is not None and community == self._write:
            return True
        return False if community == self._read else None

    def respond(self, request: Message, *, may_write: bool) -> bytes | None:
        """The response to a request of somebody who may read; None for silence.

        Raises:
            BadMessage: a name in it is no object identifier.
        """
        if request.pdu == ber.GET_BULK:
            if request.version == _V1 or self._faults.no_bulk:
                return None
            return self._bulk(request)
        if request.pdu not in (ber.GET, ber.GET_NEXT, ber.SET):
            return None
        limit = self._faults.max_varbinds
        if limit is not None and len(request.varbinds) > limit:
            return self._too_big(request) if self._faults.too_big == "error" else None
        if request.pdu == ber.SET:
            return self._set(request, may_write)
        return self._get(request) if request.pdu == ber.GET else self._get_next(request)

    # -- reading ------------------------------------------------------------------------------

    def _get(self, request: Message) -> bytes:
        mib, out = self._mib, []
        for index, variable in enumerate(request.varbinds, 1):
            position = mib.position(variable.name)
            if position is None:
                known = mib.knows_object(variable.name)
                value = ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT
            else:
                value = mib.value(position)
            if request.version == _V1 and (position is None or value[0] == ber.COUNTER64):
                return ber.echo(request, NO_SUCH_NAME, index)
            out.append(ber.varbind(variable.name, value))
        return self._fitting(request, out)

    def _get_next(self, request: Message) -> bytes:
        out = []
        for index, variable in enumerate(request.varbinds, 1):
            chunk, _ = self._next(variable.name, self._mib.after(variable.name), request.version)
            if chunk.end and request.version == _V1:
                return ber.echo(request, NO_SUCH_NAME, index)
            out.append(chunk.data)
        return self._fitting(request, out)

    def _next(self, asked: bytes, position: int, version: int) -> tuple[Chunk, int]:
        """The varbind at a position (v1 skips Counter64) or the end, and the position behind."""
        mib = self._mib
        while position < len(mib):
            value = mib.value(position)
            if version != _V1 or value[0] != ber.COUNTER64:
                return Chunk(ber.varbind(mib.names[position], value)), position + 1
            position += 1
        return Chunk(ber.varbind(asked, ber.END_OF_MIB_VIEW), end=True), position

    def _bulk(self, request: Message) -> bytes:
        single = min(max(request.first, 0), len(request.varbinds))
        repetitions = max(request.second, 0)
        room = self._room(request)
        out: list[bytes] = []

        def add(chunk: Chunk) -> bool:
            nonlocal room
            room -= len(chunk.data)
            if room >= 0:
                out.append(chunk.data)
            return room >= 0

        for variable in request.varbinds[:single]:
            chunk, _ = self._next(variable.name, self._mib.after(variable.name), request.version)
            if not add(chunk):
                return ber.answer(request, out)
        repeated = request.varbinds[single:]
        places = [self._mib.after(variable.name) for variable in repeated]
        asked = [variable.name for variable in repeated]
        for _ in range(repetitions if repeated else 0):
            ended = True
            for column, place in enumerate(places):
                chunk, places[column] = self._next(asked[column], place, request.version)
                if not chunk.end:
                    asked[column] = self._mib.names[places[column] - 1]
                    ended = False
                if not add(chunk):
                    return ber.answer(request, out)
            if ended:
                break
        return ber.answer(request, out)

    def _room(self, request: Message) -> int:
        return self._limit(request) - _OVERHEAD - len(request.community)

    def _limit(self, request: Message) -> int:
        return self._max_message if request.limit is None else request.limit

    def _fitting(self, request: Message, out: list[bytes]) -> bytes:
        response = ber.answer(request, out)
        return response if len(response) <= self._limit(request) else self._too_big(request)

    def _too_big(self, request: Message) -> bytes:
        if request.version == _V1:
            return ber.echo(request, TOO_BIG, 0)
        return ber.answer(request, (), TOO_BIG, 0)

    # -- writing ------------------------------------------------------------------------------

    def _set(self, request: Message, may_write: bool) -> bytes:
        """All or nothing: every variable is looked at before the first is written."""
        for index, variable in enumerate(request.varbinds, 1):
            ber.decode_oid(variable.name)
            if may_write:
                status = self._mib.check_set(variable.name, variable.tag, variable.value)
            else:
                status = NO_ACCESS
            if status != NO_ERROR:
                return ber.echo(request, _in_version(status, request.version), index)
        for variable in request.varbinds:
            self._mib.commit_set(variable.name, variable.value)
        return ber.echo(request, NO_ERROR, 0)


def _in_version(status: int, version: int) -> int:
    """An error-status as a version can say it (RFC 3584, 4.3)."""
    if version != _V1 or status <= GEN_ERR:
        return status
    return NO_SUCH_NAME if status in _NO_SUCH_IN_V1 else BAD_VALUE


class UdpAgent(asyncio.DatagramProtocol):
    """An agent on a UDP port.

    Args:
        agent: answers.
        clock: for faults that depend on the time.
        faults: what goes wrong on the line.
    """

    def __init__(self, agent: Agent, *, clock: Clock, faults: Faults | None = None) -> None:
        self.agent = agent
        self._line = Line(faults or Faults(), clock)
        self._transport: asyncio.DatagramTransport | None = None
        self._later: set[asyncio.TimerHandle] = set()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; port 0 takes a free one. Returns the address.

        Raises:
            OSError: the address is not to be had.
        """
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        address = transport.get_extra_info("sockname")
        return str(address[0]), int(address[1])

    def close(self) -> None:
        """Stop listening; answers that are still on their way are dropped. May be called twice."""
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    # -- asyncio's side -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """A peer that is gone says so by ICMP; an agent does not care."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one datagram, by way of the line and its faults."""
        if self._line.loses_request():
            return
        answer = self.agent.answer(data)
        if answer is None:
            return
        for delay_s, datagram in self._line.carry(answer):
            if delay_s <= 0:
                self._send(datagram, addr)
            else:
                self._send_later(delay_s, datagram, addr)

    def _send_later(self, delay_s: float, datagram: bytes, addr: tuple[str, int]) -> None:
        def send() -> None:
            self._later.discard(handle)
            self._send(datagram, addr)

        handle = asyncio.get_running_loop().call_later(delay_s, send)
        self._later.add(handle)

    def _send(self, datagram: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram, addr)
