"""Consoles that replay the made-up past of the demo's PDUs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.engine.replay.session import ReplaySession
from pdutui.screens.replay import ReplayScreen
from pdutui.settings import PduSettings, Settings, UiSettings
from tests.support.clock import ManualClock
from tests.support.past import MadeUpPast
from tests.support.scenes import NOW
from tests.ui.conftest import ACTOR

BEGIN = NOW - timedelta(minutes=20)


def then(seconds: float) -> datetime:
    """So many seconds after the beginning of what was kept."""
    return BEGIN + timedelta(seconds=seconds)


def replay_app(
    past: MadeUpPast,
    seconds: float,
    clock: ManualClock,
    tmp_path: Path,
    *,
    env: dict[str, str] | None = None,
    speed: float = 1.0,
    playing: bool = False,
    pdus: tuple[str, ...] = ("ats-1", "rack1-a"),
    **ui: object,
) -> PduApp:
    """`pdutui replay`, standing still unless it is told to play."""
    settings = Settings(
        state_dir=tmp_path,
        ui=UiSettings(**{"color": "truecolor", "glyphs": "unicode", **ui}),  # type: ignore[arg-type]
        pdus=tuple(PduSettings(name=name, host="192.0.2.1") for name in pdus),
    )

    @asynccontextmanager
    async def opening() -> AsyncIterator[ReplaySession]:
        session = await ReplaySession.open(
            past, settings, at=then(seconds), clock=clock, zone=UTC, speed=speed
        )
        if not playing:
            session.player.pause()
        yield session

    return PduApp(
        opening, settings, clock=clock, actor=ACTOR, env=env or {}, replay_at=then(seconds)
    )


async def shown(pilot: Pilot[int]) -> ReplayScreen:
    """Wait until the replay is on the screen and has its figures."""
    for _ in range(200):
        screen = next((s for s in pilot.app.screen_stack if isinstance(s, ReplayScreen)), None)
        if screen is not None and screen._view.reading is not None:
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("no replay came up")
    await settle(pilot)
    return screen


async def settle(pilot: Pilot[int]) -> None:
    """Let messages, and the messages they lead to, come through."""
    for _ in range(40):
        await asyncio.sleep(0)
    await pilot.pause()
    await pilot.pause()


async def run(pilot: Pilot[int], clock: ManualClock, seconds: float) -> None:
    """Let time pass."""
    await clock.run(seconds, settle=80)
    await settle(pilot)
