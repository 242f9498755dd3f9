"""Fixtures for the tests of plans."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import MakeRig
from tests.engine.plans.helpers import Owners, PlanRig

MakePlans = Callable[..., Awaitable[PlanRig]]


@pytest.fixture
async def plans(rig: MakeRig, tmp_path: Path) -> AsyncIterator[MakePlans]:
    """Makes a desk over a live engine; `shared` makes its directory fit for two users."""
    made: list[PlanRig] = []

    async def make(*args: Any, shared: bool = False, **kwargs: Any) -> PlanRig:
        path = tmp_path / "plans"
        if shared:
            path.mkdir()
            path.chmod(0o3770)
        one = PlanRig(await rig(*args, **kwargs), path, Owners())
        made.append(one)
        return one

    yield make
    for one in made:
        await one.drive(one.desk.stop())
