"""The console as a person works it: keys in, messages and the engine's state out."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.command import CommandList
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

from pdutui.app import CannotStart, PduApp
from pdutui.domain.commands import Intent
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.help import HelpScreen
from pdutui.screens.keys import KEYS
from pdutui.screens.palette import Palette, PduCommands
from pdutui.screens.pdu import PduScreen
from pdutui.screens.quit import QuitScreen
from pdutui.screens.rename import RenameScreen
from pdutui.settings import PduSettings, Settings
from pdutui.widgets.panel import Panel
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame_of
from tests.support.scenes import ats_reading
from tests.ui.conftest import ACTOR, MakeApp

SIZE = (120, 36)


def text(app: PduApp) -> str:
    """What stands on the screen now."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def shown(app: PduApp, panel: str) -> str:
    lines = app.console_screen.query_one(f"#{panel}", Panel)._drawn
    return "\n".join(line.text for line in lines)


def cursor(app: PduApp) -> int | None:
    return app.console_screen.scene.cursor


async def settle(pilot: Pilot[int]) -> None:
    """Let messages, and the messages they lead to, come through."""
    for _ in range(20):
        await asyncio.sleep(0)
    await pilot.pause()


# start


async def test_it_paints_before_the_engine_is_made(
    engine: FakeEngine, clock: ManualClock, tmp_path: Path
) -> None:
    made, go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def opening() -> AsyncIterator[FakeEngine]:
        made.set()
        await go.wait()
        yield engine
        assert engine.stopped, "the store is closed after the engine has stopped"

    pdu = PduSettings(name="ats-1", host="192.0.2.7", location="Row 3")
    settings = Settings(state_dir=tmp_path, pdus=(pdu,))
    app = PduApp(opening, settings, clock=clock, actor=ACTOR, env={})
    async with app.run_test(size=SIZE) as pilot:
        await made.wait()
        assert "Connecting to 192.0.2.7" in text(app)
        go.set()
        await settle(pilot)
        assert engine.started
        assert "LIVE" in text(app)
        assert "core-sw-1" in text(app)
    assert engine.stopped


