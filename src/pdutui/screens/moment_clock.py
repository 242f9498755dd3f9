"""The clock of a replay: it shows the moment, and measures real time."""

from __future__ import annotations

from datetime import datetime

from pdutui.domain.clock import Clock
from pdutui.engine.replay.session import ReplaySession


class MomentClock:
    """The moment for what is shown, the real clock for how long a notice stands.

    Args:
        real: The real clock.
        at: The moment until there is a session.
    """

    def __init__(self, real: Clock, at: datetime) -> None:
        self._real, self._at = real, at
        self.session: ReplaySession | None = None
        """What is replayed."""

    def now(self) -> datetime:
        """The moment."""
        return self._at if self.session is None else self.session.now

    def monotonic(self) -> float:
        """Real seconds."""
        return self._real.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait real seconds."""
        await self._real.sleep(seconds)
