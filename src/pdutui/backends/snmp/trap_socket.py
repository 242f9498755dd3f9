"""Where traps arrive: an address to listen at, or a socket that systemd hands over."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import MutableMapping

_FIRST_FD = 3
_BUFFER = 262_144
"""What the kernel keeps while the loop is busy: some hundreds of traps."""


def plain_address(host: str) -> str:
    """An address in the one form that it is compared in: IPv4 where IPv6 only carries it, no zone.

    What is no address comes back as it is.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def show_address(host: str, port: int) -> str:
    """`10.0.0.5:1162`, `[::1]:1162`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def inherited_socket(env: MutableMapping[str, str]) -> socket.socket | None:
    """The UDP socket of a systemd socket unit, if this process was started with one.

    The variables are taken out of `env`, so that no child believes they are meant for it.
    """
    pid, count = env.get("LISTEN_PID", ""), env.get("LISTEN_FDS", "")
    if pid != str(os.getpid()) or not (count.isascii() and count.isdigit()):
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        env.pop(name, None)
    for fd in range(_FIRST_FD, _FIRST_FD + min(int(count), 64)):
        try:
            found = socket.socket(fileno=fd)
        except OSError:
            continue
        if found.type == socket.SOCK_DGRAM and found.family in (socket.AF_INET, socket.AF_INET6):
            found.setblocking(False)
            os.set_inheritable(fd, False)
            return found
        found.detach()
    return None


async def open_socket(host: str, port: int) -> socket.socket:
    """A bound UDP socket; `::` takes IPv4 too.

    Raises:
        OSError: no such address here, port taken, or not ours to take.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def why_not(error: OSError, host: str, port: int) -> str:
    """Why an address cannot be listened at, and what to do, for people."""
    place = show_address(host, port)
    if isinstance(error, PermissionError) and port < 1024:
        return (
            f"cannot listen for traps on {place}: ports below 1024 need a socket unit, a "
            "capability or a redirect (see docs/traps.md); 1162 needs none"
        )
    reason = error.strerror or str(error)
    return f"cannot listen for traps on {place}: {reason}"
