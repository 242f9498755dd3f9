"""SNMP messages as bytes: the few BER forms that SNMP uses, and no others.

The simulator's own codec: a request is answered in microseconds instead of the milliseconds that a
general ASN.1 library takes, and importing it costs nothing. The client never uses it, so a mistake
here cannot hide in both ends of a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from pdutui.backends.snmp.types import SnmpValue, Syntax

Oid = tuple[int, ...]

INTEGER, STRING, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x80\x00", b"\x81\x00", b"\x82\x00"
NULL_VALUE = b"\x05\x00"

GET, GET_NEXT, RESPONSE, SET, GET_BULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8
V3 = 3
"""`Message.version` of a PDU without a message."""

TAG_OF: dict[Syntax, int] = {
    "integer": INTEGER,
    "gauge": GAUGE32,
    "counter": COUNTER32,
    "timeticks": TIMETICKS,
    "string": STRING,
    "oid": OID,
    "null": NULL,
}

_MAX_INT = 0x7FFFFFFF
_MAX_ARC = 0xFFFFFFFF
_MAX_ARCS = 128


class BadMessage(ValueError):
    """Bytes that are no SNMP message. An agent drops such a datagram without a word."""


class VarBind(msgspec.Struct, frozen=True):
    """One variable of a request; name and value still as bytes."""

    name: bytes
    """Content of the OBJECT IDENTIFIER."""
    tag: int
    value: bytes
    """Content of the value."""


class Message(msgspec.Struct, frozen=True):
    """A v1 or v2c request, or the PDU of a v3 one."""

    version: int
    """0 = v1, 1 = v2c, 3 = v3: then responses are PDUs, and the message around them is made by
    whoever took the request out of one."""
    community: bytes
    """Empty in v3."""
    pdu: int
    request_id: bytes
    """As received: an answer gives back the same bytes."""
    first: int
    """error-status, or non-repeaters of a GETBULK."""
    second: int
    """error-index, or max-repetitions of a GETBULK."""
    varbinds: tuple[VarBind, ...]
    body: bytes
    """The varbind list as received, for answers that echo it."""
    limit: int | None = None
    """Longest response that the other end takes, in bytes; None: it did not say."""


# -- writing ----------------------------------------------------------------------------------


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length and content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def int_content(value: int) -> bytes:
    """A signed integer in the fewest bytes."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


@lru_cache(maxsize=8192)
def encode_int(tag: int, value: int) -> bytes:
    """An integer of any of the integer types."""
    return tlv(tag, int_content(value))


def encode_oid(oid: Oid) -> bytes:
    """The content of an OBJECT IDENTIFIER. Raises ValueError where there are no two first arcs."""
    if len(oid) < 2 or oid[0] > 2 or (oid[0] < 2 and oid[1] > 39):
        raise ValueError(f"not an object identifier: {dotted(oid)}")
    out = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        if arc < 0x80:
            out.append(arc)
            continue
        chunk = [arc & 0x7F]
        arc >>= 7
        while arc:
            chunk.append(0x80 | (arc & 0x7F))
            arc >>= 7
        out.extend(reversed(chunk))
    return bytes(out)


def encode_value(value: SnmpValue) -> bytes:
    """A typed value, tag and all. Raises ValueError where value and type do not go together."""
    raw, tag = value.value, TAG_OF[value.syntax]
    if raw is None or tag == NULL:
        return NULL_VALUE
    if tag == STRING:
        return tlv(STRING, raw.encode() if isinstance(raw, str) else bytes(raw))
    if tag == OID:
        return tlv(OID, encode_oid(parse_oid(str(raw))))
    if not isinstance(raw, int):
        raise ValueError(f"{value.syntax} cannot hold {raw!r}")
    if tag != INTEGER:
        raw = min(max(raw, 0), 0xFFFFFFFF)
    return encode_int(tag, raw)


def varbind(name: bytes, value: bytes) -> bytes:
    """One variable: its name (content of the OID) and its complete value."""
    return tlv(SEQUENCE, tlv(OID, name) + value)


def answer(request: Message, varbinds: Iterable[bytes], status: int = 0, index: int = 0) -> bytes:
    """The response to a request."""
    body = b"".join(varbinds)
    return _response(request, tlv(SEQUENCE, body), status, index)


def echo(request: Message, status: int, index: int) -> bytes:
    """An error response that gives the request's variables back as they came."""
    return _response(request, tlv(SEQUENCE, request.body), status, index)


def _response(request: Message, varbind_list: bytes, status: int, index: int) -> bytes:
    pdu = tlv(
        RESPONSE,
        tlv(INTEGER, request.request_id)
        + encode_int(INTEGER, status)
        + encode_int(INTEGER, index)
        + varbind_list,
    )
    if request.version == V3:
        return pdu
    head = encode_int(INTEGER, request.version) + tlv(STRING, request.community)
    return tlv(SEQUENCE, head + pdu)


