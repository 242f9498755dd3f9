"""The history screen as a person works it: keys in, questions to the past and the screen out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.app import PduApp
from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS
from pdutui.engine.events import Logged
from pdutui.keys.history import KEYS
from pdutui.keys.pdu import KEYS as CONSOLE_KEYS
from pdutui.screens.help import HelpScreen
from pdutui.screens.history import HistoryScreen
from pdutui.screens.history_export import ExportScreen
from pdutui.screens.history_panels import HistoryChart, MarkList
from pdutui.screens.history_picker import SeriesPicker
from pdutui.screens.history_window import WindowScreen
from pdutui.screens.palette import Palette
from pdutui.widgets.outlet_grid import OutletGrid
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.fake_history import FakeReader
from tests.support.history import with_history
from tests.support.scenes import ats_reading
from tests.ui.conftest import MakeApp

SIZE = (120, 36)
BERLIN = {"TZ": "Europe/Berlin"}


@pytest.fixture
def reader(engine: FakeEngine, clock: ManualClock) -> FakeReader:
    return with_history(engine, clock)


def text(app: PduApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def history(app: PduApp) -> HistoryScreen:
    screen = app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    for _ in range(200):
        await pilot.pause()
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not come\n" + text(pilot.app))  # type: ignore[arg-type]


async def drawn(pilot: Pilot[int]) -> None:
    """Until what is asked for is on the screen."""
    app = pilot.app
    assert isinstance(app, PduApp)

    def there() -> bool:
        screen = app.screen
        if not isinstance(screen, HistoryScreen):
            return False
        picture = screen.desk.picture
        if picture is None or picture.question != screen.desk.state.question:
            return False
        chart = screen.query_one(HistoryChart)
        return screen.model is None or (chart.drawn_model == screen.model and not chart.busy)

    await until(pilot, there)


@asynccontextmanager
async def opened(
    app: PduApp, *keys: str, size: tuple[int, int] = SIZE
) -> AsyncIterator[Pilot[int]]:
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app._engine is not None)
        await pilot.press(*keys, "g")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await drawn(pilot)
        yield pilot


def now_ms(clock: ManualClock) -> int:
    return round(clock.now().timestamp() * 1000)


# there and back


async def test_it_shows_what_the_cursor_is_on(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(env=BERLIN)
    async with opened(app, "j", "j") as pilot:
        assert history(app).desk.state.slots[0] == "outlet.3.power_w"
        shown = text(app)
        assert "Outlet 3 db01 power" in shown
        assert "15:02:11" in shown.splitlines()[0], "local time"
        assert "Fri 20 Nov 2026 14:02:30" in shown
        await pilot.press("q")
        await until(pilot, lambda: app.screen is app.console_screen)
        assert app.is_running
        await pilot.press("tab", "j", "j", "g")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        assert history(app).desk.state.slots[0] == "bank.2.current_a"
        await drawn(pilot)
        assert "Bank 2 warning" in text(app)
        await pilot.press("t")
        await drawn(pilot)
        assert history(app).model.thresholds == ()  # type: ignore[union-attr]


# time


async def test_ranges_and_panning(
    make_app: MakeApp, reader: FakeReader, clock: ManualClock
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        assert "LIVE" in text(app).splitlines()[0]
        for key, span in (("2", 6 * HOUR_MS), ("5", 30 * DAY_MS), ("1", HOUR_MS)):
            await pilot.press(key)
            await drawn(pilot)
            model = history(app).query_one(HistoryChart).drawn_model
            assert model is not None
            assert model.to_ms - model.from_ms == span
        await pilot.press("H", "H")
        await drawn(pilot)
        bar = text(app).splitlines()[0]
        assert "PANNED" in bar
        assert "LIVE" not in bar
        assert ". live" in text(app).splitlines()[-1]
        await pilot.press("full_stop")
        await drawn(pilot)
        assert "LIVE" in text(app).splitlines()[0]
        await pilot.press("7")
        await drawn(pilot)
        model = history(app).query_one(HistoryChart).drawn_model
        assert model is not None
        assert model.from_ms <= reader.oldest_ms + DAY_MS


async def test_an_older_answer_is_never_shown_under_a_newer_title(
    make_app: MakeApp, reader: FakeReader, clock: ManualClock
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        before = text(app).splitlines()[1]
        reader.gate = asyncio.Event()
        await pilot.press("2")
        await pilot.press("4")
        clock.advance(0.5)
        history(app).update()
        await pilot.pause()
        shown = text(app)
        assert "loading 7 d" in shown
        assert shown.splitlines()[1] == before
        assert "1 s steps" in shown
        reader.gate.set()
        await drawn(pilot)
        assert "loading" not in text(app)
        assert "5 min steps" in text(app)
        assert len(reader.cancelled) <= 1


async def test_a_window_is_typed(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(env=BERLIN)
    async with opened(app) as pilot:
        await pilot.press("d")
        dialog = app.screen
        assert isinstance(dialog, WindowScreen)
        begin, end = dialog.query_one("#from", Input), dialog.query_one("#to", Input)
        assert begin.value == "2026-11-20 14:02:11"
        begin.value, end.value = "2026-11-20 03:12", "sometime"
        await pilot.press("enter")
        await pilot.pause()
        assert "'sometime' is no time" in text(app)
        end.value = "+1h"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not dialog)
        await drawn(pilot)
        assert "Fri 20 Nov 2026 03:12 – 04:12 CET" in text(app)
        assert "PANNED" in text(app)


# the cursor and the marks


async def test_the_cursor_reads_values(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app(env=BERLIN)
    reader.levels["outlet.1.power_w"] = lambda at: at // 60_000 % 1000
    async with opened(app) as pilot:
        await pilot.press("left", "left", "left", "h")
        await drawn(pilot)
        cursor = history(app).desk.state.cursor_ms
        assert cursor is not None
        assert f"{cursor // 60_000 % 1000} W" in text(app)
        await pilot.press("home")
        await drawn(pilot)
        model = history(app).model
        assert model is not None
        assert model.cursor_ms is not None
        assert model.cursor_ms - model.from_ms < MINUTE_MS


async def test_the_list_of_marks_stands_where_there_is_room(
    make_app: MakeApp, reader: FakeReader
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        assert "Marks · 6" in text(app)
        await pilot.resize_terminal(100, 30)
        await drawn(pilot)
        assert "Marks ·" not in text(app)
        assert "bank 2 warning: 13.1 A" in text(app), "then below the chart"


async def test_the_mouse_points_and_zooms(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app()
    async with opened(app) as pilot:
        chart = history(app).query_one(HistoryChart)
        plot = chart.picture.plot if chart.picture else None
        assert plot is not None
        await pilot.click(HistoryChart, offset=(plot.left + 5, plot.top + 3))
        cursor = history(app).desk.state.cursor_ms
        assert cursor is not None
        assert chart.column_at(cursor) == plot.left + 5
        await drawn(pilot)
        rows = history(app).query_one(MarkList)._marks
        row = next(y for y, mark in enumerate(rows) if mark and mark.kind == "transfer")
        await pilot.click(MarkList, offset=(10, row))
        assert history(app).desk.state.cursor_ms == rows[row].ts_ms  # type: ignore[union-attr]
        span = history(app).desk.state.span_ms
        chart.post_message(HistoryChart.Wheeled(-1, rows[row].ts_ms, pan=False))  # type: ignore[union-attr]
        await until(pilot, lambda: history(app).desk.state.span_ms == span // 2)
        begin = history(app).desk.state.window(0)[0]
        chart.post_message(HistoryChart.Wheeled(-1, None, pan=True))
        await until(pilot, lambda: history(app).desk.state.window(0)[0] < begin)


async def test_replay_is_asked_for_at_the_cursor(
    make_app: MakeApp, reader: FakeReader, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[HistoryScreen.ReplayWanted] = []

    def wanted(self: PduApp, message: HistoryScreen.ReplayWanted) -> None:
        asked.append(message)

    monkeypatch.setattr(PduApp, "on_history_screen_replay_wanted", wanted)
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("R")
        await until(pilot, lambda: "Put the cursor on a moment first" in text(app))
        assert not asked
        await pilot.press("N")
        await until(pilot, lambda: history(app).desk.state.cursor_ms)
        await pilot.press("R")
        await until(pilot, lambda: asked)
    assert (asked[0].pdu, asked[0].at_ms) == ("ats-1", now_ms(clock) - 600_000)


# what is shown


async def test_four_series_are_picked_and_the_fifth_is_refused(
    make_app: MakeApp, reader: FakeReader
) -> None:
    app = make_app()
    async with opened(app, size=(80, 24)) as pilot:
        await pilot.press("s")
        assert isinstance(app.screen, SeriesPicker)
        await pilot.press("j", "space", "j", "space", "j", "space", "j", "space")
        assert "No more than 4 series" in text(app)
        await pilot.press("enter")
        await drawn(pilot)
        wanted = tuple(f"outlet.{n}.power_w" for n in (1, 2, 3, 4))
        assert history(app).desk.state.slots == wanted
        assert reader.queries[-1].keys == wanted
        await pilot.press("s", "backspace", "slash", *"lab", "enter", "space", "enter")
        await drawn(pilot)
        assert history(app).desk.state.slots == ("outlet.10.power_w", "", "", "")
        await pilot.press("s", "space", "escape")
        assert history(app).desk.state.slots == ("outlet.10.power_w", "", "", "")


async def test_nothing_chosen_is_said(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("s", "backspace", "enter")
        await until(pilot, lambda: "No series is chosen" in text(app))
        await pilot.press("s", "space", "enter")
        await until(pilot, lambda: "No series is chosen" not in text(app))


async def test_another_pdu_and_back_to_it(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("2")
        await pilot.press("right_square_bracket")
        await drawn(pilot)
        assert history(app).pdu == "rack1-a"
        assert history(app).desk.state.slots[0] == "outlet.1.power_w"
        assert "Outlet 1 node01 power" in text(app)
        assert history(app).desk.state.span_ms == 6 * HOUR_MS
        await pilot.press("g")
        await until(pilot, lambda: app.screen is app.console_screen)
        assert app.console_screen.pdu == "rack1-a"


async def test_export_writes_a_file_and_says_where(
    make_app: MakeApp, reader: FakeReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("x")
        assert isinstance(app.screen, ExportScreen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        (path,) = folder.iterdir()
        assert path.name.startswith("ats-1_outlet.1.power_w")
        assert path.read_text().startswith("time,local,series")
        assert f"Written: {path}"[:60] in text(app)
        await pilot.press("x", "space", "enter")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        assert sorted(p.suffix for p in folder.iterdir()) == [".csv", ".json"]
        await pilot.press("x", "tab")
        app.screen.query_one(Input).value = f"{path}/x.csv"
        await pilot.press("enter")
        await until(pilot, lambda: "Not written" in text(app))
        await pilot.press("escape")


# trouble


async def test_history_that_is_off_is_said_and_how_to_switch_it_on(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.store_status.detail = "history is off"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app._engine is not None)
        await pilot.press("g")
        await until(pilot, lambda: "History is off" in text(app))
        assert "enabled = true" in text(app)
        await pilot.press("1", "H", "h", "n", "c", "s", "x", "R", "plus", "7")
        await pilot.pause()
        await pilot.press("g")
        await until(pilot, lambda: app.screen is app.console_screen)


# beside the rest


async def test_the_pdu_screen_below_rests_and_is_right_again_after(
    make_app: MakeApp, reader: FakeReader, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        grid = app.console_screen.query_one("#outlets", OutletGrid)
        before = grid.scene
        clock.advance(1)
        reading = ats_reading(time=clock.now())
        first = replace(reading.outlets[0], power_w=777.0)
        engine.read(replace(reading, outlets=(first, *reading.outlets[1:])))
        app.console_screen.tick()
        await pilot.pause()
        assert grid.scene is before, "nobody sees it"
        await pilot.press("s")
        engine.say(Logged(time=clock.now(), pdu="ats-1", severity="warning", text="while covered"))
        await until(pilot, lambda: "while covered" in "".join(
            strip.text for strip in history_below(app).query_one("#said")._drawn  # type: ignore[attr-defined]
        ))  # fmt: skip
        await pilot.press("escape", "g")
        await until(pilot, lambda: app.screen is app.console_screen)
        await until(pilot, lambda: "777 W" in text(app))


def history_below(app: PduApp) -> HistoryScreen:
    return next(s for s in app.screen_stack if isinstance(s, HistoryScreen))


async def test_no_key_switches_anything_here(
    make_app: MakeApp, reader: FakeReader, engine: FakeEngine
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("o", "f", "r", "space", "y", "a")
        await pilot.pause()
        assert isinstance(app.screen, HistoryScreen)
    assert engine.gate.switched == []
    assert engine.gate.refused == []


async def test_help_and_palette_are_its_own(make_app: MakeApp, reader: FakeReader) -> None:
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "half a window back" in text(app)
        assert "turn the outlet on" not in text(app)
        await pilot.press("escape", "colon")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"all th")
        await until(pilot, lambda: "All that is kept" in text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await until(pilot, lambda: history(app).desk.state.span_ms > 60 * DAY_MS)


async def test_closing_the_console_while_it_loads_ends_in_good_order(
    make_app: MakeApp, reader: FakeReader, engine: FakeEngine
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        reader.gate = asyncio.Event()
        await pilot.press("6")
        await pilot.pause()
    assert engine.stopped
    assert len(reader.cancelled) == 1


async def test_opening_and_closing_it_leaves_nothing_behind(
    make_app: MakeApp, reader: FakeReader
) -> None:
    app = make_app()
    async with opened(app) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.screen is app.console_screen)
        tasks = len(asyncio.all_tasks())
        for _ in range(3):
            await pilot.press("g")
            await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
            await drawn(pilot)
            await pilot.press("g")
            await until(pilot, lambda: app.screen is app.console_screen)
        assert len(asyncio.all_tasks()) <= tasks


def test_no_key_of_the_charts_switches_outlets_elsewhere() -> None:
    keys = {one for key in KEYS for one in key.names}
    switching = {k for key in CONSOLE_KEYS if key.id.startswith("outlet.o") for k in key.names}
    assert not switching & keys


async def test_what_cannot_follow_is_not_called_live(
    make_app: MakeApp, reader: FakeReader, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app(env=BERLIN)
    async with opened(app) as pilot:
        assert "● LIVE" in text(app)
        assert "● live" in text(app)
        engine.become("ats-1", "lost", "no answer for 3 s")
        await drawn(pilot)
        shown = text(app)
        assert "LOST" in shown.splitlines()[0]
        assert "LIVE" not in shown
        assert "● live" not in shown
        assert "no reading since 15:02:11" in shown
        assert " now " not in shown
        engine.become("ats-1", "live")
        await drawn(pilot)
        assert "● LIVE" in text(app)
        reader.trouble = "history paused: disk full"
        clock.advance(1)
        history(app).tick()
        await until(pilot, lambda: history(app).desk.trouble)
        await drawn(pilot)
        assert "AS OF 15:02:11" in text(app)
        assert "● live" not in text(app)
