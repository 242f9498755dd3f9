"""Locking the console: by key, when nobody has touched it for a while, from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from pdutui.screens.port import EnginePort

if TYPE_CHECKING:
    from pdutui.app import PduApp


class LockDesk:
    """Locks and unlocks at the console.

    Args:
        app: The console.
        engine: Whose gate is locked.
    """

    def __init__(self, app: PduApp, engine: EnginePort) -> None:
        self._app, self._engine = app, engine
        self._touched_s = app.clock.monotonic()
        self._watching = False

    @property
    def _after_s(self) -> float:
        return self._app.settings.control.lock.after_s

    async def begin(self) -> None:
        """Lock it from the start, and watch the time, where that is configured."""
        lock = self._app.settings.control.lock
        if lock.at_start and not self._engine.gate.locked:
            await self._engine.gate.lock(self._app.actor)
        if lock.after_s > 0:
            self.watch()

    def watch(self) -> None:
        """Watch the time from now on."""
        if not self._watching:
            self._watching = True
            self._touched_s = self._app.clock.monotonic()
            self._app.set_interval(1.0, self.look)

    def heard(self, event: events.Event) -> None:
        """Somebody is there: a key, a click or the wheel. The pointer alone may be a draught."""
        if isinstance(event, events.InputEvent) and not isinstance(event, events.MouseMove):
            self._touched_s = self._app.clock.monotonic()

    def look(self) -> None:
        """Lock it where nobody has been for long enough."""
        idle_s, after_s = self._app.clock.monotonic() - self._touched_s, self._after_s
        if 0 < after_s <= idle_s and not self._engine.gate.locked:
            self._touched_s = self._app.clock.monotonic()
            self._app.spawn(self._engine.gate.lock(self._app.actor), "lock")

    def turn(self) -> None:
        """Lock it, or ask what opens it."""
        from pdutui.screens.lock import UnlockScreen

        app, gate = self._app, self._engine.gate
        if not gate.locked:
            app.spawn(gate.lock(app.actor), "lock")
            return

        async def unlock(typed: str) -> bool:
            return await gate.unlock(app.actor, typed)

        app.push_screen(
            UnlockScreen(
                locked=lambda: gate.locked,
                secret=app.settings.control.lock.code is not None,
                unlock=unlock,
                wait_s=lambda: gate.unlock_wait_s,
                inks=app.inks,
                glyphs=app.glyphs,
            )
        )
