from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from pdutui.store.history import HistoryStore
from pdutui.store.limits import StoreLimits

from ..support.clock import ManualClock
from .helpers import START, eventually

Opener = Callable[..., Awaitable[HistoryStore]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


@pytest.fixture
async def open_store(path: Path, clock: ManualClock) -> AsyncIterator[Opener]:
    """Opens stores at `path`, quick to give up on locks, and closes them after the test."""
    opened: list[HistoryStore] = []

    async def opener(
        where: Path = path,
        *,
        retention_days: int = 60,
        totals_days: int = 1826,
        **limits: object,
    ) -> HistoryStore:
        numbers: dict[str, object] = {"busy_ms": 50, "ballast_bytes": 0} | limits
        store = await HistoryStore.open(
            where,
            clock=clock,
            retention_days=retention_days,
            totals_days=totals_days,
            limits=StoreLimits(**numbers),  # type: ignore[arg-type]
        )
        opened.append(store)
        return store

    yield opener
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Opener) -> HistoryStore:
    """An open store that has done what it does at the start."""
    made = await open_store()
    await eventually(lambda: not made._work.is_set(), "the first round is over")
    return made
