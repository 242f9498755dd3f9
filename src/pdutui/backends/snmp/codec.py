"""SNMP v1 and v2c messages as bytes: requests out, responses in.

Only what a manager needs, written for two things a general ASN.1 library does not give: speed (an
OID that was asked is recognised by its bytes, 1 us a varbind) and leniency where firmware is known
to err (Gauge32 without its leading zero octet, lengths in long form, trailing bytes), while every
length is checked before anything is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pdutui.backends.snmp.types import RawValue, SnmpValue, SnmpVersion, Syntax, TypedRow
from pdutui.domain.secret import Secret

TOO_BIG, NO_SUCH_NAME, GEN_ERR = 1, 2, 5

MAX_DATAGRAM = 65_507
"""Largest UDP payload: what a socket is read with, so that nothing is cut off unseen."""

_GET, _GETNEXT, RESPONSE, _SET, _GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8
_VERSIONS: dict[SnmpVersion, int] = {"1": 0, "2c": 1}
_INTEGER, _NULL, _OID = 0x02, 0x05, 0x06
OCTETS, SEQUENCE = 0x04, 0x30
_IP_ADDRESS, _OPAQUE, _END_OF_MIB = 0x40, 0x44, 0x82
_UNSIGNED = {0x41: 2**32, 0x42: 2**32, 0x43: 2**32, 0x46: 2**64, 0x47: 2**32}
"""Counter32, Gauge32, TimeTicks, Counter64, UInteger32: the first number that is too large."""
_TOO_LARGE = 2**31
"""The same of an INTEGER."""
_CACHE_LIMIT = 16_384
_LONGEST_INTEGER = 9
"""Octets of the longest number there is, a Counter64 with its leading zero."""
_MOST_ARCS, _LARGEST_ARC = 128, 2**32 - 1
"""What SMI allows."""
_LONGEST_OID = _MOST_ARCS * 5


class BerError(ValueError):
    """Bytes that are no SNMP message, or none that is meant here."""


class Response(NamedTuple):
    """A decoded response."""

    request_id: int
    status: int
    """errorStatus; 0 is success."""
    error_index: int
    """errorIndex: which varbind, counted from 1; 0 where it does not apply."""
    rows: list[tuple[str, RawValue | None]]
    """OID and value in the order of the message; None for NULL, the exceptions, odd types and
    numbers that their type cannot have."""
    end: int | None
    """Position of the first endOfMibView in `rows`."""
    raw: bytes = b""
    """The variables as they came, for `typed_rows`; empty where the codec does not keep them."""


def encode_oid(oid: str) -> bytes:
    """Contents octets of an OBJECT IDENTIFIER. Raises ValueError for anything but dotted digits."""
    arcs = list(map(int, oid.split(".")))
    if len(arcs) < 2 or min(arcs) < 0 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(f"{oid!r} is not an OID")
    arcs[:2] = (arcs[0] * 40 + arcs[1],)
    if max(arcs) < 0x80:
        return bytes(arcs)
    out = bytearray()
    for arc in arcs:
        if arc < 0x80:
            out.append(arc)
            continue
        groups = [arc & 0x7F]
        arc >>= 7
        while arc:
            groups.append((arc & 0x7F) | 0x80)
            arc >>= 7
        out.extend(reversed(groups))
    return bytes(out)


@lru_cache(maxsize=_CACHE_LIMIT)
def _asked(oid: str) -> tuple[bytes, bytes]:
    """An OID as it goes into a GET, and its contents octets; shared by all devices of a family."""
    encoded = encode_oid(oid)
    return tlv(SEQUENCE, tlv(_OID, encoded), bytes((_NULL, 0))), encoded


def decode_oid(data: bytes) -> str:
    """Dotted form of the contents octets.

    Raises:
        BerError: it is cut off or absurdly long, or not the one form that this OID has: an alias
            of a name must not pass for the name.
    """
    if not data or data[-1] & 0x80 or len(data) > _LONGEST_OID:
        raise BerError("broken OID")
    arcs: list[int] = []
    arc, fresh = 0, True
    for octet in data:
        if fresh and octet == 0x80:
            raise BerError("an arc with a leading zero")
        arc = (arc << 7) | (octet & 0x7F)
        fresh = not octet & 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    arcs[:1] = (first, arcs[0] - first * 40)
    if len(arcs) > _MOST_ARCS or max(arcs) > _LARGEST_ARC:
        raise BerError("absurd OID")
    return ".".join(map(str, arcs))


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element: tag, length, contents."""
    body = b"".join(contents)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


