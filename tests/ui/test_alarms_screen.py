"""Alarms at the console: the banner above every screen, the bell, the list, what is done to one."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widget import Widget

from pdutui.app import PduApp
from pdutui.domain.alarm import Acknowledgement, Alarm
from pdutui.domain.span import parse_span
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.screens.alarms import AlarmsScreen
from pdutui.screens.alarms_dialogs import AcknowledgeDialog, SilenceDialog
from pdutui.screens.alarms_past import PAGE
from pdutui.screens.alarms_silences import SilencesDialog
from pdutui.screens.history import HistoryScreen
from pdutui.screens.pdu import PduScreen
from pdutui.settings import AlarmSettings
from tests.support.clock import ManualClock
from tests.support.fake_alarms import FakeAlarms, with_alarms
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import MakeApp

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")


@pytest.fixture
def alarms(engine: FakeEngine) -> FakeAlarms:
    return with_alarms(engine)


async def until(pilot: Pilot[int], so: Callable[[], object]) -> None:
    for _ in range(400):
        await pilot.pause()
        if so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come")


async def up(pilot: Pilot[int]) -> PduApp:
    app = pilot.app
    assert isinstance(app, PduApp)
    await until(pilot, lambda: app.alarm_desk is not None)
    return app


def text(widget: Widget) -> str:
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def panel(app: PduApp, name: str) -> str:
    return text(app.live_screens()[-1].query_one(f"#{name}"))


def source_lost(alarms: FakeAlarms, **more: Any) -> Alarm:
    return alarms.raise_("ats-1", "source_lost", "critical", "source B lost", part="source.B",
                         **more)  # fmt: skip


async def test_the_banner_stands_above_every_screen_and_moves_the_rest_down(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        status = app.console_screen.query_one("#status")
        assert status.region.y == 0
        source_lost(alarms)
        for keys in ([], ["A"], ["e"], ["u"], ["p"], ["g"]):
            await pilot.press(*keys)
            await until(pilot, lambda: app.live_screens()[-1].query("#alarm"))
            top = app.live_screens()[-1]
            await until(pilot, lambda top=top: "source B lost" in text(top.query_one("#alarm")))
            row = top.query_one("#alarm").region
            assert (row.x, row.y, row.width, row.height) == (0, 0, 80, 1)
            others = [w.region for w in top.children if w.id != "alarm" and w.region.height]
            assert min(r.y for r in others) == 1
            assert max(r.bottom for r in others) == 24
            assert len(app.screen_stack) <= 2, "screens take each other's place"
        alarms.drop(alarms.active()[0])
        alarms.tell("over", replace(alarms.entries[0].alarm, over=alarms.entries[0].time))
        await until(pilot, lambda: min(w.region.y for w in app.screen.children if w.region) == 0)


async def test_the_banner_is_drawn_anew_with_a_theme_with_keys_and_after_midnight(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        source_lost(alarms)
        await until(pilot, lambda: app.screen.query("#alarm"))
        await until(pilot, lambda: "14:02:11  A shows them" in panel(app, "alarm"))
        assert app.alarm_desk is not None
        app.wear("noc-light")
        first, *_ = app.screen.query_one("#alarm").render_line(0)
        assert first.style == app.inks("badge-critical"), "not in the colours of before"
        app.wear_keys({"alarms": ("X",)})
        assert "X shows them" in panel(app, "alarm"), "a hint must not lie"
        clock.advance(10 * 3600)
        app.alarm_desk.tick()
        assert "20 Nov 14:02" in panel(app, "alarm")


async def test_the_banner_that_comes_back_is_of_the_new_alarm(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        assert app.alarm_desk is not None
        status = app.console_screen.query_one("#status")
        for what in ("first", "second"):
            alarm = source_lost(alarms, rule=what)
            alarms.put(replace(alarm, text=what))
            app.alarm_desk.tick()
            await until(pilot, lambda: status.region.y == 1)
            assert f"ats-1: {what}  " in panel(app, "alarm"), "not the one that is gone"
            alarms.drop(alarm)
            app.alarm_desk.tick()
            await until(pilot, lambda: status.region.y == 0)


async def test_where_nothing_is_judged_nothing_is_well(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    alarms.unjudged = "alarms are being loaded"
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await up(pilot)
        await pilot.press("A")
        await until(pilot, lambda: "? Nothing is judged: alarms are being" in panel(app, "list"))
        assert "? not known" in panel(app, "bar")
        app.settings = replace(app.settings, alarms=AlarmSettings(enabled=False))
        assert app.alarm_desk is not None
        app.alarm_desk.tick()
        await until(pilot, lambda: "alarms off" in panel(app, "bar"))
        assert not {"✓", "none"} & set(panel(app, "bar").split())
        await pilot.press("escape")
        await until(pilot, lambda: "alarms off" in panel(app, "status"))
        alarms.unjudged, app.settings = "", replace(app.settings, alarms=AlarmSettings())
        app.alarm_desk.tick()
        await until(pilot, lambda: "alarms" not in panel(app, "status"))


async def test_no_dialog_covers_the_banner_and_one_that_comes_later_moves_it(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(60, 9)) as pilot:
        app = await up(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        card = app.screen.query_one("#card")
        assert card.region.y == 0
        source_lost(alarms)
        await until(pilot, lambda: card.region.y == 1)
        assert card.region.bottom <= 9


async def test_what_is_critical_has_the_banner_and_warnings_one_line(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        alarms.raise_("rack1-a")
        await until(pilot, lambda: "Alarm: rack1-a: Bank 1 at 83 % of 16 A" in panel(app, "events"))
        assert not app.screen.query("#alarm")
        alarms.raise_("rack1-a", part="bank.2", text="Bank 2 at 81 % of 16 A")
        alarms.raise_("rack1-a", part="bank.2", text="Bank 2 at 81 % of 16 A", again=True)
        alarms.raise_("rack1-b", part="bank.1", text="Bank 1 at 99 % of 16 A")
        await until(pilot, lambda: "rack1-b: Bank 1 at 99 % of 16 A  +2" in panel(app, "events"))
        assert "▲ 3 warning" in panel(app, "status")
        assert panel(app, "events").count("Alarm:") == 1


async def test_a_room_that_fails_at_once_is_drawn_a_few_times(
    make_app: MakeApp, alarms: FakeAlarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        drawn: list[int] = []
        scene = app.console_screen._scene
        monkeypatch.setattr(app.console_screen, "_scene", lambda: drawn.append(1) or scene())
        for n in range(200):
            alarms.raise_("rack1-b", part=f"outlet.{n}", text=f"Outlet {n} at 0 W")
        await until(pilot, lambda: "Outlet 199 at 0 W  +199" in panel(app, "events"))
        assert "200 warning" in panel(app, "status")
        assert len(drawn) < 30


async def test_the_bell_reaches_the_driver_once_for_many(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        assert app._driver is not None
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        for n in range(9):
            source_lost(alarms, rule=str(n))
        await until(pilot, lambda: "\a" in sent)
        assert app.alarm_desk is not None
        for _ in range(35):
            clock.advance(1)
            app.alarm_desk.tick()
        assert sent.count("\a") == 3, "the first, those that came with it, and after 30 s"
        for one in alarms.active():
            alarms.put(replace(one, ack=Acknowledgement(by="ada", time=one.since)))
        clock.advance(60)
        app.alarm_desk.tick()
        assert sent.count("\a") == 3


async def test_one_is_acknowledged_with_a_comment_and_all_that_are_shown_too(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        first = source_lost(alarms)
        others = [alarms.raise_("rack1-a", part=f"bank.{n}") for n in (1, 2)]
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen))
        await pilot.press("a")
        assert isinstance(app.screen, AcknowledgeDialog)
        await pilot.press(*"on my way")
        await pilot.press("enter")
        await until(pilot, lambda: alarms.get(first).ack is not None)
        assert alarms.asked == [("acknowledge", (first.id,), "ada", "on my way")]
        await until(pilot, lambda: "Acknowledged the alarm" in panel(app, "said"))
        assert "✓ ada" in panel(app, "list")
        assert "Bank 1" in panel(app, "detail"), "the next one is chosen"
        assert not app.standing.critical
        await pilot.press("G")
        assert "by ada, 14:02:11: on my way" in panel(app, "detail")
        await pilot.press("ctrl+a", "escape")
        assert len(alarms.asked) == 1, "esc leaves it"
        await pilot.press("slash", *"bank 2", "enter", "ctrl+a", "enter")
        await until(pilot, lambda: len(alarms.asked) == 2)
        assert alarms.asked[1] == ("acknowledge", (others[1].id,), "ada", "")


async def test_no_other_alarm_comes_under_the_cursor_and_is_acknowledged_unseen(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock
) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        seen = alarms.raise_("rack1-a")
        await pilot.press("A")
        await until(pilot, lambda: "Bank 1" in panel(app, "detail"))
        worse = source_lost(alarms)
        await until(pilot, lambda: "source B lost" in panel(app, "list"))
        assert "Bank 1" in panel(app, "detail"), "nobody has moved the cursor"
        await pilot.press("a")
        alarms.put(replace(seen, level="critical", text="Bank 1 at 101 % of 16 A"))
        await pilot.press("enter")
        await until(pilot, lambda: "worse or anew meanwhile: rack1-a: Bank 1 at 101 %" in (
            panel(app, "said")))  # fmt: skip
        assert not alarms.asked, "what was read was not that"
        await pilot.press("home")
        alarms.drop(seen)
        alarms.tell("over", seen)
        await until(pilot, lambda: "source B lost" in panel(app, "detail"))
        for key in ("a", "s", "enter"):
            await pilot.press(key)
            assert isinstance(app.screen, AlarmsScreen)
            assert "this is another one" in panel(app, "said")
        clock.advance(5)
        await pilot.press("a", "enter")
        await until(pilot, lambda: alarms.asked)
        assert alarms.asked == [("acknowledge", (worse.id,), "ada", "")]


async def test_what_is_silenced_stays_to_be_told_when_all_are_acknowledged(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock
) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await up(pilot)
        ours = alarms.raise_("", "clock_off", text="the clock jumped", part="")
        quiet = clock.now() + timedelta(hours=1)
        hushed = alarms.raise_("rack1-a", silenced_until=quiet)
        await pilot.press("A", "ctrl+a", "enter")
        await until(pilot, lambda: alarms.asked)
        assert alarms.asked == [("acknowledge", (ours.id,), "ada", "")]
        assert alarms.get(hushed).ack is None
        await pilot.press("home", "s", "enter")
        await until(pilot, lambda: len(alarms.asked) == 2)
        assert alarms.asked[1][:4] == ("silence", "*", "clock_off", ""), "it is of no PDU"


async def test_a_refusal_is_said_in_words(
    make_app: MakeApp, alarms: FakeAlarms, engine: FakeEngine
) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        one = source_lost(alarms)
        await pilot.press("A")
        screen = app.screen
        assert isinstance(screen, AlarmsScreen)
        await until(pilot, lambda: screen.past.loaded and not screen.past.busy)
        views, settings = engine.views, app.settings

        async def refused(said: str) -> None:
            screen.update()
            assert "acknowledge" not in panel(app, "hints"), "nothing is offered that is refused"
            for key in ("a", "ctrl+a", "s"):
                await pilot.press(key)
                assert app.screen is screen
                assert said in panel(app, "said")

        engine.gate.locked = "locked by eva at 14:02"
        await refused("locked by eva at 14:02")
        engine.gate.locked = ""
        engine.views = {
            name: replace(view, info=replace(view.info, role="viewer"))
            for name, view in views.items()
        }
        await refused("viewers only look")
        engine.views = views
        app.settings = replace(settings, kiosk=replace(settings.kiosk, on=True))
        await refused("this console only shows")
        app.settings = settings
        alarms.trouble = AlarmTrouble("the disk is full")
        await pilot.press("a", "enter")
        await until(pilot, lambda: "Not acknowledged: the disk is full" in panel(app, "said"))
        assert alarms.get(one).ack is None


async def test_a_part_a_kind_or_a_pdu_is_silenced_and_the_silence_ended(
    make_app: MakeApp, alarms: FakeAlarms
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        source_lost(alarms)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen))
        await pilot.press("s")
        assert isinstance(app.screen, SilenceDialog)
        await pilot.press("tab", *"never", "enter")
        assert "no length of time" in text(app.screen.query_one("#card"))
        await pilot.press(*["backspace"] * 5, *"90m", "tab", *"tests", "enter")
        await until(pilot, lambda: len(alarms.asked) == 1)
        assert alarms.asked[0] == (
            "silence", "ats-1", "source_lost", "source.B", 5400.0, "ada", "tests"
        )  # fmt: skip
        await until(pilot, lambda: "Silenced until 15:32" in panel(app, "said"))
        assert "⊘ 1h" in panel(app, "list")
        await pilot.press("s", "shift+tab", "space", "space", "enter")
        await until(pilot, lambda: len(alarms.asked) == 2)
        assert alarms.asked[1] == ("silence", "ats-1", None, "", 3600.0, "ada", "")
        await pilot.press("S")
        assert isinstance(app.screen, SilencesDialog)
        await pilot.press("j", "x")
        await until(pilot, lambda: len(alarms.silences()) == 1)
        assert alarms.silences()[0].kind is None
        await pilot.press("escape")
        assert isinstance(app.screen, AlarmsScreen)


@pytest.mark.parametrize(
    ("said", "seconds"), [("10m", 600), ("1h30m", 5400), ("2 d", 172_800), ("45s", 45)]
)
def test_a_length_of_time(said: str, seconds: float) -> None:
    assert parse_span(said) == seconds


@pytest.mark.parametrize("said", ["", "5", "m", "1h x", "-1h", "1.5h"])
def test_what_is_no_length_of_time(said: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        parse_span(said)


async def test_the_history_is_read_page_by_page_and_sifted(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock
) -> None:
    for n in range(2 * PAGE + 50):
        clock.advance(1)
        alarms.raise_("rack1-a", part=f"outlet.{n}", text=f"Outlet {n} at 0 W", tell=False)
    alarms.listed.clear()
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        await pilot.press("A", "tab")
        screen = app.screen
        assert isinstance(screen, AlarmsScreen)
        await until(pilot, lambda: len(screen.past.rows) == PAGE)
        assert panel(app, "list").splitlines()[1].endswith(f"Outlet {2 * PAGE + 49} at 0 W")
        for rows in (2 * PAGE, 2 * PAGE + 50):
            await pilot.press("G")
            await until(pilot, lambda rows=rows: len(screen.past.rows) >= rows - 2)
        await until(pilot, lambda: screen.past.complete)
        assert len(screen.past.rows) == 2 * PAGE + 50, "each once"
        source_lost(alarms)
        await until(pilot, lambda: len(screen.past.rows) == 2 * PAGE + 51)
        await pilot.press("3")
        await until(pilot, lambda: len(screen.past.rows) == 1)
        await pilot.press("escape")
        await pilot.press("escape")
        assert isinstance(app.screen, PduScreen)


async def test_enter_goes_to_the_outlet_and_g_to_the_chart_of_that_moment(
    make_app: MakeApp, alarms: FakeAlarms, clock: ManualClock
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        since = clock.now() - timedelta(hours=2)
        alarms.raise_("rack1-a", "outlet_no_load", text="Outlet 5 on at 0 W", part="outlet.5",
                      since=since)  # fmt: skip
        await pilot.press("A", "g")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        chart = app.screen
        assert isinstance(chart, HistoryScreen)
        assert chart.pdu == "rack1-a"
        assert chart.desk.state.cursor_ms == round(since.timestamp() * 1000)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.console_screen)
        assert app.console_screen.pdu == "rack1-a"
        outlet = app.console_screen.scene.outlet()
        assert outlet is not None
        assert outlet.number == 5


async def test_what_is_shown_is_written(
    make_app: MakeApp, alarms: FakeAlarms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source_lost(alarms, tell=False)
    alarms.raise_("rack1-a", text="=1+1", value=13.28, unit="A", tell=False)
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await up(pilot)
        await pilot.press("A", "x", "enter")
        await until(pilot, lambda: list(tmp_path.glob("*.csv")))
        rows = list(csv.DictReader(next(tmp_path.glob("*.csv")).open()))
        assert [row["pdu"] for row in rows] == ["ats-1", "rack1-a"]
        assert rows[1]["text"] == "'=1+1", "no formula"
        await until(pilot, lambda: isinstance(app.screen, AlarmsScreen))
        await pilot.press("tab", "x", "space", "enter")
        await until(pilot, lambda: list(tmp_path.glob("*.json")))
        (found,) = tmp_path.glob("alarm-history*.json")
        made = json.loads(found.read_text())
        assert [one["alarm"]["pdu"] for one in made] == ["rack1-a", "ats-1"]
        assert made[0]["alarm"]["value"] == 13.28
