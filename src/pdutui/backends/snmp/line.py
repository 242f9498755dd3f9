"""The line to one device: opening it, sending one datagram on it, resending, giving up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from pdutui.backends.base import Refused, Unreachable
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.link import SHORTEST_WAIT_S, LineWatch
from pdutui.backends.snmp.opening import ReaderName, open_reader, resolve
from pdutui.backends.snmp.probe import speaks_snmp
from pdutui.backends.snmp.types import (
    ErrorAnswer,
    GarbledAnswer,
    Reader,
    SnmpTarget,
    Timeout,
)
from pdutui.domain.clock import Clock

_PROBE_WAIT_S = 0.4

T = TypeVar("T")


class Silence(Exception):
    """One datagram went out, its wait is over, and nothing that counts came back."""


class Waits:
    """The waits after the successive sends of one request.

    Each round begins with the wait that the round trips so far suggest and doubles it; a round
    lasts `timeout_s` in all, and there are `retries` rounds more.
    """

    def __init__(self, target: SnmpTarget, watch: LineWatch) -> None:
        self._timeout_s = target.timeout_s
        self._rounds = 1 + target.retries
        self._watch = watch
        self._left = 0.0
        self._wait = 0.0

    def __iter__(self) -> Waits:
        return self

    def __next__(self) -> float:
        if self._left <= 0:
            if self._rounds <= 0:
                raise StopIteration
            self._rounds -= 1
            self._left = self._timeout_s
            self._wait = 0.0
        wait = max(2 * self._wait, self._watch.first_wait(self._timeout_s))
        if self._left - wait < SHORTEST_WAIT_S:
            wait = self._left
        self._left -= wait
        self._wait = wait
        return wait

    def start_anew(self) -> None:
        """Begin with the shortest wait again, since something else is asked; no time is won."""
        self._wait = 0.0


class Line:
    """Sends for one client, one datagram at a time; not for use by two tasks at once."""

    def __init__(self, target: SnmpTarget, reader: ReaderName, clock: Clock) -> None:
        self._target = target
        self._name = reader
        self._clock = clock
        self._reader: Reader | None = None
        self._addresses: list[Address] = []
        self._turn = 0
        self._closed = False
        self._trouble: OSError | None = None
        self.watch = LineWatch(clock)
        self.requests = 0
        """Datagrams sent so far, resends included."""
        self.garbled = 0
        """Waits that ended with nothing but unreadable datagrams."""

    async def address(self) -> Address:
        """Where the device is. Raises Unreachable if its name does not resolve."""
        if not self._addresses:
            patience_s = self._target.timeout_s * (1 + self._target.retries)
            self._addresses = await resolve(self._target, patience_s)
        return self._addresses[self._turn % len(self._addresses)]

    def waits(self) -> Waits:
        """How long to wait after each send of one request; at its end the request is given up."""
        return Waits(self._target, self.watch)

    async def once(self, ask: Callable[[Reader, float], Awaitable[T]], wait_s: float) -> T:
        """Send one datagram by `ask(reader, wait)` and give back the answer.

        Raises:
            Silence: no answer. It has taken `wait_s` seconds, also where an error came at once.
            ErrorAnswer: the device answered with an error.
            Unreachable: the name does not resolve, or the line has been closed.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            reader = self._reader or await self._open()
            began = loop.time()
            self.requests += 1
            answer = await ask(reader, wait_s)
        except ErrorAnswer:
            self._heard(loop.time() - began)
            raise
        except Timeout:
            self._trouble = None
        except GarbledAnswer:
            self._trouble = None
            self.garbled += 1
        except OSError as error:
            self._trouble = error
            if not isinstance(error, ConnectionRefusedError):
                await self._drop()
            await asyncio.sleep(began + wait_s - loop.time())
        else:
            self._heard(loop.time() - began)
            return answer
        self.watch.missed()
        raise Silence

    async def until_answered(self, ask: Callable[[Reader, float], Awaitable[T]]) -> T:
        """Send, and send again, until there is an answer. Raises like `once` and `give_up`."""
        for wait_s in self.waits():
            try:
                return await self.once(ask, wait_s)
            except Silence:
                continue
        await self.give_up()

    async def give_up(self) -> NoReturn:
        """Say what the silence means. The next request opens the line anew.

        Raises:
            Refused: an agent is there and has never answered this community.
            Unreachable: anything else.
        """
        target = self._target
        where = f"{target.host}:{target.port}"
        trouble, heard_s = self._trouble, self.watch.heard_s
        address = self._addresses[self._turn % len(self._addresses)] if self._addresses else None
        await self._drop()
        if isinstance(trouble, ConnectionRefusedError):
            raise Unreachable(f"{target.host} answers, but no SNMP agent on port {target.port}")
        if trouble is not None:
            raise Unreachable(f"cannot send to {where}: {trouble.strerror or 'network error'}")
        patience_s = target.timeout_s * (1 + target.retries)
        text = f"no answer from {where} within {patience_s:g} s"
        if heard_s is not None:
            ago = self._clock.monotonic() - heard_s
            raise Unreachable(f"{text}; last heard {ago:.0f} s ago")
        if address is not None and await speaks_snmp(address, min(_PROBE_WAIT_S, target.timeout_s)):
            raise Refused(
                f"{where} answers SNMP, but not to this community (SNMP v{target.version}): "
                "it is wrong, or not allowed from here"
            )
        raise Unreachable(f"{text}: host down, SNMP off, or the community is wrong")

    async def aclose(self) -> None:
        """Close the line for good. May be called twice."""
        self._closed = True
        await self._drop()

    async def _open(self) -> Reader:
        if self._closed:
            raise Unreachable("the connection has been closed")
        address = await self.address()
        try:
            self._reader = await open_reader(self._name, self._target, address, self._heard)
        except OSError:
            self._next_address()
            raise
        return self._reader

    async def _drop(self) -> None:
        """Close the socket; the next request resolves the name again and tries the next address."""
        reader, self._reader = self._reader, None
        self._next_address()
        if reader is not None:
            await reader.aclose()

    def _next_address(self) -> None:
        # An address that has answered stays the first choice; one that never did gives way.
        if self.watch.heard_s is None:
            self._turn += 1
        self._addresses = []

    def _heard(self, round_trip_s: float) -> None:
        self._trouble = None
        self.watch.heard(round_trip_s)
