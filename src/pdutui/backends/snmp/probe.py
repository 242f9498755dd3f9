"""Tells a silent host from an SNMP agent that does not like our community.

An agent never answers a wrong community. But one that knows SNMPv3 must answer an engine discovery
with a Report, whoever asks, and nothing is read or changed by it.
"""

from __future__ import annotations

import asyncio
import socket

from pdutui.backends.snmp.codec import MAX_DATAGRAM, engine_discovery, is_report
from pdutui.backends.snmp.exchange import Address, connected_socket, new_request_id, send_now

_SENDS = 2


async def speaks_snmp(address: Address, wait_s: float) -> bool:
    """Whether an SNMP agent answers there; False is no proof that there is none.

    Asks twice at most and waits `wait_s` seconds for each answer.
    """
    try:
        sock = connected_socket(address)
    except OSError:
        return False
    try:
        for _ in range(_SENDS):
            number = new_request_id()
            send_now(sock, engine_discovery(number))
            try:
                await asyncio.wait_for(_report(sock, number), wait_s)
            except TimeoutError:
                continue
            return True
    except OSError:
        return False
    finally:
        sock.close()
    return False


async def _report(sock: socket.socket, number: int) -> None:
    loop = asyncio.get_running_loop()
    while not is_report(await loop.sock_recv(sock, MAX_DATAGRAM), number):
        pass
