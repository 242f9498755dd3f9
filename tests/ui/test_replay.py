"""A replay as a person works it, alone and on top of the live console."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.app import PduApp
from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.engine.events import Logged
from pdutui.engine.replay.session import ReplaySession
from pdutui.keys.pdu import KEYS as CONSOLE_KEYS
from pdutui.keys.replay import KEYS
from pdutui.screens import wishes
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.help import HelpScreen
from pdutui.screens.history import HistoryScreen
from pdutui.screens.palette import Palette
from pdutui.screens.pdu import PduScreen
from pdutui.screens.replay import ReplayScreen
from pdutui.screens.replay_chart import PastHistoryScreen
from pdutui.screens.replay_goto import GotoScreen, moment_meant
from pdutui.screens.replay_palette import ReplayCommands
from pdutui.widgets.glyphs import ASCII, CONSOLE, UNICODE, GlyphSet
from pdutui.widgets.layout import Contents
from pdutui.widgets.panel import Panel
from pdutui.widgets.replay_banner import END, banner, places
from pdutui.widgets.scene import Replay
from pdutui.widgets.themes import inks_of, load_themes, shipped_dir
from tests.support.clock import ManualClock
from tests.support.fake_alarms import with_alarms
from tests.support.fake_engine import FakeEngine
from tests.support.past import MadeUpPast, ats_past
from tests.support.scenes import NOW
from tests.ui.conftest import MakeApp
from tests.ui.replay_apps import BEGIN, replay_app, run, settle, shown, then

SIZE = (120, 36)


def text(app: PduApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def top(app: PduApp) -> str:
    return text(app).splitlines()[0]


WISHES = (
    wishes.Wanted, wishes.MenuWanted, wishes.RenameWanted, wishes.PlanWanted, wishes.PlansWanted,
)  # fmt: skip


@pytest.fixture
def past() -> MadeUpPast:
    return ats_past()


# alone


async def test_it_shows_the_moment_and_plays(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path, playing=True)
    async with app.run_test(size=SIZE) as pilot:
        await shown(pilot)
        assert top(app).startswith(" REPLAY  Fri 2026-11-20  13:53:01  UTC")
        assert "x1 playing" in top(app)
        assert "nothing here is live" in top(app)
        assert "WAS LIVE" in text(app)
        assert " LIVE " not in text(app).replace("WAS LIVE", "")
        await run(pilot, clock, 5)
        assert "13:53:06" in top(app)
        await pilot.press("space")
        await settle(pilot)
        assert "x1 paused" in top(app)
        await run(pilot, clock, 5)
        assert "13:53:06" in top(app)
        assert app.screen.query_one("#status").scene.now.tzinfo is UTC  # type: ignore[attr-defined]


async def test_speed_steps_and_events_by_key(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        session = screen._session
        assert session is not None
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        await settle(pilot)
        assert "x2 paused" in top(app)
        for key, moment in (
            ("full_stop", 650.35),
            ("full_stop", 651.35),
            ("comma", 650.35),
            ("right_parenthesis", 651.35),
            ("left_parenthesis", 650.35),
            ("right_curly_bracket", 710.35),
            ("left_curly_bracket", 650.35),
            ("n", 700.35),
            ("N", 599.8),
        ):
            await pilot.press(key)
            await settle(pilot)
            assert session.now == then(moment), key
        assert "Turn OFF outlet 3 db01 by ada: observed" in text(app)


async def test_the_next_event_leads_to_its_pdu(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 950, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        assert screen.pdu == "ats-1"
        await pilot.press("n")
        await settle(pilot)
        assert screen.pdu == "rack1-a"
        await pilot.press("n")
        await settle(pilot)
        assert "Nothing more happened" in text(app)


async def test_the_end_is_said(past: MadeUpPast, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(past, 1190, clock, tmp_path, playing=True, speed=10)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        await run(pilot, clock, 5)
        assert END in top(app)
        assert "playing" not in top(app)
        await pilot.press("space")
        await settle(pilot)
        assert "End of what was kept: 2026-11-20 14:02:10 UTC" in text(app)
        assert screen._player is not None
        assert not screen._player.playing


async def test_keys_of_the_console_say_why_they_do_nothing(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        for key in "ofrct":
            screen._notices.forget()
            screen.update()
            assert "This is a replay" not in text(app)
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is screen
            assert "This is a replay of 2026-11-20 13:53:01: nothing can be" in text(app), key


async def test_every_way_to_switch_is_closed(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key there is, every action that the PDU screen has, every entry of the palette."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a command went out of a replay")

    for kind in (MockBackend, SnmpBackend):
        monkeypatch.setattr(kind, "__init__", never)
    posted: list[str] = []
    real_post = PduApp.post_message

    def post(self: PduApp, message: object) -> bool:
        if isinstance(message, WISHES):
            posted.append(type(message).__name__)
        return real_post(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(PduApp, "post_message", post)
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        for key in CONSOLE_KEYS:
            if key.id in ("quit", "palette", "help", "history"):
                continue
            for name in key.keys.split(","):
                await pilot.press(name)
                await settle(pilot)
                while isinstance(app.screen, GotoScreen):
                    await pilot.press("escape")
                    await settle(pilot)
                assert app.screen is screen, name
        screen.action_switch("off")
        screen.action_menu()
        screen.action_rename()
        screen.action_acknowledge()
        screen.action_mark()
        screen.action_mark_all()
        screen.action_plans()
        screen.switch_marked("off")
        assert not len(screen.marks)
        await settle(pilot)
        # The filter looks, and changes nothing; escape shows all before it leaves.
        await pilot.press("slash", "7", "enter")
        await settle(pilot)
        assert [outlet.number for outlet in screen.scene.outlets] == [7]
        await pilot.press("escape")
        await settle(pilot)
        assert (screen.filter, app.screen) == ("", screen)
        assert app.screen is screen
        entries = [entry.text for entry in ReplayCommands(screen).listed()]
        assert entries
        assert not [e for e in entries if "Turn" in e or "outlet" in e or "Reboot" in e]
    assert posted == []
    assert list(tmp_path.iterdir()) == []


async def test_the_palette_goes_to_pdus_and_through_time(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert isinstance(app.screen, Palette)
        await pilot.press(*"rack1-a")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await settle(pilot)
        await settle(pilot)
        assert screen.pdu == "rack1-a"


async def test_over_a_dialog_there_is_no_palette(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    """Its commands would be those of another screen."""
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await shown(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)


async def test_help_and_leaving(past: MadeUpPast, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await shown(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        assert "play and pause" in text(app)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
    assert app.return_code == 0


async def test_going_to_a_time(past: MadeUpPast, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        assert screen._session is not None
        for typed, moment in (("13:50", 469), ("-1m", 409), ("+30s", 439)):
            await pilot.press("colon")
            await settle(pilot)
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await settle(pilot)
            assert screen._session.now == then(moment), typed
        await pilot.press("at")
        await settle(pilot)
        for typed, said in (("later", "is no time"), ("2020-01-01", "before the first reading")):
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(app.screen, GotoScreen)
            assert said in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert screen._session.now == then(439)


def test_what_is_typed_is_meant_from_the_moment() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime(2026, 11, 10, 2, 12, tzinfo=UTC)
    now = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)

    def meant(typed: str) -> str:
        return moment_meant(typed, moment, now, berlin).isoformat()

    assert meant("03:15:30") == "2026-11-10T02:15:30+00:00"
    assert meant("23:00") == "2026-11-10T22:00:00+00:00", "of that day, even if it comes later"
    assert meant(" -2h ") == "2026-11-10T00:12:00+00:00"
    assert meant("+90s") == "2026-11-10T02:13:30+00:00"
    assert meant("yesterday 14:00") == "2026-11-19T13:00:00+00:00"
    assert meant("2026-11-01 00:00") == "2026-10-31T23:00:00+00:00"
    for wrong in ("", "+", "-", "soon", "25:00"):
        with pytest.raises(ValueError, match=r"is no time|no such time"):
            moment_meant(wrong, moment, now, berlin)


async def test_the_chart_ends_at_the_moment_and_leads_to_others(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path, playing=True)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        session = screen._session
        assert session is not None
        await pilot.press("g")
        await pilot.pause(0.3)
        chart = app.screen
        assert isinstance(chart, PastHistoryScreen)
        assert top(app).startswith(" REPLAY")
        assert "LIVE" not in text(app)
        assert not session.player.playing, "the moment stands still meanwhile"
        model = chart.model
        assert model is not None
        at_ms = round(session.now.timestamp() * 1000)
        assert model.newest_ms is not None
        assert model.newest_ms <= at_ms
        assert all(mark.ts_ms <= at_ms for mark in model.marks)
        assert all(ts <= at_ms for line in model.lines for ts in line.points.ts_ms)
        await pilot.press("right_square_bracket")
        await pilot.pause(0.1)
        chart.post_message(HistoryScreen.ReplayWanted("rack1-a", at_ms - 100_000))
        await settle(pilot)
        await settle(pilot)
        assert app.screen is screen
        assert screen.pdu == "rack1-a"
        assert session.now == then(550)
        await pilot.press("g")
        await pilot.pause(0.2)
        await pilot.press("q")
        await settle(pilot)
        assert app.screen is screen


async def test_keys_that_come_too_fast_are_passed_over(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        for _ in range(30):
            screen.action_step(-1)
        await settle(pilot)
        await settle(pilot)
        assert screen._session is not None
        assert screen._session.now == then(648)
        assert screen._jumps == 0


@pytest.mark.parametrize("size", [(1, 1), (10, 2), (24, 5), (300, 90)])
async def test_the_banner_is_there_at_any_size(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=size) as pilot:
        await shown(pilot)
        assert " REPLAY  "[: min(7, size[0])].rstrip("~") in top(app) or "~" in top(app)
        if size[0] >= 8:
            assert "REPLAY" in top(app)


# the banner itself


@pytest.mark.parametrize("glyphs", [UNICODE, CONSOLE, ASCII], ids=lambda g: g.name)
def test_the_banner_fills_its_line_and_loses_what_matters_least(glyphs: GlyphSet) -> None:
    inks = inks_of(load_themes([shipped_dir()])[0]["noc-dark"])
    now = datetime(2026, 11, 20, 3, 12, 7, tzinfo=UTC)
    alarm = "14:02:11 rack1-b lost: no answer"
    for width, replay in itertools.product(
        range(1, 160),
        (
            Replay(playing=True, speed=60),
            Replay(playing=False, speed=1, ended=True, incomplete=True),
            Replay(playing=True, speed=10, alarm=alarm),
        ),
    ):
        line = banner(replay, now, inks, glyphs, width)
        assert line.cell_length == width
        if width >= 8:
            assert "REPLAY" in line.text
        if width >= 20:
            assert "03:12:07" in line.text
        if width >= 72 and not replay.alarm:
            assert "nothing here is live" in line.text
        if width >= 40 and replay.alarm:
            assert "LIVE: 14:02" in line.text


def test_the_banner_says_what_is_missing() -> None:
    inks = inks_of(load_themes([shipped_dir()])[0]["noc-dark"])
    replay = Replay(playing=False, speed=1, incomplete=True)
    line = banner(replay, datetime(2026, 11, 20, tzinfo=UTC), inks, UNICODE, 140)
    assert "names of that time are not known" in line.text


def test_nothing_lies_on_the_banner() -> None:
    for width in (10, 80, 150, 220):
        for height in (1, 2, 5, 24, 60):
            found = places(width, height, Contents(outlets=8, meters=3, sources=True, sensors=2))
            assert found["banner"].y == 0
            assert all(rect.y >= 1 for name, rect in found.items() if name != "banner")
            assert all(rect.bottom <= height for rect in found.values())


def test_no_key_is_taken_twice() -> None:
    names = [name for key in KEYS for name in key.keys.split(",")]
    assert len(names) == len(set(names))


# on top of the live console


async def open_over(pilot: Pilot[int], past: MadeUpPast, engine: FakeEngine) -> ReplayScreen:
    """From the chart of the live console to a moment."""
    app = pilot.app
    assert isinstance(app, PduApp)
    engine.reader = past
    while app._engine is None:
        await pilot.pause(0.01)
    await pilot.press("g")
    await pilot.pause(0.2)
    assert isinstance(app.screen, HistoryScreen)
    at_ms = round(then(650).timestamp() * 1000)
    app.screen.post_message(HistoryScreen.ReplayWanted("ats-1", at_ms))
    return await shown(pilot)


async def test_from_the_chart_into_a_replay_and_back(
    past: MadeUpPast, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_over(pilot, past, engine)
        assert app.screen is screen
        session = screen._session
        assert isinstance(session, ReplaySession)
        assert session.pdus == ("ats-1", "rack1-a"), "without the PDU of which nothing was kept"
        await run(pilot, clock, 3)
        assert (session.now - then(650)).total_seconds() == pytest.approx(3, abs=0.5)
        assert engine.gate.switched == []
        with_alarms(engine).raise_("ats-1", "source_lost", "critical", "source B lost")
        async with asyncio.timeout(5):  # alarms are drawn together
            while "LIVE ALARM" not in text(app):
                await pilot.pause(0.02)
        assert text(app).splitlines()[0].startswith(" ▲ LIVE ALARM  ats-1: source B lost")
        assert "leave the replay to see them" in text(app).splitlines()[0]
        assert "REPLAY" in text(app).splitlines()[1], "what is of the past still says so"
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, HistoryScreen)
        assert session.player._task is not None
        assert session.player._task.done(), "nothing goes on behind it"
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "REPLAY" not in text(app)


async def test_the_live_engine_cannot_be_reached_from_a_replay(
    past: MadeUpPast, make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_over(pilot, past, engine)
        for key in ("o", "f", "r", "c", "t", "a"):
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is screen
        # Even a message that asks for it, from wherever it comes, opens nothing.
        for sender in (screen, app.console_screen):
            sender.post_message(wishes.Wanted("ats-1", 1, "off"))
            sender.post_message(wishes.MenuWanted("ats-1", 1))
            await settle(pilot)
        assert app.screen is screen
        assert not any(isinstance(s, ConfirmScreen) for s in app.screen_stack)
    assert engine.gate.switched == []
    assert engine.gate.refused == []


async def test_an_alarm_of_the_live_fleet_is_told_until_it_is_noted(
    past: MadeUpPast, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_over(pilot, past, engine)
        engine.say(Logged(time=clock.now(), pdu="rack1-b", severity="info", text="live again"))
        await settle(pilot)
        assert "LIVE:" not in top(app)
        engine.say(Logged(time=clock.now(), pdu="rack1-b", severity="critical", text="lost: gone"))
        await settle(pilot)
        assert "LIVE: 14:02:11 rack1-b lost: gone" in top(app)
        await pilot.press("g")
        await pilot.pause(0.2)
        assert "LIVE: 14:02:11 rack1-b lost: gone" in top(app), "on the chart too"
        await pilot.press("g")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert "LIVE:" not in top(app)


async def test_the_column_of_the_first_reading_will_do(
    past: MadeUpPast, make_app: MakeApp, engine: FakeEngine
) -> None:
    """The cursor of a chart of an hour is a minute wide."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        engine.reader = past
        while app._engine is None:
            await pilot.pause(0.01)
        await pilot.press("g")
        await pilot.pause(0.2)
        at_ms = round((BEGIN - timedelta(seconds=40)).timestamp() * 1000)
        app.screen.post_message(HistoryScreen.ReplayWanted("ats-1", at_ms))
        screen = await shown(pilot)
        assert screen._session is not None
        screen._session.player.pause()
        assert (screen._session.now - then(0.35)).total_seconds() < 1


