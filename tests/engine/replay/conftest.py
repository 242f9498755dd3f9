"""Sessions over a past that a test makes up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.engine.replay.session import ReplaySession
from pdutui.settings import PduSettings, Settings
from pdutui.store.port import HistoryReader
from tests.support.clock import ManualClock
from tests.support.past import at

Open = Callable[..., Awaitable[ReplaySession]]


@pytest.fixture
def real() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def opened(real: ManualClock, tmp_path: Path) -> AsyncIterator[Open]:
    """`await opened(past, 30)` is a running session that begins 30 s after the beginning."""
    sessions: list[ReplaySession] = []

    async def make(
        past: HistoryReader,
        seconds: float,
        *,
        configured: tuple[PduSettings, ...] = (),
        moment: datetime | None = None,
        paused: bool = True,
        **more: object,
    ) -> ReplaySession:
        settings = Settings(state_dir=tmp_path, pdus=configured)
        session = await ReplaySession.open(
            past, settings, at=moment or at(seconds), clock=real, zone=UTC, **more  # type: ignore[arg-type]
        )  # fmt: skip
        sessions.append(session)
        if paused:
            session.player.pause()
        await session.start()
        return session

    yield make
    for session in sessions:
        await session.stop()
