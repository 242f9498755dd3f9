"""Where a host name leads, and which reader is opened there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pdutui.backends.base import Unreachable
from pdutui.backends.snmp.codec import Codec
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.message_reader import MessageReader
from pdutui.backends.snmp.types import Reader, SnmpTarget

if TYPE_CHECKING:
    from pdutui.backends.snmp.pysnmp_codec import PysnmpCodec
    from pdutui.backends.snmp.usm import UserKeys

ReaderName = Literal["auto", "own", "gufo", "pysnmp"]
"""auto is own: as fast as gufo, the same on every platform, and garbage cannot make it panic or
print. gufo and pysnmp pass the same contract tests and are there to compare with, in v1 and v2c.
SNMPv3 is always our own: theirs share keys by user name, or never get over a device's restart."""


def load_pysnmp_codec() -> type[PysnmpCodec]:
    """Import pysnmp's message classes; call it in a thread."""
    from pdutui.backends.snmp.pysnmp_codec import PysnmpCodec

    return PysnmpCodec


async def open_reader(
    name: ReaderName,
    target: SnmpTarget,
    address: Address,
    on_late: Callable[[float], None],
    *,
    keys: UserKeys | None = None,
    on_extra: Callable[[], None] | None = None,
) -> Reader:
    """A reader with an open socket.

    Args:
        name: which one.
        target: where the device is and how to talk to it.
        address: where its host name leads.
        on_late: called with the age in seconds when an answer comes after its wait was over.
        keys: of the target's v3 user, where they have been made before; v3 only.
        on_extra: called for every datagram beyond one per question; v3 only.

    Raises:
        OSError: there is no socket to be had.
        ImportError: a named library is not there.
    """
    if target.version == "3":
        from pdutui.backends.snmp.v3_reader import V3Reader

        own = keys or user_keys(target)
        await asyncio.to_thread(own.prepare)
        return V3Reader(address, own, on_late, on_extra)
    if name == "gufo":
        from pdutui.backends.snmp.gufo_reader import GufoReader

        return GufoReader(address, target.version, target.community, on_late)
    if name == "pysnmp":
        codec_class = await asyncio.to_thread(load_pysnmp_codec)
        return MessageReader(address, codec_class(target.version, target.community), on_late)
    return MessageReader(address, Codec(target.version, target.community), on_late)


def user_keys(target: SnmpTarget) -> UserKeys:
    """The keys of a target's v3 user; made when they are first used. Raises ValueError for none."""
    from pdutui.backends.snmp.usm import UserKeys

    if target.v3 is None:
        raise ValueError("SNMPv3 needs a user")
    return UserKeys(target.v3)


async def resolve(target: SnmpTarget, patience_s: float) -> list[Address]:
    """All addresses of the target's host, without blocking the loop.

    Raises:
        Unreachable: the name does not resolve.
    """
    host, port = target.host.strip("[]"), target.port
    if _is_ipv4(host):
        return [Address(socket.AF_INET, (host, port))]
    loop = asyncio.get_running_loop()
    try:
        found = await asyncio.wait_for(
            loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM), patience_s
        )
    except TimeoutError:
        raise Unreachable(f"cannot resolve {host}: the resolver does not answer") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a host name"
        raise Unreachable(f"cannot resolve {host}: {reason}") from None
    addresses = [
        Address(int(family), sockaddr)  # type: ignore[arg-type]
        for family, _, _, _, sockaddr in found
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
    if not addresses:
        raise Unreachable(f"cannot resolve {host}: no address")
    return list(dict.fromkeys(addresses))


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
