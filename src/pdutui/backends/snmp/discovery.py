"""The one thing an agent without SNMPv3 users still says in v3: that it is there.

A manager's first v3 message asks for the engine. Answered with a Report, it can tell a device that
is alive from one that is not, even where no community fits (RFC 3414, 4).
"""

from __future__ import annotations

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import BadMessage, Cursor

ENGINE_ID = bytes.fromhex("80001f8804") + b"pdutui-simulator"
"""RFC 3411: enterprise 8072 with the top bit set, format 4 (text)."""
_UNKNOWN_USER_NAMES = (1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0)
_UNKNOWN_ENGINE_IDS = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)
_REPORTABLE = 0x04
_USM = 3
_MAX_SIZE = 65507


def report_for(datagram: bytes) -> bytes | None:
    """The Report to a v3 message that wants one; None for anything else, garbage included."""
    try:
        return _report(datagram)
    except BadMessage:
        return None


def _report(datagram: bytes) -> bytes | None:
    message = Cursor(Cursor(datagram).expect(ber.SEQUENCE))
    if message.integer() != 3:
        return None
    header = Cursor(message.expect(ber.SEQUENCE))
    message_id = header.expect(ber.INTEGER)
    ber.decode_int(message_id)
    header.integer()
    flags = header.expect(ber.STRING)
    if header.integer() != _USM or not flags or not flags[0] & _REPORTABLE:
        return None
    security = Cursor(Cursor(message.expect(ber.STRING)).expect(ber.SEQUENCE))
    engine = security.expect(ber.STRING)
    security.integer()
    security.integer()
    user = security.expect(ber.STRING)
    counter = _UNKNOWN_USER_NAMES if engine == ENGINE_ID else _UNKNOWN_ENGINE_IDS
    return _encode(message_id, user if engine == ENGINE_ID else b"", counter)


def _encode(message_id: bytes, user: bytes, counter: ber.Oid) -> bytes:
    number, octets = ber.encode_int, ber.tlv
    header = octets(
        ber.SEQUENCE,
        octets(ber.INTEGER, message_id)
        + number(ber.INTEGER, _MAX_SIZE)
        + octets(ber.STRING, b"\x00")
        + number(ber.INTEGER, _USM),
    )
    security = octets(
        ber.SEQUENCE,
        octets(ber.STRING, ENGINE_ID)
        + number(ber.INTEGER, 1)
        + number(ber.INTEGER, 1)
        + octets(ber.STRING, user)
        + octets(ber.STRING, b"")
        + octets(ber.STRING, b""),
    )
    variable = ber.varbind(ber.encode_oid(counter), number(ber.COUNTER32, 1))
    pdu = octets(
        ber.REPORT,
        number(ber.INTEGER, 0)
        + number(ber.INTEGER, 0)
        + number(ber.INTEGER, 0)
        + octets(ber.SEQUENCE, variable),
    )
    scoped = octets(ber.SEQUENCE, octets(ber.STRING, ENGINE_ID) + octets(ber.STRING, b"") + pdu)
    return octets(
        ber.SEQUENCE,
        number(ber.INTEGER, 3) + header + octets(ber.STRING, security) + scoped,
    )
