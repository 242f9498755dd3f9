"""What was drawn over is gone at once: nothing on the screen waits for a collection of garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.strip import Strip
from textual.widget import Widget

from pdutui.widgets.line_caches import finished, let_lines_go
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.history import with_history
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


async def test_what_has_closed_is_gone_with_all_it_drew(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    with_history(engine, clock)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.3)
        opened = []
        for key in ("question_mark", "f", "A", "e", "0", "u", "p", "g", "colon", "n"):
            await pilot.press(key)
            await pilot.pause(0.1)
            assert len(app.screen_stack) == 2, key
            widgets = app.screen.walk_children(Widget, with_self=True)
            opened.append((key, ref(app.screen), [ref(each._styles_cache) for each in widgets]))
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
                await pilot.pause()
        gc.collect()
        left = [key for key, screen, _ in opened if screen() is not None]
        assert len(left) <= 5, left  # a timer or a message of its time may still hold one
        for key, screen, caches in opened:
            assert screen() is not None or [each() for each in caches if each()] == [], key


def test_a_finished_line_is_a_strip_that_keeps_nothing() -> None:
    parts = [Segment("abc", Style(bold=True)), Segment("漢d", Style()), Segment("  ")]
    bare, usual = finished(parts, 8), Strip(parts, 8)
    assert type(bare) is not Strip, "this Textual is not the one that is known"
    for _ in range(2):
        assert bare.crop(1, 5) == usual.crop(1, 5)
        assert list(bare.divide([2, 5, 8])) == list(usual.divide([2, 5, 8]))
        assert bare.adjust_cell_length(10) == usual.adjust_cell_length(10)
        assert bare.crop_extend(0, 12, None) == usual.crop_extend(0, 12, None)
        assert bare.apply_style(Style(italic=True)) == usual.apply_style(Style(italic=True))
        assert bare.apply_offsets(1, 2) == usual.apply_offsets(1, 2)
        assert Strip.join([bare, usual]) == Strip.join([usual, usual])
    caches = [getattr(bare, name) for name in Strip.__slots__ if isinstance(
        getattr(bare, name), FIFOCache)]  # fmt: skip
    assert caches
    assert not any(map(len, caches))


def test_few_texts_that_were_cut_are_remembered() -> None:
    let_lines_go()
    style = Style(bold=True)
    for second in range(2000):
        text = f"{second} – 漢字 …"
        Segment(text, style).split_cells(3)
    before, after = Segment("a–漢b", style).split_cells(3)
    assert (before, after) == (Segment("a– ", style), Segment(" b", style))
    known = Segment._split_cells.cache_info()  # type: ignore[attr-defined]
    assert 0 < known.currsize <= 512
    let_lines_go()
    assert Segment._split_cells.cache_info().currsize == known.currsize, "mended once"  # type: ignore[attr-defined]
