"""The chart on a screen: drawn in a thread, never one thing under the words of another."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pdutui.widgets import chart_widget
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_widget import ChartWidget
from pdutui.widgets.glyphs import ASCII, UNICODE
from pdutui.widgets.themes import inks_of, load_themes, shipped_dir
from tests.support.charts import DAY, HOUR, NOON, window

INKS = inks_of(load_themes([shipped_dir()])[0]["noc-dark"])
OTHER = inks_of(load_themes([shipped_dir()])[0]["noc-light"])


class ChartApp(App[None]):
    CSS = "ChartWidget { width: 100%; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[ChartModel] = []

    def compose(self) -> ComposeResult:
        yield ChartWidget(id="chart")

    def on_chart_widget_drawn(self, message: ChartWidget.Drawn) -> None:
        self.drawn.append(message.model)

    @property
    def chart(self) -> ChartWidget:
        return self.query_one(ChartWidget)


async def until_drawn(pilot: Pilot[None], model: ChartModel) -> None:
    app = pilot.app
    assert isinstance(app, ChartApp)
    for _ in range(300):
        await pilot.pause(0.02)
        shown = app.chart.drawn_model is model and not app.chart.busy
        if shown and app.drawn[-1:] == [model]:
            return
    raise AssertionError("never drawn")


async def test_what_is_shown_is_one_whole_picture() -> None:
    app = ChartApp()
    async with app.run_test(size=(100, 30)) as pilot:
        first, second = window(kinds="W"), window(7 * DAY, kinds="A")
        app.chart.show(first, INKS, UNICODE)
        assert app.chart.drawn_model is None, "nothing is drawn on the loop"
        await until_drawn(pilot, first)
        assert "Thu 19 Nov" in app.chart.render_line(0).text
        app.chart.show(second, INKS, UNICODE)
        assert app.chart.drawn_model is first, "the old picture stands until the new one is whole"
        assert "Thu 19 Nov" in app.chart.render_line(0).text
        await until_drawn(pilot, second)
        assert "Fri 13 Nov" in app.chart.render_line(0).text
        assert app.drawn == [first, second]


async def test_only_the_newest_of_what_was_asked_for_is_drawn_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = threading.Event()
    real, count = chart_widget.picture, 0

    def slow(*given: object) -> object:
        nonlocal count
        count += 1
        assert go.wait(10)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chart_widget, "picture", slow)
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        models = [window(HOUR, kinds="W", to_ms=NOON + i * 60_000) for i in range(6)]
        for model in models:
            app.chart.show(model, INKS, UNICODE)
            await pilot.pause()
        go.set()
        await until_drawn(pilot, models[-1])
        assert app.drawn == [models[0], models[-1]]
        assert count == 2


async def test_resizing_and_new_inks_and_glyphs_draw_again() -> None:
    app = ChartApp()
    async with app.run_test(size=(100, 30)) as pilot:
        model = window(kinds="Ww", cursor_ms=NOON - HOUR)
        app.chart.show(model, INKS, UNICODE)
        await until_drawn(pilot, model)
        await pilot.resize_terminal(70, 20)
        for _ in range(200):
            assert all(app.chart.render_line(y).cell_length == 70 for y in range(20))
            if app.chart.picture is not None and app.chart.picture.width == 70:
                break
            await pilot.pause(0.02)
        assert app.chart.picture is not None
        assert (app.chart.picture.width, app.chart.picture.height) == (70, 20)
        before = app.chart.picture.strips
        app.chart.show(model, OTHER, UNICODE)
        await pilot.pause(0.3)
        await until_drawn(pilot, model)
        assert app.chart.picture.strips != before
        app.chart.show(model, OTHER, ASCII)
        await pilot.pause(0.3)
        await until_drawn(pilot, model)
        assert all(app.chart.render_line(y).text.isascii() for y in range(20))


async def test_the_mouse_is_told_the_time_of_what_is_shown() -> None:
    app = ChartApp()
    async with app.run_test(size=(100, 30)) as pilot:
        model = window(kinds="W")
        assert app.chart.time_at(50) is None
        app.chart.show(model, INKS, UNICODE)
        await until_drawn(pilot, model)
        ms = app.chart.time_at(50)
        assert ms is not None
        assert app.chart.column_at(ms) == 50
        app.chart.show(replace(model, from_ms=model.from_ms - DAY), INKS, UNICODE)
        assert app.chart.time_at(50) == ms, "until the new picture is there"


async def test_a_chart_that_cannot_be_drawn_says_so_and_the_next_one_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = chart_widget.picture

    def broken(*given: object) -> object:
        if given[0].pdu == "bad":  # type: ignore[attr-defined]
            raise ZeroDivisionError("broken")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chart_widget, "picture", broken)
    app = ChartApp()
    async with app.run_test(size=(100, 30)) as pilot:
        good = window(kinds="W")
        bad = replace(good, pdu="bad")
        app.chart.show(good, INKS, UNICODE)
        await until_drawn(pilot, good)
        app.chart.show(bad, INKS, UNICODE)
        for _ in range(100):
            await pilot.pause(0.02)
            if app.chart.drawn_model is None:
                break
        shown = "\n".join(app.chart.render_line(y).text for y in range(30))
        assert "this chart cannot be drawn; the log says why" in shown
        assert "db01" not in shown, "nothing of the old picture stays under it"
        assert not app.chart.busy
        app.chart.show(good, INKS, UNICODE)
        await until_drawn(pilot, good)
    assert "ZeroDivisionError" in caplog.text


async def test_drawing_happens_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    real, threads = chart_widget.picture, []

    def noted(*given: object) -> object:
        threads.append(threading.current_thread())
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chart_widget, "picture", noted)
    app = ChartApp()
    async with app.run_test(size=(120, 36)) as pilot:
        model = window(HOUR, kinds="W")
        app.chart.show(model, INKS, UNICODE)
        await until_drawn(pilot, model)
    assert threads
    assert threading.main_thread() not in threads
