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
from pdutui.backends.snmp.v3_trouble import AUTHORIZATION_ERROR, V3_ERRORS, V3Trouble
from pdutui.domain.clock import Clock

_PROBE_WAIT_S = 0.4
_QUICK = 8
"""Sends of one request before the waits grow."""

T = TypeVar("T")


class Silence(Exception):
    """One datagram went out, its wait is over, and nothing that counts came back."""


class Waits:
    """The waits after the successive sends of one request.

    Each round begins with `_QUICK` waits as the round trips so far suggest, then they double. A
    line that loses every third exchange stays silent for four of them a few times a minute, for
    eight once in a day: quick resends are what tells such a line from a dead device within seconds.
    A round lasts `timeout_s` in all, and there are `retries` rounds more.
    """

    def __init__(self, target: SnmpTarget, watch: LineWatch) -> None:
        self._timeout_s = target.timeout_s
        self._rounds = 1 + target.retries
        self._watch = watch
        self._left = 0.0
        self._wait = 0.0
        self._sends = 0

    def __iter__(self) -> Waits:
        return self

    def __next__(self) -> float:
        if self._left <= 0:
            if self._rounds <= 0:
                raise StopIteration
            self._rounds -= 1
            self._left = self._timeout_s
            self.start_anew()
        shortest = self._watch.first_wait(self._timeout_s)
        wait = shortest if self._sends < _QUICK else max(2 * self._wait, shortest)
        self._sends += 1
        if self._left - wait < SHORTEST_WAIT_S:
            wait = self._left
        self._left -= wait
        self._wait = wait
        return wait

    def start_anew(self) -> None:
        """Begin with the shortest wait again, since something else is asked; no time is won."""
        self._wait = 0.0
        self._sends = 0


class Line:
    """Sends for one client, one datagram at a time; not for use by two tasks at once."""

    def __init__(self, target: SnmpTarget, reader: ReaderName, clock: Clock) -> None:
        self._target = target
        self._name = reader
        self._clock = clock
        self._reader: Reader | None = None
        self._addresses: list[Address] = []
        self._address: Address | None = None
        self._heard_from: Address | None = None
        self._turn = 0
        self._opened_at = 0.0
        self._closed = False
        self._trouble: OSError | None = None
        self._v3 = V3Trouble(target, clock) if target.version == "3" else None
        self.watch = LineWatch(clock)
        self.requests = 0
        """Datagrams sent so far, resends included."""
        self.garbled = 0
        """Waits that ended with nothing but unreadable datagrams."""
        self.given_up = False
        """The last request that may be sent again was given up, and nothing was heard since."""

    async def address(self) -> Address:
        """Where the device is. Raises Unreachable if its name does not resolve."""
        if self._address is None:
            try:
                self._addresses = await resolve(self._target, self._target.timeout_s)
            except Unreachable:
                if self._heard_from is None:
                    raise
                # The resolver may be what is down: the device is still where it was.
                self._addresses = [self._heard_from]
            if self._heard_from is not None and self._settled:
                self._address = self._heard_from
            else:
                self._address = self._addresses[self._turn % len(self._addresses)]
        return self._address

    @property
    def _settled(self) -> bool:
        """Whether one of the present addresses has answered."""
        return self._heard_from in self._addresses

    def waits(self) -> Waits:
        """How long to wait after each send of one request; at its end the request is given up."""
        return Waits(self._target, self.watch)

    async def once(self, ask: Callable[[Reader, float], Awaitable[T]], wait_s: float) -> T:
        """Send one datagram by `ask(reader, wait)` and give back the answer.

        Raises:
            Silence: no answer. It has taken `wait_s` seconds, also where an error came at once.
            ErrorAnswer: the device answered with an error.
            Unreachable: the name does not resolve, or the line has been closed.
            Refused: the device said what is wrong with the v3 credentials.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            reader = self._reader or await self._open()
            began = loop.time()
            self.requests += 1
            answer = await ask(reader, wait_s)
        except ErrorAnswer as error:
            self.heard(loop.time() - began)
            if self._v3 is not None and error.status == AUTHORIZATION_ERROR:
                raise self._v3.refusal(error) from None
            raise
        except V3_ERRORS as error:
            assert self._v3 is not None
            self.watch.missed()
            self.given_up = True
            raise self._v3.refusal(error) from None
        except (Timeout, GarbledAnswer) as error:
            self.garbled += isinstance(error, GarbledAnswer)
            if not isinstance(self._trouble, ConnectionRefusedError):
                # A refusal stays on record: hosts send only so many of them a second.
                self._trouble = None
        except OSError as error:
            self._trouble = error
            if not isinstance(error, ConnectionRefusedError):
                await self._drop()
            await asyncio.sleep(began + wait_s - loop.time())
        else:
            self.heard(loop.time() - began)
            return answer
        self.watch.missed()
        await self._consider_next_address()
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
            Refused: an agent is there, and these credentials are what is wrong.
            Unreachable: anything else.
        """
        self.given_up = True
        target = self._target
        where = f"{target.host}:{target.port}"
        trouble, heard_s = self._trouble, self.watch.heard_s
        self._trouble = None
        address = self._address
        await self._drop()
        if isinstance(trouble, ConnectionRefusedError):
            raise Unreachable(f"{target.host} answers, but no SNMP agent on port {target.port}")
        if trouble is not None:
            raise Unreachable(f"cannot send to {where}: {trouble.strerror or 'network error'}")
        patience_s = target.timeout_s * (1 + target.retries)
        text = f"no answer from {where} within {patience_s:g} s"
        probe_wait_s = min(_PROBE_WAIT_S, target.timeout_s)
        if self._v3 is not None:
            raise await self._v3.silence(address, heard_s, probe_wait_s, text)
        if heard_s is not None:
            ago = self._clock.monotonic() - heard_s
            raise Unreachable(f"{text}; last heard {ago:.0f} s ago")
        if address is not None and await speaks_snmp(address, probe_wait_s):
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
        self._opened_at = asyncio.get_running_loop().time()
        self._reader = await open_reader(
            self._name,
            self._target,
            address,
            self.heard,
            keys=None if self._v3 is None else self._v3.keys,
            on_extra=self.count,
        )
        return self._reader

    def count(self) -> None:
        """One more datagram has been sent."""
        self.requests += 1

    async def _drop(self) -> None:
        """Close the socket; the next request resolves the name again."""
        reader, self._reader = self._reader, None
        self._address = None
        if not self._settled:
            self._turn += 1
        if reader is not None:
            await reader.aclose()

    async def _consider_next_address(self) -> None:
        """Where a name has several addresses, each gets one round before the first answer."""
        if self._settled or len(self._addresses) < 2 or self._reader is None:
            return
        tried_s = asyncio.get_running_loop().time() - self._opened_at
        refused = isinstance(self._trouble, ConnectionRefusedError)
        if refused or tried_s >= self._target.timeout_s - SHORTEST_WAIT_S:
            await self._drop()

    def heard(self, round_trip_s: float) -> None:
        """A valid answer came in, in time or late, so long after its request."""
        self._trouble = None
        self.given_up = False
        self._heard_from = self._address
        if self._v3 is not None:
            self._v3.heard()
        self.watch.heard(round_trip_s)