def report(request_id: bytes, variable: bytes) -> bytes:
    """A Report-PDU.

    Args:
        request_id: content of the request-id.
        variable: the one varbind: a counter of what is wrong.
    """
    zero = encode_int(INTEGER, 0)
    return tlv(REPORT, tlv(INTEGER, request_id) + zero + zero + tlv(SEQUENCE, variable))


# -- reading ----------------------------------------------------------------------------------


class Cursor:
    """Reads one element after the other. Raises BadMessage on anything that does not fit."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < self.end

    def element(self) -> tuple[int, bytes]:
        """Tag and content of the next element."""
        data, at = self.data, self.at
        if at + 2 > self.end:
            raise BadMessage("cut short")
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            width = size & 0x7F
            if not 1 <= width <= 4 or at + width > self.end:
                raise BadMessage("bad length")
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        if at + size > self.end:
            raise BadMessage("cut short")
        self.at = at + size
        return tag, data[at : at + size]

    def expect(self, tag: int) -> bytes:
        """The content of the next element, which must have this tag."""
        found, content = self.element()
        if found != tag:
            raise BadMessage(f"expected tag {tag:#x}, found {found:#x}")
        return content

    def integer(self) -> int:
        """An INTEGER of at most 32 bits."""
        return decode_int(self.expect(INTEGER))


def decode_int(content: bytes) -> int:
    """A signed integer. Raises BadMessage unless it has 1 to 5 bytes and at most 32 bits."""
    if not 1 <= len(content) <= 5:
        raise BadMessage("bad integer")
    value = int.from_bytes(content, "big", signed=True)
    if not -_MAX_INT - 1 <= value <= _MAX_INT:
        raise BadMessage("bad integer")
    return value


@lru_cache(maxsize=16384)
def decode_oid(content: bytes) -> Oid:
    """The arcs of an OBJECT IDENTIFIER. Raises BadMessage."""
    if not content or content[-1] & 0x80 or len(content) > _MAX_ARCS * 5:
        raise BadMessage("bad object identifier")
    arcs: list[int] = []
    arc = 0
    for byte in content:
        if byte == 0x80 and arc == 0:
            raise BadMessage("bad object identifier")  # an alias: an arc with a leading zero
        arc = (arc << 7) | (byte & 0x7F)
        if byte & 0x80:
            continue
        if not arcs:
            first = min(arc // 40, 2)
            arcs += [first, arc - 40 * first]
        else:
            arcs.append(arc)
        if arcs[-1] > _MAX_ARC or len(arcs) > _MAX_ARCS:
            raise BadMessage("bad object identifier")
        arc = 0
    return tuple(arcs)


def decode_message(datagram: bytes) -> Message:
    """A v1 or v2c message. Raises BadMessage on anything else."""
    outer = Cursor(datagram)
    message = Cursor(outer.expect(SEQUENCE))
    if outer.more:
        raise BadMessage("something follows the message")
    version = message.integer()
    if version not in (0, 1):
        raise BadMessage("not SNMPv1 or v2c")
    community = message.expect(STRING)
    tag, content = message.element()
    if message.more:
        raise BadMessage("something follows the variables")
    return _decode_pdu(version, community, tag, content)


def decode_pdu(element: bytes) -> Message:
    """The request that is a PDU element of a v3 message. Raises BadMessage."""
    tag, content = Cursor(element).element()
    return _decode_pdu(V3, b"", tag, content)


def request_id_of(element: bytes) -> bytes:
    """The content of the request-id of a PDU element; that of 0 where there is none."""
    try:
        request_id = Cursor(Cursor(element).element()[1]).expect(INTEGER)
        decode_int(request_id)
    except BadMessage:
        return b"\x00"
    return request_id


def _decode_pdu(version: int, community: bytes, tag: int, content: bytes) -> Message:
    pdu = Cursor(content)
    request_id = pdu.expect(INTEGER)
    decode_int(request_id)
    first, second = pdu.integer(), pdu.integer()
    body = pdu.expect(SEQUENCE)
    if pdu.more:
        raise BadMessage("something follows the variables")
    variables = Cursor(body)
    found = []
    while variables.more:
        one = Cursor(variables.expect(SEQUENCE))
        name = one.expect(OID)
        value_tag, value = one.element()
        if one.more:
            raise BadMessage("something follows the value")
        found.append(VarBind(name, value_tag, value))
    return Message(version, community, tag, request_id, first, second, tuple(found), body)


# -- names ------------------------------------------------------------------------------------


def parse_oid(text: str) -> Oid:
    """`1.3.6` or `.1.3.6` as arcs. Raises ValueError."""
    parts = text.strip().removeprefix(".").split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(f"not an object identifier: {text!r}")
    arcs = tuple(map(int, parts))
    if max(arcs) > _MAX_ARC:
        raise ValueError(f"not an object identifier: {text!r}")
    return arcs


def dotted(oid: Oid) -> str:
    """Arcs as `1.3.6`."""
    return ".".join(map(str, oid))
