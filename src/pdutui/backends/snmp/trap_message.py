"""Traps and informs as bytes: v1 Trap-PDU, v2c SNMPv2-Trap and InformRequest, strictly read.

A datagram either fits from its first byte to its last or it is nothing at all: half a trap could
name the wrong outlet.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import BadMessage, Cursor
from pdutui.backends.snmp.types import RawValue
from pdutui.domain.secret import Secret

MAX_DATAGRAM = 8192
"""Longer datagrams are not looked at. No PDU sends traps of more than one Ethernet frame."""
MAX_VARIABLES = 64

TRAP_V1, INFORM, TRAP_V2 = 0xA4, 0xA6, 0xA7
_SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
_STANDARD = "1.3.6.1.6.3.1.1.5"
_ENTERPRISE_SPECIFIC = 6
_UNSIGNED = {0x41: "counter", 0x42: "gauge", 0x43: "timeticks", 0x46: "counter64", 0x47: "gauge"}
_LONGEST_UNSIGNED = 9
_COUNTER64 = 0x46
_EXCEPTIONS = frozenset((0x80, 0x81, 0x82))

TrapVersion = Literal["1", "2c", "3"]


class Variable(msgspec.Struct, frozen=True):
    """One variable of a trap."""

    oid: str
    syntax: str
    """integer, string, oid, counter, gauge, timeticks, counter64, address, opaque, null."""
    value: RawValue | None
    """None for NULL."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A trap or an inform, as its sender put it."""

    version: TrapVersion
    inform: bool = False
    """It waits for an answer."""
    oid: str
    """snmpTrapOID; of a v1 trap the one that RFC 3584 makes of enterprise and number."""
    variables: tuple[Variable, ...] = ()
    """In the order they came, without sysUpTime.0 and snmpTrapOID.0."""
    uptime_s: float | None = None
    agent: str | None = None
    """agent-addr of a v1 trap: what the device says of its address. Anybody can write anything
    there, so it identifies nobody."""
    request_id: int = 0
    community: Secret = Secret("")
    """Of v1 and v2c. What is no UTF-8 is read as Latin-1."""

    def texts(self) -> tuple[RawValue, ...]:
        """The octet strings among the variables."""
        return tuple(v.value for v in self.variables if v.syntax == "string" and v.value)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A v1 or v2c notification with what its answer is made of."""

    notification: Notification
    version: int
    community: bytes
    request_id: bytes
    body: bytes

    def answer(self) -> bytes:
        """The Response to an inform: its own variables, no error."""
        pdu = pdu_bytes(ber.RESPONSE, self.request_id, self.body)
        head = ber.encode_int(ber.INTEGER, self.version) + ber.tlv(ber.STRING, self.community)
        return ber.tlv(ber.SEQUENCE, head + pdu)


def pdu_bytes(tag: int, request_id: bytes, body: bytes) -> bytes:
    """A PDU without error: tag, contents of the request id, contents of the variable list."""
    zero = ber.encode_int(ber.INTEGER, 0)
    return ber.tlv(
        tag, ber.tlv(ber.INTEGER, request_id) + zero + zero + ber.tlv(ber.SEQUENCE, body)
    )


def version_of(datagram: bytes) -> int:
    """The SNMP version number of a message: 0 = v1, 1 = v2c, 3 = v3. Raises BadMessage."""
    return Cursor(Cursor(datagram).expect(ber.SEQUENCE)).integer()


def decode_trap(datagram: bytes) -> Envelope:
    """The trap or inform in a v1 or v2c datagram. Raises BadMessage on anything else."""
    outer = Cursor(datagram)
    message = Cursor(outer.expect(ber.SEQUENCE))
    if outer.more:
        raise BadMessage("something follows the message")
    version = message.integer()
    community = message.expect(ber.STRING)
    tag, content = message.element()
    if message.more:
        raise BadMessage("something follows the trap")
    secret = Secret(_text(community))
    if version == 0 and tag == TRAP_V1:
        return Envelope(
            notification=_v1(content, secret),
            version=version, community=community, request_id=b"\x00", body=b"",
        )  # fmt: skip
    if version != 1:
        raise BadMessage("no trap of SNMPv1 or v2c")
    notification, request_id, body = decode_pdu(tag, content, "2c", secret)
    return Envelope(
        notification=notification,
        version=version, community=community, request_id=request_id, body=body,
    )  # fmt: skip


def decode_pdu(
    tag: int, content: bytes, version: TrapVersion, community: Secret
) -> tuple[Notification, bytes, bytes]:
    """A v2 notification PDU: what it says, its request id and its variable list as bytes.

    Raises:
        BadMessage: it is none, or it does not say which trap it is.
    """
    if tag not in (TRAP_V2, INFORM):
        raise BadMessage("neither a trap nor an inform")
    pdu = Cursor(content)
    request_id = pdu.expect(ber.INTEGER)
    number = ber.decode_int(request_id)
    pdu.integer()
    pdu.integer()
    body = pdu.expect(ber.SEQUENCE)
    if pdu.more:
        raise BadMessage("something follows the variables")
    oid: str | None = None
    uptime_s: float | None = None
    rest: list[Variable] = []
    for variable in _variables(body):
        if oid is not None:
            rest.append(variable)
        elif variable.oid == TRAP_OID and variable.syntax == "oid":
            oid = str(variable.value)
        elif variable.oid == _SYS_UP_TIME and isinstance(variable.value, int):
            uptime_s = variable.value / 100
        else:
            raise BadMessage("the trap's OID is not where it belongs")
    if oid is None:
        raise BadMessage("there is no snmpTrapOID")
    notification = Notification(
        version=version,
        inform=tag == INFORM,
        oid=oid,
        variables=tuple(rest),
        uptime_s=uptime_s,
        request_id=number,
        community=community,
    )
    return notification, request_id, body


def _v1(content: bytes, community: Secret) -> Notification:
    pdu = Cursor(content)
    enterprise = ber.dotted(ber.decode_oid(pdu.expect(ber.OID)))
    address = pdu.expect(ber.IP_ADDRESS)
    if len(address) != 4:
        raise BadMessage("agent-addr is no address")
    generic, specific = pdu.integer(), pdu.integer()
    ticks = _unsigned(ber.TIMETICKS, pdu.expect(ber.TIMETICKS))
    body = pdu.expect(ber.SEQUENCE)
    if pdu.more:
        raise BadMessage("something follows the variables")
    if not 0 <= generic <= _ENTERPRISE_SPECIFIC or specific < 0:
        raise BadMessage("no such trap")
    if generic == _ENTERPRISE_SPECIFIC:
        oid = f"{enterprise}.0.{specific}"
    else:
        oid = f"{_STANDARD}.{generic + 1}"
    return Notification(
        version="1",
        oid=oid,
        variables=tuple(_variables(body)),
        uptime_s=ticks / 100,
        agent=".".join(map(str, address)),
        community=community,
    )


def _variables(body: bytes) -> list[Variable]:
    cursor = Cursor(body)
    found: list[Variable] = []
    while cursor.more:
        if len(found) == MAX_VARIABLES:
            raise BadMessage("too many variables")
        one = Cursor(cursor.expect(ber.SEQUENCE))
        name = ber.dotted(ber.decode_oid(one.expect(ber.OID)))
        tag, value = one.element()
        if one.more:
            raise BadMessage("something follows a value")
        found.append(_variable(name, tag, value))
    return found


def _variable(name: str, tag: int, content: bytes) -> Variable:
    if tag == ber.INTEGER:
        return Variable(name, "integer", ber.decode_int(content))
    if tag == ber.STRING:
        return Variable(name, "string", content)
    if tag == ber.OID:
        return Variable(name, "oid", ber.dotted(ber.decode_oid(content)))
    if tag in _UNSIGNED:
        return Variable(name, _UNSIGNED[tag], _unsigned(tag, content))
    if tag == ber.IP_ADDRESS:
        if len(content) != 4:
            raise BadMessage("an address of other than four octets")
        return Variable(name, "address", ".".join(map(str, content)))
    if tag == ber.OPAQUE:
        return Variable(name, "opaque", content)
    if tag == ber.NULL or tag in _EXCEPTIONS:
        if content:
            raise BadMessage("a NULL with something in it")
        return Variable(name, "null", None)
    raise BadMessage(f"a value of unknown type {tag:#x}")


def _unsigned(tag: int, content: bytes) -> int:
    if not 1 <= len(content) <= _LONGEST_UNSIGNED:
        raise BadMessage("a number without octets, or with too many")
    value = int.from_bytes(content, "big")
    if value.bit_length() > (64 if tag == _COUNTER64 else 32):
        raise BadMessage("a number that is too large for its type")
    return value


def _text(community: bytes) -> str:
    try:
        return community.decode()
    except UnicodeDecodeError:
        return community.decode("latin-1")
