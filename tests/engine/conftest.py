"""Fixtures for the engine's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.engine.helpers import Rig

MakeRig = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[MakeRig]:
    """Makes live engines and ends them."""
    made: list[Rig] = []

    async def make(*args: object, live: bool = True, **kwargs: object) -> Rig:
        one = Rig(tmp_path, *args, **kwargs)  # type: ignore[arg-type]
        made.append(one)
        return await one.live() if live else one

    yield make
    for one in made:
        task = asyncio.create_task(one.engine.stop())
        for _ in range(80):
            if task.done():
                break
            await one.clock.run(0.25)
        await task