async def test_a_store_from_the_future_ends_it_with_a_message(
    clock: ManualClock, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def opening() -> AsyncIterator[FakeEngine]:
        raise CannotStart("history.db was made by a newer pdutui", 2)
        yield

    app = PduApp(opening, Settings(state_dir=tmp_path), clock=clock, actor=ACTOR, env={})
    async with app.run_test():
        """It ends before there is a screen."""
    assert app.return_code == 2


async def test_one_message_per_event_and_it_is_on_the_screen(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    seen: list[str] = []
    app = make_app()
    async with app.run_test(
        size=SIZE, message_hook=lambda m: seen.append(type(m).__name__)
    ) as pilot:
        await settle(pilot)
        seen.clear()
        clock.advance(1)
        reading = ats_reading(time=clock.now())
        first = replace(reading.outlets[0], power_w=777.0)
        engine.read(replace(reading, outlets=(first, *reading.outlets[1:])))
        await settle(pilot)
        assert seen.count("EngineNews") == 1
        assert "777 W" in shown(app, "outlets")


async def test_readings_of_other_pdus_draw_nothing(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = app.console_screen.scene
        engine.read(engine.views["rack1-b"].reading)  # type: ignore[arg-type]
        await settle(pilot)
        assert app.console_screen.scene is before


async def test_the_engine_is_stopped_and_heard_no_more(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        assert len(engine._listeners) == 1
        await pilot.press("q")
    assert app.return_code == 0
    assert engine.stopped
    assert engine._listeners == []


# moving


async def test_the_cursor_moves_with_arrows_and_letters(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert cursor(app) == 1
        await pilot.press("down", "j", "j", "up")
        assert cursor(app) == 3
        await pilot.press("k", "k", "k", "k")
        assert cursor(app) == 1, "it stops at the end"
        await pilot.press("end")
        assert cursor(app) == 10
        await pilot.press("right")
        assert cursor(app) == 10, "one column: nowhere to go"


async def test_left_and_right_go_between_columns(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right_square_bracket", "down", "l")
        assert app.console_screen.pdu == "rack1-a"
        assert cursor(app) == 14
        await pilot.press("l")
        assert cursor(app) == 14
        await pilot.press("h", "h")
        assert cursor(app) == 2


async def test_every_pdu_keeps_its_cursor(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "right_square_bracket")
        assert (app.console_screen.pdu, cursor(app)) == ("rack1-a", 1)
        await pilot.press("j", "left_square_bracket")
        assert (app.console_screen.pdu, cursor(app)) == ("ats-1", 3)
        await pilot.press("left_square_bracket")
        assert app.console_screen.pdu == "rack1-b", "round and round"
        assert "rack1-b" in text(app)


async def test_a_click_and_the_wheel_move_the_cursor(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("right_square_bracket")
        await pilot.click("#outlets", offset=(60, 3))
        assert cursor(app) == 15
        await pilot.click("#outlets", offset=(5, 0))
        assert cursor(app) == 15, "the head is no outlet"
        await pilot._post_mouse_events([MouseScrollDown], "#outlets", (5, 5))
        await settle(pilot)
        assert cursor(app) == 16


async def test_panes_get_the_keys_in_turn(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app.console_screen
        assert screen.pane == "outlets"
        await pilot.press("tab")
        assert screen.pane == "meters"
        assert "▶ Load" in shown(app, "meters")
        await pilot.press("down")
        assert screen.scene.meter == 1
        assert "Trends · Bank 1" in shown(app, "trends")
        assert cursor(app) == 1
        await pilot.press("tab")
        assert screen.pane == "trends"
        assert screen.scene.window_s == 900
        await pilot.press("h")
        assert screen.scene.window_s == 300
        await pilot.press("h", "h", "l")
        assert screen.scene.window_s == 300
        await pilot.press("f")
        assert app.screen is screen, "nothing is switched from another pane"
        assert engine.gate.switched == []
        assert "tab" in shown(app, "events")
        await pilot.press("tab")
        assert screen.pane == "outlets"


async def test_a_young_trend_is_shown_in_a_short_window(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.trends["ats-1", "inlet.1.current_a"] = [3.0] * 70
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "last 2 min" in shown(app, "trends")


# hints and help


async def test_only_keys_that_work_are_hinted(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "f off" in shown(app, "hints")
        assert "a acknowledge" not in shown(app, "hints")
        await pilot.press("tab")
        assert "f off" not in shown(app, "hints")
        await pilot.press("shift+tab")
        engine.become("ats-1", "lost")
        await settle(pilot)
        assert "f off" not in shown(app, "hints"), "nothing can be switched while lost"
        view = engine.views["ats-1"]
        engine.views["ats-1"] = replace(view, info=replace(view.info, read_only=True))
        engine.become("ats-1", "live")
        await settle(pilot)
        assert "f off" not in shown(app, "hints")
        assert "? help" in shown(app, "hints")


async def test_every_key_of_the_table_is_bound() -> None:
    bound = {b.id: b for b in PduScreen.BINDINGS}  # type: ignore[union-attr]
    assert len({key.id for key in KEYS}) == len(KEYS)
    for key in KEYS:
        if key.action:  # else the screen takes the key itself
            assert bound[key.id].key == key.keys  # type: ignore[union-attr]


async def test_help_lists_the_keys_scrolls_and_closes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 20)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "turn the outlet off; asks first" in text(app)
        assert "CONTRADICTED" not in text(app)
        await pilot.press("end")
        await settle(pilot)
        assert "CONTRADICTED" in text(app)
        await pilot.press("q")
        assert app.screen is app.console_screen
        assert app.is_running


# names, results, palette, themes


async def test_renaming_keeps_a_cleaned_name(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "n")
        assert isinstance(app.screen, RenameScreen)
        app.screen.query_one(Input).value = " db\x1b02 "
        await pilot.press("enter")
        assert engine.names == [("ats-1", 3, "db?02")]
        await pilot.press("n")
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        assert engine.names[1:] == [("ats-1", 3, None)]
        await pilot.press("n", "x", "escape")
        assert len(engine.names) == 2


async def test_a_result_stays_until_acknowledged(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        intent = Intent(id="1", pdu="ats-1", outlet=1, action="off", actor=ACTOR)
        engine.end(intent, "unconfirmed")
        await settle(pilot)
        assert "UNCONFIRMED" in shown(app, "outlets")
        assert "a acknowledge" in shown(app, "hints")
        await pilot.press("a")
        await settle(pilot)
        assert "UNCONFIRMED" not in shown(app, "outlets")


async def test_the_palette_goes_to_a_pdu(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, Palette)
        await pilot.press("escape", "colon")
        assert isinstance(app.screen, Palette)
        await pilot.press(*"1-b")
        await settle(pilot)
        await app.workers.wait_for_complete()
        await pilot.pause(0.3)
        await pilot.press("enter")
        await settle(pilot)
        assert app.console_screen.pdu == "rack1-b"


async def test_palette_entries_are_plain_text(make_app: MakeApp, engine: FakeEngine) -> None:
    reading = ats_reading()
    named = replace(reading.outlets[1], name="[red]x[/red]\x1b")
    engine.read(replace(reading, outlets=(reading.outlets[0], named)))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        provider = PduCommands(app.screen)
        hits = [hit async for hit in provider.search("select outlet 2")]
        assert str(hits[0].match_display) == "Select outlet 2 [red]x[/red]? (on)"  # type: ignore[union-attr]
        everything = [hit.text async for hit in provider.discover()]
        assert "Turn off outlet 1 core-sw-1 ... (f)" in everything
        assert "Theme noc-light" in everything


async def test_dialogs_leave_nothing_behind(make_app: MakeApp) -> None:
    def strips() -> int:
        gc.unfreeze()  # after a second the console sets aside what is there: that is not listed
        gc.collect()
        return sum(isinstance(o, Strip) for o in gc.get_objects())

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("question_mark", "escape", "f", "escape")
        before = strips()
        for _ in range(8):
            await pilot.press("question_mark", "escape", "f", "escape")
        assert strips() - before < 60, "each would leave dozens of lines"


async def test_a_switch_from_the_palette_asks_too(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        provider = PduCommands(app.screen)
        [hit] = [h async for h in provider.discover() if (h.text or "").startswith("Turn off")]
        hit.command()
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_another_theme_is_worn_at_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = app.console_screen.scene.inks("value")
        app.wear("noc-light")
        await settle(pilot)
        assert app.console_screen.scene.inks("value") != before
        assert app.theme == "noc-light"


@pytest.mark.parametrize(
    ("ui", "env", "theme", "mode"),
    [
        ({"color": "truecolor"}, {}, "noc-dark", "rgb"),
        ({"color": "256", "theme": "noc-light"}, {}, "noc-light", "rgb"),
        ({"color": "16"}, {}, "noc-16", "ansi"),
        ({"color": "16", "theme": "noc-light"}, {}, "noc-16", "ansi"),
        ({"color": "auto"}, {"NO_COLOR": "1"}, "noc-16", "none"),
        ({"color": "truecolor"}, {"NO_COLOR": "1"}, "noc-dark", "rgb"),
        ({"color": "none"}, {}, "noc-16", "none"),
        ({"theme": "no-such"}, {}, "noc-dark", "rgb"),
        ({"theme": "nord"}, {}, "nord", "rgb"),
    ],
)
async def test_colours_follow_config_then_no_color_then_the_terminal(
    make_app: MakeApp, ui: dict[str, object], env: dict[str, str], theme: str, mode: str
) -> None:
    app = make_app(env=env, **ui)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert (app.theme, app.inks.mode) == (theme, mode)
        if ui.get("theme") == "no-such":
            assert "no-such is not known" in shown(app, "events")


async def test_a_bad_theme_beside_the_config_is_reported(
    engine: FakeEngine, clock: ManualClock, tmp_path: Path
) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text('[colors]\nprimary = "blu"\n')
    settings = Settings(
        state_dir=tmp_path,
        config_path=tmp_path / "config.toml",
        pdus=(PduSettings(name="ats-1"),),
    )
    app = PduApp(engine, settings, clock=clock, actor=ACTOR, env={})
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.watch_theme_files()  # once the first frame is up
        await settle(pilot)
        assert "theme mine.toml:2: colors.primary" in shown(app, "events")


# leaving


async def test_quit_asks_while_a_command_is_under_way(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        intent = Intent(id="1", pdu="rack1-a", outlet=2, action="off", actor=ACTOR)
        engine.progress(intent, "sent")
        for key in ("q", "ctrl+q", "ctrl+c"):
            await pilot.press(key)
            assert isinstance(app.screen, QuitScreen)
            assert "outlet 2 on rack1-a: off, sent" in text(app)
            await pilot.press("enter")
            assert app.screen is app.console_screen, "Stay has the focus"
        await pilot.press("q", "y")
    assert app.return_code == 0


# what goes wrong


async def test_a_crash_says_one_line_and_no_locals(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()

    def broken(event: object) -> None:
        community = "s3cret-community"
        raise RuntimeError(f"broken after {len(community)}")

    printed: list[object] = []

    async def work() -> None:
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            monkeypatch.setattr(app.console_screen, "news", broken)
            monkeypatch.setattr(app.error_console, "print", lambda *a, **k: printed.extend(a))
            app._engine.become("ats-1", "late")  # type: ignore[union-attr]
            await settle(pilot)

    with caplog.at_level(logging.CRITICAL, "pdutui.console"), pytest.raises(RuntimeError):
        await work()
    assert app.return_code == 1
    said = "".join(s.text for p in printed for s in p.segments)  # type: ignore[attr-defined]
    assert "RuntimeError in test_console.py" in said
    assert "s3cret" not in said
    assert len(said.replace(str(app.settings.state_dir), "").split("\n")) <= 4, "wrapped, no more"
    assert any(r.exc_info for r in caplog.records), "and the whole of it in the log"


async def test_store_trouble_is_on_the_status_line(make_app: MakeApp, engine: FakeEngine) -> None:
    from pdutui.engine.events import StoreChanged

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        engine.store_status.ok, engine.store_status.detail = False, "disk full"
        engine.tell(StoreChanged(ok=False, detail="disk full"))
        await settle(pilot)
        assert "HISTORY" in shown(app, "status")


async def test_age_ticks_without_news(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        engine.become("ats-1", "late", "no answer")
        clock.advance(7)
        app.console_screen.tick()
        assert "LATE 7s" in shown(app, "status")
        assert "STALE 7s" in shown(app, "outlets")
        clock.advance(1)
        app.console_screen.tick()
        assert "STALE 8s" in shown(app, "outlets")


async def test_repaint_forgets_what_the_terminal_shows(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        shadow = app._current_shadow()
        assert app._current_shadow() is shadow
        await pilot.press("ctrl+l")
        assert app._current_shadow() is not shadow
        shadow = app._current_shadow()
        await pilot.resize_terminal(100, 30)
        assert app._current_shadow() is not shadow, "another size, another screen"


async def test_a_storm_of_sizes_leaves_a_whole_screen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for size in [(20, 5), (300, 100), (1, 1), (60, 80), (40, 12), (200, 60), (80, 24)]:
            await pilot.resize_terminal(*size)
        await settle(pilot)
        lines = text(app).splitlines()
        assert len(lines) == 24
        assert all(len(line) == 80 for line in lines)
        assert "ats-1" in lines[0]
        assert "q quit" in lines[-1]


async def test_without_colours_the_palette_shows_where_its_cursors_are(make_app: MakeApp) -> None:
    app = make_app(color="auto", env={"NO_COLOR": "1"})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        for _ in range(200):
            await pilot.pause(0.005)
            if app.screen.query_one(CommandList).highlighted is not None:
                break
        looks = [run.style for row in frame_of(app).rows for run in row if "Turn o" in run.text]
        assert ["underline" in look for look in looks] == [True, False]
        (field,) = [
            run for row in frame_of(app).rows for run in row if run.style.startswith("dim r")
        ]
        assert field.text == "C", "the first letter of what may be typed"
