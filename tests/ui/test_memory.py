"""What was drawn over is gone at once: nothing on the screen waits for a collection of garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from textual.strip import Strip

from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import MakeApp


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No collection but those that are asked for; what they find is kept in `gc.garbage`."""
    gc.disable()
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("keys", [(), ("f",), ("question_mark",)])
async def test_lines_that_were_drawn_over_are_no_garbage(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock, keys: tuple[str, ...]
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*keys)
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 1 + len(keys)
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        for _ in range(5):
            clock.advance(61)  # the clock, ages and trends are others
            app.console_screen.update()
            for screen in app.screen_stack:
                screen.refresh()
            await pilot.pause()
        gc.collect()
        lines = [each for each in gc.garbage if isinstance(each, Strip)]
    assert lines == []
