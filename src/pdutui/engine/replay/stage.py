"""An engine over PDUs of the past, from one moment on. Going back takes another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from pdutui.backends.replay.backend import REFUSAL, Moments, ReplayBackend, Then
from pdutui.backends.replay.clock import ReplayClock
from pdutui.domain.clock import Clock
from pdutui.engine.engine import Engine
from pdutui.engine.view import PduInfo, PduView
from pdutui.settings import Settings

SETTLE_LIMIT_S = 5.0
"""The longest, in real seconds, that a frame waits for what is read from the disk."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of all PDUs, complete: what is shown never mixes two moments."""

    at: datetime
    """UTC."""
    views: Mapping[str, PduView]
    incomplete: frozenset[str] = frozenset()
    """PDUs whose names and ratings of that time are not known."""
    slow: bool = False
    """Not all PDUs have answered in time: what is late here may not have been late then."""


class Stage:
    """What is replayed, beginning at a moment. It stands still until it is told to play.

    Args:
        settings: As `replay_settings` makes them.
        moments: The readings.
        then: What was said of a PDU's health at a moment, in unix ms.
        at: The moment.
        real: The real clock.
        speed: How fast.
    """

    def __init__(
        self,
        settings: Settings,
        moments: Moments,
        *,
        then: Callable[[str, int], Then | None],
        at: datetime,
        real: Clock,
        speed: float,
    ) -> None:
        self.clock = clock = ReplayClock(at, real=real, speed=speed)
        """The replay's time."""
        self._looked = asyncio.Event()

        def backend(name: str) -> ReplayBackend:
            return ReplayBackend(
                name,
                moments,
                clock=clock,
                interval_s=settings.poll.interval_s,
                then=lambda at_ms: then(name, at_ms),
                on_look=self._looked.set,
            )

        self._backends = {pdu.name: backend(pdu.name) for pdu in settings.pdus}
        self._engine = Engine(settings, self._backends, clock=clock, store=None, quiet=True)

    async def start(self) -> None:
        """Begin to poll."""
        await self._engine.start()

    async def stop(self) -> None:
        """End it."""
        await self._engine.stop()

    async def frame(self) -> Frame:
        """Poll every PDU for the clock's moment, and give what there is then."""
        slow = False
        try:
            async with asyncio.timeout(SETTLE_LIMIT_S):
                while waiting := [n for n, b in self._backends.items() if not b.settled]:
                    self._looked.clear()
                    for name in waiting:
                        self._engine.poke(name)
                    await self._looked.wait()
        except TimeoutError:
            slow = True
        return Frame(
            at=self.clock.now(),
            views={name: past_view(self._engine.view(name)) for name in self._backends},
            incomplete=frozenset(n for n, b in self._backends.items() if not b.complete),
            slow=slow,
        )


def past_view(view: PduView) -> PduView:
    """A view as it is shown: nothing can be done to it, whatever is configured."""
    info = msgspec.structs.replace(
        view.info,
        address=f"what was kept of {view.info.name}",
        read_only=True,
        read_only_reason=REFUSAL,
        actions=frozenset(),
        pdu_actions=frozenset(),
        takes_delay=False,
    )
    return msgspec.structs.replace(view, info=info)


def empty_frame(at: datetime, settings: Settings) -> Frame:
    """What there is before anything was read."""
    infos = [
        PduInfo(name=pdu.name, address="", feed=pdu.feed, location=pdu.location)
        for pdu in settings.pdus
    ]
    return Frame(at=at, views={info.name: past_view(PduView(info=info)) for info in infos})
