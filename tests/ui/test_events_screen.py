"""The time line of events: what it is made of, paging back, following, filters, ways out of it."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pdutui.domain.alarm import Alarm, AlarmEntry
from pdutui.domain.history import DAY_MS, HOUR_MS, Mark
from pdutui.engine.events import Logged
from pdutui.screens.events import EventsScreen
from pdutui.screens.events_desk import EventsDesk
from pdutui.screens.events_rows import Happening, Wanted, merged, of_alarm, of_log, of_mark
from pdutui.screens.events_source import PAGE
from pdutui.screens.history import HistoryScreen
from tests.support.clock import ManualClock
from tests.support.fake_alarms import FakeAlarms, with_alarms
from tests.support.fake_engine import FakeEngine
from tests.support.fake_history import FakeReader
from tests.support.scenes import NOW
from tests.ui.conftest import MakeApp
from tests.ui.test_alarms_screen import panel, up
from tests.ui.test_alarms_screen import until as until_seen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
NOW_MS = round(NOW.timestamp() * 1000)


def mark(ago_s: float, text: str, kind: str = "event", level: str = "info", **more: Any) -> Mark:
    fields = {"ts_ms": NOW_MS - round(ago_s * 1000), "pdu": "ats-1", "kind": kind, "level": level}
    return Mark(**(fields | {"text": text} | more))  # type: ignore[arg-type]


@pytest.fixture
def reader(engine: FakeEngine) -> FakeReader:
    engine.reader = FakeReader([], NOW_MS - 40 * DAY_MS, lambda: NOW_MS)
    return engine.reader


@pytest.fixture
def alarms(engine: FakeEngine) -> FakeAlarms:
    return with_alarms(engine)


class Desk(EventsDesk):
    """Without a screen."""

    def __init__(self, engine: FakeEngine, clock: ManualClock) -> None:
        super().__init__(engine, clock=clock, zone=UTC, changed=lambda: None)

    async def until(self, so: Callable[[], object]) -> None:
        for _ in range(3000):
            await asyncio.sleep(0)
            if so():
                return
        raise AssertionError("it does not come")

    async def idle(self) -> None:
        await self.until(lambda: self.loaded and not self.busy)

    def texts(self) -> list[str]:
        return [row.text for row in self.rows]


# -- what it is made of ------------------------------------------------------------------------


def test_the_newest_come_first_and_rows_of_one_moment_keep_their_order() -> None:
    a, b, c = (of_mark(mark(5, text)) for text in "abc")
    newest = of_mark(mark(1, "newest"))
    assert merged([newest, c, b, a], [a]) == [newest, c, b, a]


def test_what_the_log_says_of_an_alarm_is_its_echo_and_nothing_else_is() -> None:
    alarm = Alarm(id="a", pdu="ats-1", kind="source_lost", level="critical", text="Source A lost",
                  part="source.A", since=NOW, changed=NOW)  # fmt: skip
    told = of_alarm(AlarmEntry(time=NOW, change="raised", alarm=alarm))
    assert (told.kind, told.level, told.part) == ("alarm", "critical", "source.A")
    echo = of_log(Logged(time=NOW + timedelta(seconds=3), pdu="ats-1", severity="critical",
                         text="alarm: source A lost"))  # fmt: skip
    others = [
        of_mark(mark(7, "source A lost")),
        of_mark(mark(0, "source A lost", pdu="ats-2")),
        of_mark(mark(0, "source B lost")),
        of_mark(mark(0, "lost: Source A lost", kind="health")),
    ]
    rows = merged([echo, *others], [told])
    assert echo not in rows
    assert set(others) < set(rows)


def test_alarms_of_the_log_are_events_and_traps_are_traps() -> None:
    assert of_mark(mark(1, "x", "alarm", "warning")).kind == "event"
    assert of_mark(mark(1, "x", "alarm", "warning", trap=True)).kind == "trap"
    assert of_log(Logged(time=NOW, pdu="", severity="info", text="x", trap=True)).kind == "trap"
    alarm = Alarm(id="a", pdu="p", kind="overload", level="critical", text="Bank 1 at 101 %",
                  since=NOW, changed=NOW)  # fmt: skip
    entry = AlarmEntry(time=NOW, change="acknowledged", alarm=alarm, by="ada", comment="mine")
    assert of_alarm(entry).level == "info"
    assert of_alarm(entry).text == "acknowledged by ada: Bank 1 at 101 % (mine)"


def test_a_filter_takes_level_kind_pdu_and_every_word() -> None:
    row = of_mark(mark(1, "Turn OFF outlet 3 db01 by eva: failed", "command", "warning"))
    assert Wanted(least="warning", kind="command", pdu="ats-1", text="EVA db01").fits(row)
    for other in (
        Wanted(least="critical"),
        Wanted(kind="trap"),
        Wanted(pdu="x"),
        Wanted(text="eva z"),
    ):
        assert not other.fits(row)


# -- reading it --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_paging_back_finds_everything_once_however_it_is_strewn(
    engine: FakeEngine, reader: FakeReader, alarms: FakeAlarms, clock: ManualClock, seed: int
) -> None:
    dice = random.Random(seed)
    ago = 1.0
    for n in range(3 * PAGE):
        far = dice.random() * 20_000 if dice.random() < 0.1 else 9
        ago += dice.choice((0, 0.001) if seed % 2 else (0, 0.001, 1, 60, far))
        if dice.random() < 0.3:
            one = Alarm(id=str(n), pdu="ats-1", kind="overload", level="warning", text=f"a{n}",
                        since=NOW, changed=NOW)  # fmt: skip
            when = datetime.fromtimestamp((NOW_MS - round(ago * 1000)) / 1000, UTC)
            alarms.entries.insert(0, AlarmEntry(time=when, change="raised", alarm=one))
        else:
            reader.happened.append(mark(ago, f"m{n}"))
    desk = Desk(engine, clock)
    desk.look()
    await desk.idle()
    assert len(desk.rows) < 2 * PAGE + 1, "not all at once"
    for _ in range(500):
        desk.reach(len(desk.rows) - 1)
        await desk.idle()
        if desk.complete:
            break
    expected = {m.text for m in reader.happened} | {e.alarm.text for e in alarms.entries}
    assert sorted(desk.texts()) == sorted(expected), "each once"
    times = [row.ts_ms for row in desk.rows]
    assert times == sorted(times, reverse=True)


async def test_a_filter_looks_further_back_by_itself(
    engine: FakeEngine, reader: FakeReader, alarms: FakeAlarms, clock: ManualClock
) -> None:
    reader.happened = [mark(3600 * n, f"hour {n}") for n in range(1, 900)]
    reader.happened.append(mark(30 * 86_400, "the needle"))
    desk = Desk(engine, clock)
    desk.look()
    await desk.idle()
    desk.want(Wanted(text="needle"))
    await desk.until(lambda: desk.texts() == ["the needle"])
    desk.want(Wanted(text="hay"))
    await desk.until(lambda: desk.complete and not desk.busy)
    assert desk.rows == []


async def test_what_comes_is_put_on_top_and_what_is_written_late_in_its_place(
    engine: FakeEngine, reader: FakeReader, alarms: FakeAlarms, clock: ManualClock
) -> None:
    reader.happened = [mark(100, "old"), mark(HOUR_MS / 500, "older")]
    desk = Desk(engine, clock)
    desk.look()
    await desk.idle()
    clock.advance(30)
    reader.happened += [mark(-29, "new"), mark(20, "late")]
    desk.heard()
    await desk.until(lambda: "new" in desk.texts())
    assert desk.texts() == ["new", "late", "old", "older"]
    chosen = desk.rows[2]
    clock.advance(30)
    reader.happened += [mark(-50, "newer")]
    desk.tick()
    desk.heard()
    await desk.until(lambda: desk.texts()[0] == "newer")
    assert desk.rows[desk.place_of(chosen)] == chosen
    gone = Happening(chosen.ts_ms, "nobody", "event", "info", "gone")
    assert desk.place_of(gone) == desk.place_of(chosen), "the next in time"


async def test_without_a_history_there_is_the_log_and_it_is_said(
    engine: FakeEngine, alarms: FakeAlarms, clock: ManualClock
) -> None:
    engine.log = [
        Logged(time=NOW - timedelta(minutes=n), pdu="ats-1", severity="info", text=f"line {n}")
        for n in (3, 2, 1)
    ]
    alarms.raise_("ats-1")
    desk = Desk(engine, clock)
    desk.look()
    await desk.idle()
    assert desk.texts() == ["Bank 1 at 83 % of 16 A", "line 1", "line 2", "line 3"]
    assert (desk.kept, desk.complete) == (False, True)


async def test_a_database_that_cannot_be_read_leaves_the_rest_and_is_said(
    engine: FakeEngine, reader: FakeReader, alarms: FakeAlarms, clock: ManualClock
) -> None:
    reader.trouble = "the disk is gone"
    engine.log = [Logged(time=NOW, pdu="ats-1", severity="info", text="line")]
    desk = Desk(engine, clock)
    desk.look()
    await desk.idle()
    assert "the disk is gone" in desk.trouble
    assert desk.texts() == ["line"]
    reader.trouble, reader.happened = "", [mark(5, "back")]
    clock.advance(10)
    desk.tick()
    await desk.until(lambda: not desk.trouble)
    assert "back" in desk.texts()


# -- the screen --------------------------------------------------------------------------------


async def test_the_screen_filters_follows_jumps_and_writes(
    make_app: MakeApp, engine: FakeEngine, reader: FakeReader, alarms: FakeAlarms,
    clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    reader.happened = [
        mark(20, "Turn OFF outlet 3 db01 by eva: observed", "command"),
        mark(65, "outlet 3 turned off on the device", trap=True),
        mark(70, "transferred from A to source B", "transfer", "warning"),
        mark(400, "lost: no answer", "health", "critical", pdu="rack1-a"),
        mark(86_400, "lock by ada", "command", pdu=""),
    ]
    async with make_app().run_test(size=(80, 24)) as pilot:
        app = await up(pilot)
        await pilot.press("e")
        screen = app.screen
        assert isinstance(screen, EventsScreen)
        await until_seen(pilot, lambda: len(screen.desk.rows) == 5)
        listed = panel(app, "list").splitlines()
        assert listed[1].startswith("▶14:01:51      ▼ command  ats-1   Turn OFF outlet 3 db01")
        assert "↓ trap" in listed[2]
        assert listed[4].startswith(" 13:55:31 CRIT ■ health   rack1-a lost: no answer")
        assert listed[5].startswith("─ Thu 19 Nov ─"), "another day begins"
        await pilot.press("2")
        await until_seen(pilot, lambda: len(screen.desk.rows) == 2)
        await pilot.press("t", "t", "t")
        assert "only health" in panel(app, "bar")
        await pilot.press("escape", "slash", *"eva", "enter")
        await until_seen(pilot, lambda: len(screen.desk.rows) == 1)
        await pilot.press("escape")
        await until_seen(pilot, lambda: len(screen.desk.rows) == 5)
        await pilot.press("j", "j", "g")
        await until_seen(pilot, lambda: isinstance(app.screen, HistoryScreen))
        assert isinstance(app.screen, HistoryScreen)
        assert app.screen.desk.state.cursor_ms == NOW_MS - 70_000
        await pilot.press("escape", "x", "space", "enter")
        await until_seen(pilot, lambda: list(tmp_path.glob("events*.json")))
        made = json.loads(next(tmp_path.glob("events*.json")).read_text())
        assert [row["kind"] for row in made] == [
            "command", "health", "transfer", "trap", "command"
        ]  # fmt: skip
        await until_seen(pilot, lambda: app.screen is screen)
        await pilot.press("home")
        alarms.raise_("rack1-a")
        clock.advance(1)
        screen.tick()
        await until_seen(pilot, lambda: "Bank 1 at 83 %" in panel(app, "detail"))
        await pilot.press("enter")
        await until_seen(pilot, lambda: app.screen is app.console_screen)
        assert app.console_screen.pdu == "rack1-a"
