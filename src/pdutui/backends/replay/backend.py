"""A PDU as it was: every poll gives what a poll gave then. Nothing is asked, nothing switched."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn, Protocol

import msgspec

from pdutui.backends.base import (
    Backend,
    CommandRejected,
    DeviceError,
    OutletStatus,
    PduStatus,
    Refused,
    Unreachable,
    Unsupported,
)
from pdutui.domain.clock import Clock
from pdutui.domain.commands import OutletAction, PduAction
from pdutui.domain.health import LOST_AFTER_POLLS, Link, RecordedHealth
from pdutui.domain.history import HOUR_MS, Moment
from pdutui.domain.reading import Reading

REFUSAL = "this is a replay: nothing can be switched in the past"
LOOK_BACK_MS = HOUR_MS
"""How old the reading may be that a replay begins with."""
EXPECTED_EARLY = 0.9
"""The next reading is looked for after this much of the usual interval."""
_LOOK_AGAIN_S = 1e-3
"""Sleeping this long is sleeping until time moves at all."""


class Moments(Protocol):
    """Where readings come from; a `HistoryReader` of the store is one."""

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        """The last reading up to `at_ms`, none older than `within_ms` before it.

        Raises:
            Unreachable: what was kept cannot be read just now.
        """
        ...


class Then(msgspec.Struct, frozen=True):
    """What the console said of a PDU at a moment, as it was written down."""

    health: RecordedHealth
    detail: str


class ReplayBackend(Backend):
    """One PDU of the past.

    A poll waits for the next reading that was kept, as a poll of a device waits for its answer, and
    ends with it when replayed time has come there. Where there is none, it ends as the polls did
    then, as far as that is known.

    Args:
        name: The PDU.
        moments: The readings.
        clock: The replay's clock.
        interval_s: How far apart readings usually were.
        then: What was said of the PDU's health at a moment, in unix ms; None where nobody knows.
        on_look: Called when the past has been looked at for the clock's present moment.
    """

    def __init__(
        self,
        name: str,
        moments: Moments,
        *,
        clock: Clock,
        interval_s: float,
        then: Callable[[int], Then | None] = lambda at_ms: None,
        on_look: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._moments = moments
        self._clock = clock
        self._interval_s = interval_s
        self._then = then
        self._on_look = on_look
        self._opened_s = clock.monotonic()
        self._last: datetime | None = None
        """When the reading was taken that was given out last."""
        self._last_s = 0.0
        """The same on the monotonic clock; below its start for one from before it."""
        self._heard_s: float | None = None
        self._complete = True
        self._looked_s: float | None = None
        self._given = False
        """The last poll ended with a reading; one that is too old is followed by a poll without."""

    @property
    def settled(self) -> bool:
        """Whether all has been said that there is to be said of the clock's present moment."""
        if self._looked_s != self._clock.monotonic():
            return False
        return not self._given or not self._is_lost(self._looked_s)

    @property
    def complete(self) -> bool:
        """Whether names and ratings of the last reading are those of its time."""
        return self._complete

    # -- a Backend ---------------------------------------------------------------------------

    async def poll(self) -> Reading:
        """The next reading, when its time has come; at first the last one of the hour before.

        Raises:
            Unreachable: none was kept, though it is time for one.
            Refused: the device did that then.
            Unsupported: so it was found to be then.
            DeviceError: the polls went wrong then, though the device answered.
        """
        while True:
            now, now_s = self._clock.now(), self._clock.monotonic()
            at_ms = math.floor(now.timestamp() * 1000)
            try:
                self._given = False
                found = await self._look(at_ms, now_s)
                if found is not None:
                    self._take(found, now, now_s)
                    return found.reading
                if self._is_lost(now_s):
                    self._fail(at_ms, now_s)
            finally:
                self._looked_s = now_s
                self._on_look()
            if self._clock.monotonic() == now_s:
                await self._clock.sleep(_LOOK_AGAIN_S)

    async def _look(self, at_ms: int, now_s: float) -> Moment | None:
        if self._last is None:
            return await self._moments.moment(self.name, at_ms, within_ms=LOOK_BACK_MS)
        if now_s - self._last_s < EXPECTED_EARLY * self._interval_s:
            return None
        since_ms = round(self._last.timestamp() * 1000)
        if at_ms <= since_ms:
            return None
        found = await self._moments.moment(self.name, at_ms, within_ms=at_ms - since_ms)
        return found if found is not None and found.reading.time > self._last else None

    def _take(self, found: Moment, now: datetime, now_s: float) -> None:
        self.reading_age_s = max(0.0, (now - found.reading.time).total_seconds())
        self._last, self._last_s = found.reading.time, now_s - self.reading_age_s
        self._heard_s = self._last_s
        self._complete = found.complete
        self._given = True

    def _is_lost(self, now_s: float) -> bool:
        """Whether it is time that a poll ends without a reading."""
        lost_s = LOST_AFTER_POLLS * self._interval_s
        return self._last is None or now_s - self._last_s >= lost_s

    def _fail(self, at_ms: int, now_s: float) -> NoReturn:
        """End a poll as it ended then."""
        then = self._then(at_ms)
        if then is None or then.health == "live":
            raise Unreachable("no reading was kept of this time")
        if then.health == "connecting":
            raise DeviceError(then.detail)
        if then.health == "stopped":
            raise Unreachable("pdutui was not running; no reading was kept of this time")
        if then.health == "lost":
            raise Unreachable(then.detail or "no answer")
        self._heard_s = now_s  # it was there, and gave no figures
        if then.health == "refused":
            raise Refused(then.detail)
        if then.health == "unsupported":
            raise Unsupported(then.detail)
        raise DeviceError(then.detail)

    async def read_outlet(self, number: int) -> OutletStatus:
        """Refuses: the device is not asked."""
        raise DeviceError(REFUSAL)

    async def read_pdu(self, *, outlets: bool) -> PduStatus:
        """Refuses: the device is not asked."""
        raise DeviceError(REFUSAL)

    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        """Refuses; nothing is sent."""
        raise CommandRejected(REFUSAL)

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        """Refuses; nothing is sent."""
        raise CommandRejected(REFUSAL)

    @property
    def link(self) -> Link:
        """Heard whenever a reading was kept; silent since, poll by poll."""
        now_s = self._clock.monotonic()
        since_s = self._opened_s if self._heard_s is None else self._heard_s
        missed = int(max(0.0, now_s - since_s) / self._interval_s)
        return Link(opened_s=self._opened_s, last_heard_s=self._heard_s, unanswered=missed)

    async def aclose(self) -> None:
        """Nothing is open."""
