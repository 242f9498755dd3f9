"""SNMPv3 messages as bytes (RFC 3412, 6; RFC 3414, 2.4), without the cryptography.

`parse` takes a datagram apart and believes nothing of it: it is `usm` that proves a message. All
lengths and ranges are checked; what does not fit is a BerError.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pdutui.backends.snmp.codec import (
    MAX_DATAGRAM,
    OCTETS,
    SEQUENCE,
    BerError,
    element,
    expect,
    integer,
    integer_at,
    tlv,
)
from pdutui.domain.v3 import Level

AUTH_FLAG, PRIV_FLAG, REPORTABLE = 0x01, 0x02, 0x04
FLAGS: dict[Level, int] = {
    "noAuthNoPriv": 0,
    "authNoPriv": AUTH_FLAG,
    "authPriv": AUTH_FLAG | PRIV_FLAG,
}
USM = 3
"""msgSecurityModel of the only one there is."""
MAX_INT = 2**31 - 1
"""Most that boots, times and message ids can be."""
_VERSION = 3
_LONGEST_ENGINE_ID = 32
_LONGEST_USER = 32
_LEVELS: tuple[Level, ...] = ("noAuthNoPriv", "authNoPriv", "noAuthNoPriv", "authPriv")


class V3Message(NamedTuple):
    """A message taken apart. Nothing in it is proved."""

    data: bytes
    """The whole message, what followed it cut off."""
    msg_id: int
    flags: int
    engine_id: bytes
    """Of the authoritative engine; empty in a discovery."""
    boots: int
    time: int
    user: bytes
    digest_at: int
    """Where the digest stands in `data`."""
    digest: bytes
    salt: bytes
    body: bytes
    """The scoped PDU element, or its encrypted form where `encrypted`."""
    max_size: int = MAX_DATAGRAM
    """msgMaxSize: the longest answer that the sender takes."""

    @property
    def level(self) -> Level:
        """The security level that the sender says it has."""
        return _LEVELS[self.flags & 3]

    @property
    def encrypted(self) -> bool:
        """Whether `body` is encrypted."""
        return bool(self.flags & PRIV_FLAG)

    @property
    def reportable(self) -> bool:
        """Whether the sender wants a Report where something is wrong."""
        return bool(self.flags & REPORTABLE)


class ScopedPdu(NamedTuple):
    """What a message is about."""

    engine_id: bytes
    """contextEngineID."""
    context: bytes
    """contextName."""
    pdu: bytes
    """The PDU element, its tag included."""


def scoped_pdu(engine_id: bytes, context: bytes, pdu: bytes) -> bytes:
    """A scoped PDU element."""
    return tlv(SEQUENCE, _same(engine_id), _same(context), pdu)


def read_scoped(data: bytes) -> ScopedPdu:
    """The scoped PDU at the start of `data`; padding may follow. Raises BerError."""
    try:
        at, end = expect(data, 0, len(data), SEQUENCE)
        start, at = expect(data, at, end, OCTETS)
        engine_id = data[start:at]
        start, at = expect(data, at, end, OCTETS)
        context = data[start:at]
        _, _, stop = element(data, at, end)
        if stop != end:
            raise BerError("something follows the PDU")
    except IndexError:
        raise BerError("scoped PDU is cut off") from None
    return ScopedPdu(engine_id, context, data[at:stop])


def encode(
    *,
    msg_id: int,
    flags: int,
    engine_id: bytes,
    boots: int,
    time: int,
    user: bytes,
    digest_size: int,
    salt: bytes,
    body: bytes,
    max_size: int = MAX_DATAGRAM,
) -> tuple[bytes, int]:
    """A message with zeros for a digest, and where in it the digest goes.

    Args:
        msg_id: msgID.
        flags: msgFlags.
        engine_id: msgAuthoritativeEngineID.
        boots: msgAuthoritativeEngineBoots.
        time: msgAuthoritativeEngineTime, in seconds.
        user: msgUserName.
        digest_size: octets of msgAuthenticationParameters; 0 without authentication.
        salt: msgPrivacyParameters; empty without privacy.
        body: the scoped PDU element, or an OCTET STRING element that holds its encrypted form.
        max_size: msgMaxSize: the longest answer that is wanted.
    """
    header = tlv(SEQUENCE, integer(msg_id), _model(max_size, flags))
    behind = tlv(OCTETS, salt)
    security = tlv(
        SEQUENCE,
        _same(engine_id),
        integer(boots),
        integer(time),
        _same(user),
        _same(bytes(digest_size)),
        behind,
    )
    message = tlv(SEQUENCE, integer(_VERSION), header, tlv(OCTETS, security), body)
    return message, len(message) - len(body) - len(behind) - digest_size


@lru_cache(maxsize=1024)
def _same(octets: bytes) -> bytes:
    """An OCTET STRING that comes again in every message: engine, user, context, empty digest."""
    return tlv(OCTETS, octets)


@lru_cache(maxsize=64)
def _model(max_size: int, flags: int) -> bytes:
    """What follows msgID in the header."""
    return integer(max_size) + tlv(OCTETS, bytes((flags,))) + integer(USM)


def parse(data: bytes) -> V3Message:
    """Take a datagram apart.

    Raises:
        BerError: it is no SNMPv3 message of the user-based security model, or broken.
    """
    try:
        return _parse(data)
    except IndexError:
        raise BerError("message is cut off") from None


def _parse(data: bytes) -> V3Message:
    at, end = expect(data, 0, len(data), SEQUENCE)
    version, at = integer_at(data, at, end)
    if version != _VERSION:
        raise BerError("another version")
    head, at = expect(data, at, end, SEQUENCE)
    msg_id, head = _number(data, head, at)
    max_size, head = _number(data, head, at)
    start, head = expect(data, head, at, OCTETS)
    if head - start != 1:
        raise BerError("msgFlags is one octet")
    flags = data[start]
    model, head = integer_at(data, head, at)
    if head != at:
        raise BerError("something follows the security model")
    if model != USM:
        raise BerError("another security model")
    if flags & (AUTH_FLAG | PRIV_FLAG) == PRIV_FLAG:
        raise BerError("encrypted, but not authenticated")
    start, at = expect(data, at, end, OCTETS)
    start, stop = expect(data, start, at, SEQUENCE)
    if stop != at:
        raise BerError("something follows the security parameters")
    engine_id, start = _octets(data, start, stop, _LONGEST_ENGINE_ID)
    boots, start = _number(data, start, stop)
    time, start = _number(data, start, stop)
    user, start = _octets(data, start, stop, _LONGEST_USER)
    digest, start = _octets(data, start, stop, stop - start)
    digest_at = start - len(digest)
    salt, start = _octets(data, start, stop, stop - start)
    if start != stop:
        raise BerError("something follows the privacy parameters")
    tag, start, stop = element(data, at, end)
    if stop != end:
        raise BerError("something follows the body")
    if tag != (OCTETS if flags & PRIV_FLAG else SEQUENCE):
        raise BerError("the body is not what msgFlags says")
    body = data[start:stop] if flags & PRIV_FLAG else data[at:stop]
    return V3Message(
        data[:end], msg_id, flags, engine_id, boots, time, user, digest_at, digest, salt, body,
        max_size,
    )  # fmt: skip


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    value, at = integer_at(data, at, end)
    if not 0 <= value <= MAX_INT:
        raise BerError("a number out of its range")
    return value, at


def _octets(data: bytes, at: int, end: int, longest: int) -> tuple[bytes, int]:
    start, stop = expect(data, at, end, OCTETS)
    if stop - start > longest:
        raise BerError("a name that is too long")
    return data[start:stop], stop
