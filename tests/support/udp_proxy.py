"""A bad network between a manager and an agent: a UDP proxy with faults, seeded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

Address = tuple[str, int]


@dataclass(kw_only=True)
class Faults:
    """What goes wrong; may be changed while the proxy runs."""

    loss: float = 0.0
    """Chance that a datagram is dropped, in each direction."""
    delay_s: float = 0.0
    """How long each answer is held back."""
    jitter_s: float = 0.0
    """Up to so much more, at random: answers overtake each other."""
    duplicate: float = 0.0
    """Chance that an answer comes twice."""
    garbage: float = 0.0
    """Chance that an answer is preceded by a datagram of nonsense."""
    corrupt: float = 0.0
    """Chance that an answer comes cut off."""
    max_varbinds: int | None = None
    """Longer requests are dropped without a word, or answered with tooBig."""
    too_big: bool = False
    """Answer tooBig where `max_varbinds` is exceeded."""
    silent: bool = False
    """Nothing goes through."""
    drop_request: Callable[[bytes], bool] | None = None
    """Drop the requests for which this is true."""


@dataclass
class UdpProxy:
    """`async with UdpProxy(port_of_agent) as proxy:` and point the manager at `proxy.port`."""

    upstream_port: int
    faults: Faults = field(default_factory=Faults)
    seed: int = 1
    host: str = "127.0.0.1"
    requests: list[bytes] = field(default_factory=list)
    """Every datagram that came from the manager, lost ones included."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.port = 0
        self._front: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._backs: dict[Address, asyncio.DatagramTransport] = {}

    async def __aenter__(self) -> UdpProxy:
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _Protocol(self._from_manager), local_addr=(self.host, 0)
        )
        self.port = self._front.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._front is not None
        for transport in (self._front, *self._backs.values()):
            transport.close()
        await asyncio.sleep(0)

    def inject(self, data: bytes) -> None:
        """Send a datagram to every manager that has asked so far."""
        for manager in self._backs:
            self._send_to_manager(data, manager)

    def _hit(self, chance: float) -> bool:
        return chance > 0 and self.random.random() < chance

    def _from_manager(self, data: bytes, manager: Address) -> None:
        self.requests.append(data)
        faults = self.faults
        if faults.silent or self._hit(faults.loss):
            return
        if faults.drop_request is not None and faults.drop_request(data):
            return
        if faults.max_varbinds is not None and count_varbinds(data) > faults.max_varbinds:
            if faults.too_big:
                self._from_agent(too_big_answer(data), manager)
            return
        task = asyncio.ensure_future(self._forward(data, manager))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, data: bytes, manager: Address) -> None:
        back = self._backs.get(manager)
        if back is None:
            back, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Protocol(lambda answer, _: self._from_agent(answer, manager)),
                remote_addr=(self.host, self.upstream_port),
            )
            self._backs[manager] = back
        back.sendto(data)

    def _from_agent(self, data: bytes, manager: Address) -> None:
        faults = self.faults
        if faults.silent or self._hit(faults.loss):
            return
        delay = faults.delay_s + self.random.random() * faults.jitter_s
        if self._hit(faults.garbage):
            nonsense = self.random.randbytes(self.random.randrange(1, 80))
            self._later(delay, nonsense, manager)
        if self._hit(faults.corrupt):
            data = data[: self.random.randrange(1, len(data))]
        self._later(delay, data, manager)
        if self._hit(faults.duplicate):
            self._later(delay + self.random.random() * 0.02, data, manager)

    def _later(self, delay: float, data: bytes, manager: Address) -> None:
        if delay <= 0:
            self._send_to_manager(data, manager)
        else:
            asyncio.get_running_loop().call_later(delay, self._send_to_manager, data, manager)

    def _send_to_manager(self, data: bytes, manager: Address) -> None:
        if self._front is not None and not self._front.is_closing():
            self._front.sendto(data, manager)


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._received(data, addr[:2])

    def error_received(self, exc: Exception) -> None:
        pass


def count_varbinds(data: bytes) -> int:
    """How many variables an SNMP v1 or v2c message carries."""
    _, start, end = _element(data, _varbind_list(data)[0])
    count = 0
    while start < end:
        start = _element(data, start)[2]
        count += 1
    return count


def too_big_answer(data: bytes) -> bytes:
    """The tooBig response to a request, as RFC 3416 has it: no variables."""
    _, start, _ = _element(data, 0)
    _, _, after_version = _element(data, start)
    _, _, after_community = _element(data, after_version)
    _, pdu, _ = _element(data, after_community)
    _, _, after_id = _element(data, pdu)
    body = data[pdu:after_id] + bytes.fromhex("0201010201003000")
    pdu_bytes = bytes((0xA2, len(body))) + body
    head = data[start:after_community]
    return bytes((0x30, len(head) + len(pdu_bytes))) + head + pdu_bytes


def _varbind_list(data: bytes) -> tuple[int, int]:
    _, at, _ = _element(data, 0)
    for _ in range(2):
        at = _element(data, at)[2]
    _, at, _ = _element(data, at)
    for _ in range(3):
        at = _element(data, at)[2]
    return at, _element(data, at)[2]


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        octets = size & 0x7F
        size = int.from_bytes(data[at : at + octets], "big")
        at += octets
    return tag, at, at + size
