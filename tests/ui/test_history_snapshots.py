"""Pictures of the history screen. Clock, past and cursor stand still."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.screens.history import HistoryScreen
from pdutui.screens.history_panels import HistoryChart
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.fake_history import FakeReader
from tests.support.history import with_history
from tests.ui.conftest import MakeApp

Compare = Callable[..., bool]
BERLIN = {"TZ": "Europe/Berlin"}
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)


@pytest.fixture
def reader(engine: FakeEngine, clock: ManualClock) -> FakeReader:
    return with_history(engine, clock)


async def _drawn(app: PduApp, pilot: Pilot[int]) -> None:
    """Until what is asked for is drawn, also below a dialog."""
    for _ in range(300):
        await pilot.pause()
        screen = next((s for s in app.screen_stack if isinstance(s, HistoryScreen)), None)
        if screen is not None:
            desk = screen.desk
            chart = screen.query_one(HistoryChart)
            found = desk.picture is not None and desk.picture.question == desk.state.question
            drawn = chart.drawn_model == screen.model and not chart.busy
            if desk.trouble or (found and (screen.model is None or drawn)):
                return
        await asyncio.sleep(0.01)
    raise AssertionError("no picture comes")


def shown(
    *keys: str, slots: tuple[str, ...] | None = None
) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Open the history of bank 2, or of other series, and press keys."""

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None:
            await pilot.pause(0.01)
        await pilot.press("tab", "j", "j", "g")
        await _drawn(app, pilot)
        if slots is not None:
            assert isinstance(app.screen, HistoryScreen)
            app.screen.change(app.screen.desk.state.with_slots(slots))
        for key in keys:
            await pilot.press(key)
            if key in ("n", "N"):
                await _drawn(app, pilot)
        await _drawn(app, pilot)
        await pilot.pause()

    return before


FOUR = ("bank.2.current_a", "bank.2.voltage_v", "outlet.10.power_w", "ats.0.active")


def test_a_week_compared_with_the_one_before(
    snap_compare: Compare, make_app: MakeApp, reader: FakeReader
) -> None:
    app = make_app(env=BERLIN)
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("4", "c", "c"))


def test_panned_with_the_cursor_on_a_mark(
    snap_compare: Compare, make_app: MakeApp, reader: FakeReader
) -> None:
    before = shown("H", "N", "N", "N")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_four_series(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    before = shown("2", slots=FOUR)
    assert snap_compare(make_app(env=BERLIN), terminal_size=(200, 60), run_before=before)


def test_light(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(theme="noc-light", env=BERLIN)
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("3"))


def test_no_color(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(color="auto", env={"NO_COLOR": "1", **BERLIN})
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown(slots=FOUR))


def test_ascii(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(color="none", glyphs="ascii", env=BERLIN)
    assert snap_compare(app, terminal_size=(80, 24), run_before=shown("c"))


def test_sixteen_colours_on_the_linux_console(
    snap_compare: Compare, make_app: MakeApp, reader: FakeReader
) -> None:
    app = make_app(color="16", glyphs="auto", env={"TERM": "linux", **BERLIN})
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("2", "N"))


def test_picker(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    before = shown("s", "k", "space", "j", "j", "l", "space")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_picker_with_hundreds_of_outlets_searched(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    from tests.support.scenes import px_reading

    engine.read(px_reading("rack1-a", clock.now(), outlets=240))
    with_history(engine, clock)
    before = shown("right_square_bracket", "s", "slash", *"node17")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_window_dialog(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    before = shown("d", *"25:00", "enter")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_export_dialog(
    snap_compare: Compare, make_app: MakeApp, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/usr/share")
    before = shown("x")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_help(snap_compare: Compare, make_app: MakeApp, reader: FakeReader) -> None:
    before = shown("question_mark", "end")
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=before)


def test_nothing_recorded_yet(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    def now() -> int:
        return round(clock.now().timestamp() * 1000)

    engine.reader = FakeReader([], now(), now)
    assert snap_compare(make_app(env=BERLIN), terminal_size=(80, 24), run_before=shown())


def test_history_is_off(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.store_status.detail = "history is off"
    app = make_app(env={"PDUTUI_CONFIG": "/etc/pdutui.toml", **BERLIN})
    assert snap_compare(app, terminal_size=(80, 24), run_before=shown())


def test_trouble(
    snap_compare: Compare,
    make_app: MakeApp,
    reader: FakeReader,
    engine: FakeEngine,
    clock: ManualClock,
) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await shown()(pilot)
        app = pilot.app
        assert isinstance(app, PduApp)
        screen = app.screen
        assert isinstance(screen, HistoryScreen)
        engine.store_status.ok, engine.store_status.detail = False, "disk full"
        reader.trouble = "history paused: disk full"
        clock.advance(1)
        screen.tick()
        for _ in range(100):
            await pilot.pause()
            if screen.desk.trouble:
                break
        engine.become("ats-1", "lost", "no answer for 31 s")
        clock.advance(30)
        screen.update()
        await pilot.pause()
        while screen.query_one(HistoryChart).busy:
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(make_app(env=BERLIN), terminal_size=(120, 36), run_before=before)
