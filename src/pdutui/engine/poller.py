"""Asking one PDU again and again, in time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from pdutui.backends.base import Backend, BackendError, Refused, Unreachable, Unsupported
from pdutui.engine.tally import Tally

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.reading import Reading

BACKOFF_LAST_S = 60.0
POLL_LIMIT_S = 180.0
"""A poll that takes longer is given up; a backend's own limits end it long before."""
CONNECT_WITHIN = 0.2
"""The first polls come in this fraction of an interval, not spread over all of it: the screen
fills at once. The grid proper begins behind them ..."""
CONNECT_GAP_S = 0.01
"""... but at most so often: finding out what a device has takes about as much computing."""


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """When a poll was due and when it began and ended, in seconds of the monotonic clock."""

    due_s: float
    began_s: float
    ended_s: float


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """The moments at which one PDU is polled: `start_s + offset_s + k * interval_s`."""

    start_s: float
    offset_s: float
    interval_s: float

    def due_s(self, k: int) -> float:
        """The moment of tick k. Always from the start: nothing adds up over the days."""
        return self.start_s + self.offset_s + k * self.interval_s

    def after(self, now_s: float) -> int:
        """The first tick that lies after now."""
        k = max(0, math.floor((now_s - self.start_s - self.offset_s) / self.interval_s) + 1)
        return k if self.due_s(k) > now_s else k + 1


def spread(place: int, count: int, interval_s: float) -> float:
    """The offset of PDU number `place` (from 0) of `count`, so that they share out the second."""
    return place / max(1, count) * interval_s


def connect_offset_s(place: int, count: int, interval_s: float) -> float:
    """When PDU number `place` of `count` is polled for the first time, from the start on."""
    return max(spread(place, count, interval_s) * CONNECT_WITHIN, place * CONNECT_GAP_S)


def backoff_s(failures: int) -> float:
    """The pause after so many failed polls in a row: 1, 2, 4 … 60 s."""
    return min(BACKOFF_LAST_S, 2.0 ** min(max(0, failures - 1), 16))


class Poller:
    """Polls one backend for ever.

    A poll is never started beside another one. Ticks that a slow poll overran are skipped and
    counted. While the device is unreachable, refuses or is no known PDU, the grid gives way to
    growing pauses; the first good poll puts it back.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        clock: Clock,
        grid: Grid,
        on_reading: Callable[[Reading, Tick], None],
        on_error: Callable[[BackendError], None],
        connect_s: float | None = None,
        limit_s: float = POLL_LIMIT_S,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._grid = grid
        self._on_reading = on_reading
        self._on_error = on_error
        early = grid.start_s + grid.offset_s * CONNECT_WITHIN
        self._connect_s = early if connect_s is None else connect_s
        self._limit_s = limit_s
        self._poked = False
        self._moved = False
        """The grid is another one since the nap began."""
        self._nap: asyncio.Task[None] | None = None
        self._failures = 0
        self._connected = False
        self._next_tick = 0
        """The first tick that has not been seen to."""
        self.tally = Tally()
        """What became of every tick so far."""

    @property
    def polls_missed(self) -> int:
        """Ticks skipped because a poll was still under way.

        The poll that finds out what the device is may take its time: ticks before the first
        reading do not count.
        """
        return self.tally.missed

    def poke(self) -> None:
        """Poll at once, or right after the poll that is under way. Ends a backoff pause too."""
        self._poked = True
        if self._nap is not None:
            self._nap.cancel()

    def regrid(self, grid: Grid) -> None:
        """Go on with another grid. A pause after failures is kept; a wait for a tick is not."""
        now_s = self._clock.monotonic()
        over: Literal["missed", "connecting"] = "missed" if self._connected else "connecting"
        self._pass(self._ticks_until(now_s), "paused" if self._failures else over)
        self._grid = grid
        self._next_tick = grid.after(now_s)
        if self._connected and not self._failures and self._nap is not None:
            self._moved = True
            self._nap.cancel()

    async def run(self) -> None:
        """Poll until cancelled."""
        due = max(self._connect_s, self._clock.monotonic())
        while True:
            poked = await self._sleep_until(due)
            if self._moved and not poked:
                self._moved = False
                due = self._grid.due_s(self._grid.after(self._clock.monotonic()))
                continue
            if poked:
                due = self._clock.monotonic()
            # A sleep may end a hair early; a tick is never taken for the one before it.
            began = max(due, self._clock.monotonic())
            connected = self._connected
            self._begin(began)
            try:
                await self._poll(due, began)
            finally:
                if self.tally.under_way:
                    self._ended("failed")  # cut off
            now = max(due, self._clock.monotonic())
            self._pass(self._ticks_until(now), "missed" if connected else "connecting")
            if self._failures:
                due = now + backoff_s(self._failures)
            else:
                due = self._grid.due_s(self._grid.after(now))

    def _ticks_until(self, now_s: float) -> int:
        """Ticks that have come and have not been seen to."""
        return max(0, self._grid.after(now_s) - self._next_tick)

    def _pass(self, ticks: int, why: Literal["missed", "paused", "connecting"]) -> None:
        tally = self.tally
        self._next_tick += ticks
        tally.ticks += ticks
        setattr(tally, why, getattr(tally, why) + ticks)

    def _begin(self, began_s: float) -> None:
        """A poll begins: for the latest tick that has come, if there is one."""
        come, tally = self._ticks_until(began_s), self.tally
        if come:
            late: Literal["missed", "connecting"] = "missed" if self._connected else "connecting"
            self._pass(come - 1, "paused" if self._failures else late)
            self._next_tick += 1
            tally.ticks += 1
            tally.polled += 1
        else:
            tally.between += 1
        tally.under_way = 1

    def _ended(self, how: Literal["readings", "failed"]) -> None:
        setattr(self.tally, how, getattr(self.tally, how) + 1)
        self.tally.under_way = 0

    async def _poll(self, due_s: float, began: float) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                reading = await self._backend.poll()
        except TimeoutError:
            self._ended("failed")
            self._failures += 1
            self._on_error(Unreachable(f"a poll took longer than {self._limit_s:g} s"))
        except (Unreachable, Refused, Unsupported) as error:
            self._ended("failed")
            self._failures += 1
            self._on_error(error)
        except BackendError as error:
            self._ended("failed")
            self._failures = 0
            self._on_error(error)
        else:
            self._failures = 0
            self._connected = True
            self._ended("readings")
            ended_s = self._clock.monotonic() - self._backend.reading_age_s
            tick = Tick(due_s=due_s, began_s=began, ended_s=ended_s)
            self._on_reading(reading, tick)

    async def _sleep_until(self, due_s: float) -> bool:
        """Sleep; True when a poke ended it."""
        seconds = due_s - self._clock.monotonic()
        if seconds > 0 and not self._poked:
            nap = self._nap = asyncio.create_task(self._clock.sleep(seconds))
            try:
                await nap
            except asyncio.CancelledError:
                own = asyncio.current_task()
                if own is None or own.cancelling():
                    raise  # not a nap that was ended, but all of it
            finally:
                self._nap = None
        poked, self._poked = self._poked, False
        return poked