_SMALL = tuple(bytes((_INTEGER, 1, number)) for number in range(0x80))
"""Most of the integers that there are in a message."""


def integer(value: int) -> bytes:
    """An INTEGER element."""
    if 0 <= value < len(_SMALL):
        return _SMALL[value]
    body = value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
    return bytes((_INTEGER, len(body))) + body


_TAGS: dict[Syntax, int] = {
    "integer": _INTEGER, "counter": 0x41, "gauge": 0x42, "timeticks": 0x43,
}  # fmt: skip


def value_element(value: SnmpValue) -> bytes:
    """A typed value as it goes into a SET. Raises ValueError if value and syntax do not fit."""
    raw = value.value
    if value.syntax == "null":
        return bytes((_NULL, 0))
    if value.syntax == "string":
        if isinstance(raw, str):
            raw = raw.encode()
        if isinstance(raw, bytes):
            return tlv(OCTETS, raw)
    elif value.syntax == "oid":
        if isinstance(raw, str):
            return tlv(_OID, encode_oid(raw))
    elif isinstance(raw, int):
        least, most = (-(2**31), 2**31 - 1) if value.syntax == "integer" else (0, 2**32 - 1)
        if least <= raw <= most:
            return bytes((_TAGS[value.syntax],)) + integer(raw)[1:]
    raise ValueError(f"{raw!r} is no {value.syntax}")


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, start and end of the contents of the element at `at`. Raises BerError, IndexError."""
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4:
            raise BerError("length is not definite, or absurd")
        size = int.from_bytes(data[at : at + octets], "big")
        at += octets
    if at + size > end:
        raise BerError("element is longer than what holds it")
    return tag, at, at + size


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Start and end of the contents of the element at `at`, which must have this tag.

    Raises:
        BerError, IndexError: it has not, or does not fit.
    """
    size = data[at + 1]
    if size < 0x80:  # nearly all of them; `element` would do the same
        start, stop = at + 2, at + 2 + size
        if data[at] == tag and stop <= end:
            return start, stop
    found, start, stop = element(data, at, end)
    if found != tag:
        raise BerError(f"tag {found:#x} where {tag:#x} belongs")
    return start, stop


