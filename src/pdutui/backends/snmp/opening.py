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

ReaderName = Literal["auto", "own", "gufo", "pysnmp"]
"""auto is own: as fast as gufo, the same on every platform, and garbage cannot make it panic or
print. gufo and pysnmp pass the same contract tests and are there to compare with."""


def load_pysnmp_codec() -> type[PysnmpCodec]:
    """Import pysnmp's message classes; call it in a thread."""
    from pdutui.backends.snmp.pysnmp_codec import PysnmpCodec

    return PysnmpCodec


async def open_reader(
    name: ReaderName, target: SnmpTarget, address: Address, on_late: Callable[[float], None]
) -> Reader:
    """A reader with an open socket. Raises OSError; ImportError if a named library is not there."""
    if name == "gufo":
        from pdutui.backends.snmp.gufo_reader import GufoReader

        return GufoReader(address, target.version, target.community, on_late)
    if name == "pysnmp":
        codec_class = await asyncio.to_thread(load_pysnmp_codec)
        return MessageReader(address, codec_class(target.version, target.community), on_late)
    return MessageReader(address, Codec(target.version, target.community), on_late)


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
