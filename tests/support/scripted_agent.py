"""An SNMP agent that does exactly what a test tells it to, well-formed or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar

GET, GETNEXT, RESPONSE, SET, GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
NULL, NO_SUCH_OBJECT = bytes((0x05, 0)), bytes((0x80, 0))
NO_SUCH_INSTANCE, END_OF_MIB = bytes((0x81, 0)), bytes((0x82, 0))


def tlv(tag: int, contents: bytes) -> bytes:
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    octets = size.to_bytes(2, "big")
    return bytes((tag, 0x82)) + octets + contents


def number(value: int, tag: int = 0x02) -> bytes:
    size = max(1, (value.bit_length() + 8) // 8)
    return tlv(tag, value.to_bytes(size, "big", signed=True))


def text(value: bytes) -> bytes:
    return tlv(0x04, value)


def oid_bytes(oid: str) -> bytes:
    first, second, *rest = map(int, oid.split("."))
    out = bytearray([first * 40 + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, (arc & 0x7F) | 0x80)
        out += bytes(groups)
    return bytes(out)


def oid_text(data: bytes) -> str:
    arcs, arc = [data[0] // 40, data[0] % 40], 0
    for octet in data[1:]:
        arc = (arc << 7) | (octet & 0x7F)
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    return ".".join(map(str, arcs))


def _take(data: bytes) -> tuple[int, bytes, bytes]:
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    return tag, data[at : at + size], data[at + size :]


@dataclass(frozen=True)
class Request:
    """What came in, and the means to answer it."""

    version: bytes
    community: bytes
    pdu: int
    request_id: bytes
    first: int
    """errorStatus, or non-repeaters."""
    second: int
    """errorIndex, or max-repetitions."""
    varbinds: tuple[tuple[str, bytes], ...]
    """OID and value (the whole element)."""

    @property
    def oids(self) -> list[str]:
        return [oid for oid, _ in self.varbinds]

    def answer(
        self,
        rows: Iterable[tuple[str, bytes]],
        *,
        status: int = 0,
        index: int = 0,
        request_id: bytes | None = None,
        community: bytes | None = None,
        version: bytes | None = None,
    ) -> bytes:
        pdu = self.response(rows, status=status, index=index, request_id=request_id)
        head = tlv(0x02, self.version if version is None else version)
        head += text(self.community if community is None else community)
        return tlv(0x30, head + pdu)

    def response(
        self,
        rows: Iterable[tuple[str, bytes]],
        *,
        status: int = 0,
        index: int = 0,
        request_id: bytes | None = None,
    ) -> bytes:
        """The response PDU."""
        body = b"".join(tlv(0x30, tlv(0x06, oid_bytes(oid)) + value) for oid, value in rows)
        pdu = tlv(0x02, self.request_id if request_id is None else request_id)
        return tlv(RESPONSE, pdu + number(status) + number(index) + tlv(0x30, body))

    def error(self, status: int, index: int = 0) -> bytes:
        return self.answer(self.varbinds, status=status, index=index)


def parse(data: bytes) -> Request:
    _, body, _ = _take(data)
    _, version, body = _take(body)
    _, community, body = _take(body)
    return parse_pdu(version, community, body)


def parse_pdu(version: bytes, community: bytes, data: bytes) -> Request:
    kind, body, _ = _take(data)
    _, request_id, body = _take(body)
    _, first, body = _take(body)
    _, second, body = _take(body)
    _, body, _ = _take(body)
    varbinds = []
    while body:
        _, one, body = _take(body)
        _, oid, value = _take(one)
        varbinds.append((oid_text(oid), value))
    return Request(
        version,
        community,
        kind,
        request_id,
        int.from_bytes(first, "big"),
        int.from_bytes(second, "big"),
        tuple(varbinds),
    )


Handler = Callable[[Request], "bytes | list[bytes] | None"]


@dataclass
class ScriptedAgent:
    """`async with ScriptedAgent(handler) as agent:`; the handler gives the datagrams to send.

    Without a handler it serves `values` (OID to value element) properly.
    """

    handler: Handler | None = None
    values: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    """Datagrams that are no v1 or v2c message."""
    v3: Any = None
    """A `ScriptedEngine`: without one, v3 messages are only kept in `raw`."""
    default_v3: ClassVar[Callable[[], Any]] = staticmethod(lambda: None)

    async def __aenter__(self) -> ScriptedAgent:
        loop = asyncio.get_running_loop()
        self._peer: Any = None
        self.v3 = self.v3 or self.default_v3()
        agent = self

        class Protocol(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                agent._received(data, addr)

            def error_received(self, exc: Exception) -> None:
                pass

        self._transport, _ = await loop.create_datagram_endpoint(
            Protocol, local_addr=("127.0.0.1", self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transport.close()
        await asyncio.sleep(0)

    @property
    def peer(self) -> Any:
        """Where the last request came from."""
        return self._peer

    def send(self, data: bytes) -> None:
        """Send a datagram to where the last request came from."""
        self._transport.sendto(data, self._peer)

    def _received(self, data: bytes, addr: Any) -> None:
        self._peer = addr
        if _take(_take(data)[1])[1] == b"\x03":
            self.raw.append(data)
            found = None if self.v3 is None else self.v3.received(data)
            if isinstance(found, bytes):
                self._transport.sendto(found, addr)
            if not isinstance(found, Request):
                return
            request = found
        else:
            request = parse(data)
        self.requests.append(request)
        answers = (self.handler or self.serve)(request)
        for answer in [answers] if isinstance(answers, bytes) else answers or []:
            self._transport.sendto(answer, addr)

    def serve(self, request: Request) -> bytes:
        """The proper answer from `values`."""
        if request.pdu == GET:
            missing = [oid not in self.values for oid in request.oids]
            if request.version == b"\x00" and any(missing):
                return request.error(2, missing.index(True) + 1)
            return request.answer(
                [(oid, self.values.get(oid, NO_SUCH_INSTANCE)) for oid in request.oids]
            )
        if request.pdu == SET:
            if any(oid not in self.values for oid in request.oids):
                return request.error(17, 1)
            self.values.update(request.varbinds)
            return request.answer(request.varbinds)
        count = request.second if request.pdu == GETBULK else 1
        rows = []
        at = request.oids[0]
        for _ in range(count):
            after = self.following(at)
            if after is None:
                if request.version == b"\x00":
                    return request.error(2, 1)
                rows.append((at, END_OF_MIB))
                break
            rows.append((after, self.values[after]))
            at = after
        return request.answer(rows)

    def following(self, oid: str) -> str | None:
        def arcs(name: str) -> tuple[int, ...]:
            return tuple(map(int, name.split(".")))

        later = [name for name in self.values if arcs(name) > arcs(oid)]
        return min(later, key=arcs, default=None)