async def test_what_cannot_be_replayed_is_said_on_the_chart(
    past: MadeUpPast, make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        engine.reader = past
        while app._engine is None:
            await pilot.pause(0.01)
        await pilot.press("g")
        await pilot.pause(0.2)
        early = round((NOW - timedelta(days=3)).timestamp() * 1000)
        app.screen.post_message(HistoryScreen.ReplayWanted("ats-1", early))
        await settle(pilot)
        await asyncio.sleep(0.05)
        await settle(pilot)
        assert isinstance(app.screen, HistoryScreen)
        assert "before the first reading that was kept" in text(app)


async def test_another_theme_keeps_it_marked(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        before = screen._inks("rule").color
        app.wear("noc-light")
        await settle(pilot)
        assert screen._inks("rule").color == screen._inks("replay").color
        assert screen._inks("rule").color != before


@pytest.mark.parametrize("size", [(64, 18), (40, 12), (80, 6)])
@pytest.mark.parametrize("key", ["question_mark", "colon"])
async def test_no_dialog_covers_the_banner(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path, size: tuple[int, int], key: str
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=size) as pilot:
        await shown(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen | GotoScreen)
        assert top(app).startswith(" REPLAY")
        assert len(text(app).splitlines()) == size[1]


@pytest.mark.parametrize("key", ["n", "N", "right_curly_bracket"])
async def test_an_error_that_nobody_expects_ends_neither_console_nor_replay(
    past: MadeUpPast, clock: ManualClock, tmp_path: Path, key: str
) -> None:
    app = replay_app(past, 650, clock, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen = await shown(pilot)
        past.trouble = ValueError("odd row")
        await pilot.press(key)
        await settle(pilot)
        assert app.is_running
        past.trouble = None
        await pilot.press("left_curly_bracket", "space")
        await settle(pilot)
        before = screen._player.now  # type: ignore[union-attr]
        await run(pilot, clock, 3)
        assert screen._player.now > before  # type: ignore[union-attr]


async def test_what_still_reaches_a_screen_that_was_left_ends_nothing(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    """A size, a second, a key that was typed ahead: its panels have gone before it."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        info = engine.view(engine.pdus[0]).info
        left = PduScreen(info, clock=clock, glyphs=UNICODE, inks=app.console_screen._inks)
        await app.push_screen(left)
        left.attach(engine)
        await settle(pilot)
        assert left.query(Panel)
        await app.pop_screen()
        assert not left.query(Panel)
        left.on_resize()
        left.tick()
        for action in ("move(0, 1)", "page(1)", "pane(1)", "pdu(1)"):
            assert not await app.run_action(action, left)
        await settle(pilot)
    assert app.return_code in (None, 0)
