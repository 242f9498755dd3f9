"""What an SNMP datagram says by the book, or nothing: the judge of the fuzz tests.

Slow, short and on its own: it shares no line with the program. BER as RFC 3417 restricts it, the
PDUs of RFC 3416 and RFC 1157, the types of RFC 2578. Lenient only where the program means to be:
lengths may be in long form, numbers may have leading octets that change nothing, an unsigned number
may lack its leading zero, and where `tail` says so, something may follow the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Value = int | str | bytes | None
INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, OPAQUE, COUNTER64 = 0x40, 0x44, 0x46
UNSIGNED = {0x41: 2**32, 0x42: 2**32, 0x43: 2**32, COUNTER64: 2**64, 0x47: 2**32}
EXCEPTIONS = (0x80, 0x81, 0x82)


class Invalid(Exception):
    """It says nothing."""


@dataclass(frozen=True)
class Element:
    """One element, its contents unread."""

    tag: int
    contents: bytes

    def whole(self, tag: int) -> list[Element]:
        """What it is made of; it must have this tag."""
        if self.tag != tag:
            raise Invalid(f"{self.tag:#x} instead of {tag:#x}")
        return elements(self.contents)

    def octets(self, tag: int = OCTETS) -> bytes:
        """Its contents; it must have this tag."""
        if self.tag != tag:
            raise Invalid(f"{self.tag:#x} instead of {tag:#x}")
        return self.contents

    def number(self) -> int:
        """An INTEGER of the message's head."""
        if not 1 <= len(self.octets(INTEGER)) <= 9:
            raise Invalid("no integer")
        return int.from_bytes(self.contents, "big", signed=True)


def element(data: bytes) -> tuple[Element, bytes]:
    """The first element, and what follows it."""
    if len(data) < 2:
        raise Invalid("cut off")
    tag, size, rest = data[0], data[1], data[2:]
    if size > 0x7F:
        count = size - 0x80
        if not 1 <= count <= 4 or len(rest) < count:
            raise Invalid("no length")
        size, rest = int.from_bytes(rest[:count], "big"), rest[count:]
    if size > len(rest):
        raise Invalid("cut off")
    return Element(tag, rest[:size]), rest[size:]


def elements(data: bytes) -> list[Element]:
    """Element after element, to the last octet."""
    found = []
    while data:
        one, data = element(data)
        found.append(one)
    return found


def oid(contents: bytes) -> str:
    """An OBJECT IDENTIFIER."""
    if not contents or contents[-1] > 0x7F:
        raise Invalid("an OID that is cut off")
    arcs, arc, fresh = [], 0, True
    for octet in contents:
        if fresh and octet == 0x80:
            raise Invalid("an arc with a leading zero")
        arc, fresh = arc * 128 + octet % 128, octet < 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    arcs[:1] = [first, arcs[0] - 40 * first]
    if len(arcs) > 128 or max(arcs) >= 2**32:
        raise Invalid("an absurd OID")
    return ".".join(map(str, arcs))


def value(one: Element) -> Value:
    """A variable's value; None where there is none, or none that its type can have."""
    tag, contents = one.tag, one.contents
    if tag in (OCTETS, OPAQUE):
        return contents
    if tag == OID:
        return oid(contents)
    if tag == ADDRESS:
        return ".".join(map(str, contents)) if len(contents) == 4 else None
    if tag == INTEGER and 1 <= len(contents) <= 9:
        number = int.from_bytes(contents, "big", signed=True)
        return number if -(2**31) <= number < 2**31 else None
    if tag in UNSIGNED and 1 <= len(contents) <= 9:
        number = int.from_bytes(contents, "big")
        return number if number < UNSIGNED[tag] else None
    return None


def variables(one: Element) -> list[tuple[str, Value]]:
    """A variable list."""
    found = []
    for variable in one.whole(SEQUENCE):
        parts = variable.whole(SEQUENCE)
        if len(parts) != 2:
            raise Invalid("a variable is a name and a value")
        found.append((oid(parts[0].octets(OID)), value(parts[1])))
    return found


@dataclass(frozen=True)
class Pdu:
    """What a PDU says."""

    tag: int
    request_id: int
    status: int
    index: int
    rows: list[tuple[str, Value]]


def pdu(one: Element) -> Pdu:
    """Any PDU of RFC 3416."""
    parts = elements(one.contents)
    if len(parts) != 4:
        raise Invalid("a PDU has four parts")
    numbers = [part.number() for part in parts[:3]]
    return Pdu(one.tag, *numbers, variables(parts[3]))


def exactly(data: bytes, *, tail: bool) -> Element:
    """The message in a datagram."""
    one, rest = element(data)
    if rest and not tail:
        raise Invalid("something follows the message")
    return one


def plain(data: bytes, *, tail: bool) -> tuple[int, bytes, Element]:
    """Version, community and PDU of a v1 or v2c message."""
    parts = exactly(data, tail=tail).whole(SEQUENCE)
    if len(parts) != 3:
        raise Invalid("a message has three parts")
    return parts[0].number(), parts[1].octets(), parts[2]


@dataclass(frozen=True)
class Trap:
    """What a v1 Trap-PDU says."""

    enterprise: str
    agent: bytes
    generic: int
    specific: int
    ticks: int
    rows: list[tuple[str, Value]]


def v1_trap(one: Element) -> Trap:
    """A Trap-PDU of RFC 1157."""
    parts = one.whole(0xA4)
    if len(parts) != 6:
        raise Invalid("a trap has six parts")
    ticks = value(parts[4])
    if parts[4].tag != 0x43 or not isinstance(ticks, int) or len(parts[1].octets(ADDRESS)) != 4:
        raise Invalid("no trap")
    return Trap(
        oid(parts[0].octets(OID)), parts[1].contents, parts[2].number(), parts[3].number(), ticks,
        variables(parts[5]),
    )  # fmt: skip


@dataclass(frozen=True)
class Secured:
    """What a v3 message says of itself; its scoped PDU encrypted or not."""

    msg_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    body: Element


def secured(data: bytes, *, tail: bool) -> Secured:
    """A v3 message of the user-based security model."""
    parts = exactly(data, tail=tail).whole(SEQUENCE)
    if len(parts) != 4 or parts[0].number() != 3:
        raise Invalid("no v3 message")
    head = parts[1].whole(SEQUENCE)
    if len(head) != 4 or len(head[2].octets()) != 1 or head[3].number() != 3:
        raise Invalid("no head")
    model = exactly(parts[2].octets(), tail=False).whole(SEQUENCE)
    if len(model) != 6:
        raise Invalid("no security parameters")
    return Secured(
        head[0].number(), head[2].contents[0], model[0].octets(), model[1].number(),
        model[2].number(), model[3].octets(), parts[3],
    )  # fmt: skip


def scoped(data: bytes, *, padded: bool) -> tuple[bytes, bytes, Element]:
    """Engine, context and PDU of a scoped PDU; after decryption padding may follow."""
    parts = exactly(data, tail=padded).whole(SEQUENCE)
    if len(parts) != 3:
        raise Invalid("a scoped PDU has three parts")
    return parts[0].octets(), parts[1].octets(), parts[2]


def or_none(said: Callable[[], T]) -> T | None:
    """What it says, None if it says nothing."""
    try:
        return said()
    except Invalid:
        return None
