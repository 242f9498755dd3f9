"""One line of a recording (`.snmprec`): `OID|type|value`, as snmpsim and our simulator read it.

The type is the value's BER tag; an `x` behind it says that the value is in hex.
"""

from __future__ import annotations

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import Oid
from pdutui.backends.snmp.codec import BerError, decode_oid
from pdutui.backends.snmp.types import TypedRow

_UINTEGER32, _NSAP = 0x47, 0x45
_SAME_AS = {_UINTEGER32: ber.GAUGE32, _NSAP: ber.STRING}
"""Types that SMIv2 has dropped, and what a recording has in their place."""
_BITS = {ber.COUNTER32: 32, ber.GAUGE32: 32, ber.TIMETICKS: 32, ber.COUNTER64: 64}
_NAMES = {
    0x80: "noSuchObject", 0x81: "noSuchInstance", 0x82: "endOfMibView",
}  # fmt: skip


class NotRecordable(ValueError):
    """A value that a recording has no form for; the text says what it is."""


def record_oid(oid: str) -> Oid:
    """The arcs of a row's OID. Raises NotRecordable where one is longer than 32 bits."""
    try:
        arcs = ber.parse_oid(oid)
        ber.encode_oid(arcs)
    except ValueError as error:
        raise NotRecordable(f"{oid} is no object identifier") from error
    return arcs


def format_record(row: TypedRow) -> str:
    """The line for a row, without the line's end. Raises NotRecordable."""
    tag = _SAME_AS.get(row.tag, row.tag)
    kind, value = _value(tag, row.content)
    return f"{row.oid}|{kind}|{value}"


def _value(tag: int, content: bytes) -> tuple[str, str]:
    if tag == ber.STRING:
        return ("4", content.decode("ascii")) if _is_plain(content) else ("4x", content.hex())
    if tag == ber.NULL:
        return "5", ""
    if tag == ber.OID:
        try:
            return "6", decode_oid(content)
        except BerError as error:
            raise NotRecordable("a broken object identifier") from error
    if tag == ber.IP_ADDRESS:
        if len(content) != 4:
            raise NotRecordable(f"an IpAddress of {len(content)} octets")
        return "64", ".".join(map(str, content))
    if tag == ber.OPAQUE:
        return "68x", content.hex()
    if tag == ber.INTEGER:
        return "2", str(_number(content, 32, signed=True))
    if tag in _BITS:
        return str(tag), str(_number(content, _BITS[tag], signed=False))
    raise NotRecordable(f"a value of type {_NAMES.get(tag, f'{tag:#04x}')}")


def _is_plain(content: bytes) -> bool:
    """Whether every reader takes the text as it stands: printable, no blank at its ends."""
    return all(0x20 <= octet < 0x7F for octet in content) and content == content.strip()


def _number(content: bytes, bits: int, *, signed: bool) -> int:
    if not 1 <= len(content) <= 9:
        raise NotRecordable(f"a number of {len(content)} octets")
    number = int.from_bytes(content, "big", signed=signed)
    low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)
    if not low <= number < high:
        raise NotRecordable(f"{number}, which does not fit its type")
    return number