def integer_at(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The INTEGER at `at` and where it ends. Raises BerError, IndexError."""
    start, stop = expect(data, at, end, _INTEGER)
    if not start < stop <= start + _LONGEST_INTEGER:
        raise BerError("a number without octets, or with too many")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


class PduCodec:
    """Makes requests and reads responses without what stands around them; remembers OIDs it met."""

    def __init__(self) -> None:
        self._varbinds: dict[str, bytes] = {}
        self._names: dict[bytes, str] = {}

    def get_pdu(self, request_id: int, oids: Sequence[str]) -> bytes:
        """A GetRequest PDU for `oids`."""
        return self._pdu(_GET, request_id, 0, 0, oids)

    def next_pdu(self, request_id: int, oid: str, count: int) -> bytes:
        """A GetBulkRequest PDU for up to `count` rows behind `oid`, or a GetNextRequest for one."""
        if count > 1:
            return self._pdu(_GETBULK, request_id, 0, count, (oid,))
        return self._pdu(_GETNEXT, request_id, 0, 0, (oid,))

    def set_pdu(self, request_id: int, oid: str, value: bytes) -> bytes:
        """A SetRequest PDU for one variable; `value` is an element (`value_element`)."""
        variable = tlv(SEQUENCE, tlv(_OID, encode_oid(oid)), value)
        numbers = integer(request_id) + integer(0) + integer(0)
        return tlv(_SET, numbers, tlv(SEQUENCE, variable))

    def decode_pdu(self, data: bytes, tag: int = RESPONSE) -> Response:
        """The response in a PDU element, or the Report with that `tag`. Raises BerError."""
        try:
            at, end = expect(data, 0, len(data), tag)
            if end != len(data):
                raise BerError("something follows the PDU")
            return self._decode_rows(data, *self._decode_numbers(data, at, end))
        except IndexError:
            raise BerError("PDU is cut off") from None

    def _pdu(self, pdu: int, request_id: int, a: int, b: int, oids: Sequence[str]) -> bytes:
        known = self._varbinds
        try:
            body = b"".join([known[oid] for oid in oids])
        except KeyError:
            body = b"".join([self._varbind(oid) for oid in oids])
        numbers = integer(request_id) + integer(a) + integer(b)
        return tlv(pdu, numbers, tlv(SEQUENCE, body))

    def _varbind(self, oid: str) -> bytes:
        varbind, encoded = _asked(oid)
        if len(self._varbinds) >= _CACHE_LIMIT:
            self._varbinds.clear()
            self._names.clear()
        self._varbinds[oid] = varbind
        self._names[encoded] = oid
        return varbind

    def _decode_numbers(self, data: bytes, at: int, end: int) -> tuple[Response, int, int]:
        request_id, at = integer_at(data, at, end)
        status, at = integer_at(data, at, end)
        index, at = integer_at(data, at, end)
        at, stop = expect(data, at, end, SEQUENCE)
        if stop != end:
            raise BerError("something follows the variables")
        return Response(request_id, status, index, [], None), at, end

    def _decode_rows(self, data: bytes, head: Response, at: int, end: int) -> Response:
        # The hot loop: short lengths are read in place, anything else goes through element().
        names, rows, raw = self._names, head.rows, data[at:end]
        ended: int | None = None
        while at < end:
            if data[at] == SEQUENCE and data[at + 1] < 0x80:
                stop = at + 2 + data[at + 1]
                at += 2
            else:
                at, stop = expect(data, at, end, SEQUENCE)
            if stop > end:
                raise BerError("varbind is longer than the list")
            if data[at] == _OID and data[at + 1] < 0x80:
                start = at + 2
                at = start + data[at + 1]
            else:
                start, at = expect(data, at, stop, _OID)
            encoded = data[start:at]
            name = names.get(encoded) or self._name(encoded)
            tag, size = data[at], data[at + 1]
            if size < 0x80:
                start, at = at + 2, at + 2 + size
            else:
                tag, start, at = element(data, at, stop)
            if at != stop:
                raise BerError("a variable is a name and a value, and they fill it")
            size = at - start
            if tag == OCTETS:
                rows.append((name, data[start:at]))
            elif tag == _INTEGER and 0 < size <= 4:
                rows.append((name, int.from_bytes(data[start:at], "big", signed=True)))
            elif tag in _UNSIGNED and 0 < size <= 4:
                rows.append((name, int.from_bytes(data[start:at], "big")))
            else:
                if tag == _END_OF_MIB and ended is None:
                    ended = len(rows)
                rows.append((name, _odd_value(tag, data[start:at])))
        return head._replace(end=ended, raw=raw)

    def _name(self, encoded: bytes) -> str:
        name = decode_oid(encoded)
        if len(self._names) < _CACHE_LIMIT:
            self._names[encoded] = name
        return name


class Codec(PduCodec):
    """Makes and reads the messages of one community and version."""

    def __init__(self, version: SnmpVersion, community: Secret) -> None:
        super().__init__()
        self._head = bytes((_INTEGER, 1, _VERSIONS[version])) + tlv(
            OCTETS, community.reveal().encode()
        )

    def get(self, request_id: int, oids: Sequence[str]) -> bytes:
        """A GetRequest for `oids`."""
        return tlv(SEQUENCE, self._head, self.get_pdu(request_id, oids))

    def next(self, request_id: int, oid: str, count: int) -> bytes:
        """A GetBulkRequest for up to `count` rows behind `oid`, or a GetNextRequest for one."""
        return tlv(SEQUENCE, self._head, self.next_pdu(request_id, oid, count))

    def decode(self, data: bytes) -> Response:
        """The response in a datagram.

        Raises:
            BerError: it is not a response, not of this version and community, or broken.
        """
        try:
            return self._decode_rows(data, *self._decode_head(data))
        except IndexError:
            raise BerError("message is cut off") from None

    def frame(self, data: bytes) -> tuple[int, int]:
        """The errorStatus and errorIndex of a response, its varbinds unread. Raises BerError."""
        try:
            head, _, _ = self._decode_head(data)
        except IndexError:
            raise BerError("message is cut off") from None
        return head.status, head.error_index

    def _decode_head(self, data: bytes) -> tuple[Response, int, int]:
        at, end = expect(data, 0, len(data), SEQUENCE)
        head_end = at + len(self._head)
        if data[at:head_end] != self._head:
            raise BerError("another version or community")
        at, stop = expect(data, head_end, end, RESPONSE)
        if stop != end:
            raise BerError("something follows the PDU")
        return self._decode_numbers(data, at, end)


def _odd_value(tag: int, contents: bytes) -> RawValue | None:
    """A value that is no short number and no text. No octets are no 0."""
    if 0 < len(contents) <= _LONGEST_INTEGER:
        if tag == _INTEGER:
            number = int.from_bytes(contents, "big", signed=True)
            return number if -_TOO_LARGE <= number < _TOO_LARGE else None
        if tag in _UNSIGNED:
            number = int.from_bytes(contents, "big")
            return number if number < _UNSIGNED[tag] else None
    if tag == _OID:
        return decode_oid(contents)
    if tag == _OPAQUE:
        return contents
    if tag == _IP_ADDRESS and len(contents) == 4:
        return ".".join(map(str, contents))
    return None


def typed_rows(raw: bytes) -> list[TypedRow]:
    """`Response.raw` row by row, with the types that the device gave; ends at endOfMibView.

    For recordings: the polling path never calls it. Raises BerError.
    """
    rows = []
    at, end = 0, len(raw)
    try:
        while at < end:
            start, stop = expect(raw, at, end, SEQUENCE)
            name, value = expect(raw, start, stop, _OID)
            tag, first, last = element(raw, value, stop)
            if tag == _END_OF_MIB:
                break
            rows.append(TypedRow(decode_oid(raw[name:value]), tag, raw[first:last]))
            at = stop
    except IndexError:
        raise BerError("a variable is cut off") from None
    return rows


def engine_discovery(message_id: int) -> bytes:
    """An SNMPv3 GET that any v3 agent must answer with a Report, whoever asks (RFC 3414, 4)."""
    flags = b"\x04"  # reportable, neither authenticated nor encrypted
    header = tlv(
        SEQUENCE, integer(message_id), integer(MAX_DATAGRAM), tlv(OCTETS, flags), integer(3)
    )
    empty = tlv(OCTETS)
    usm = tlv(SEQUENCE, empty, integer(0), integer(0), empty, empty, empty)
    pdu = tlv(_GET, integer(message_id), integer(0), integer(0), tlv(SEQUENCE))
    scoped = tlv(SEQUENCE, empty, empty, pdu)
    return tlv(SEQUENCE, integer(3), header, tlv(OCTETS, usm), scoped)


def is_report(data: bytes, message_id: int) -> bool:
    """Whether a datagram is the Report that answers `engine_discovery(message_id)`."""
    try:
        at, end = expect(data, 0, len(data), SEQUENCE)
        version, at = integer_at(data, at, end)
        start, at = expect(data, at, end, SEQUENCE)
        answered, _ = integer_at(data, start, at)
        _, at = expect(data, at, end, OCTETS)
        start, end = expect(data, at, end, SEQUENCE)
        for _ in range(2):
            _, start = expect(data, start, end, OCTETS)
        return version == 3 and answered == message_id and data[start] == REPORT
    except (BerError, IndexError):
        return False
