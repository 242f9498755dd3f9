"""The console's own words, which stand in the event line for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.widgets.scene import Notice

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.events import Severity

NOTICE_S = 8.0
"""How long they stand."""


class Notices:
    """One notice at a time.

    Args:
        clock: For how long it stands.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: tuple[Notice, float] | None = None

    @property
    def notice(self) -> Notice | None:
        """What is said now."""
        return self._said[0] if self._said else None

    def say(self, text: str, severity: Severity = "info") -> None:
        """Say something."""
        self._said = (Notice(text, severity), self._clock.monotonic() + NOTICE_S)

    def forget(self) -> None:
        """Say no more."""
        self._said = None

    def passed(self) -> bool:
        """Whether what was said has stood long enough; then it is forgotten."""
        over = self._said is not None and self._clock.monotonic() >= self._said[1]
        if over:
            self._said = None
        return over
