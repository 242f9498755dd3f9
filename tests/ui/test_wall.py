"""The console on a wall: pages in turn, alarms at once, and no key that does anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from msgspec import structs
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from pdutui.app import PduApp
from pdutui.domain.alarm import Alarm
from pdutui.domain.fleet_groups import Totals
from pdutui.engine.events import SettingsChanged
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.live import LiveScreen
from pdutui.screens.wall_desk import DEAD_AFTER_S
from pdutui.screens.wall_pages import HELP_S, StoppedScreen, WallHelp
from pdutui.screens.wall_tour import PAUSE_S, Page, Tour
from pdutui.settings import KioskSettings
from pdutui.widgets.alarm_counts import standing
from pdutui.widgets.big import big, big_width
from pdutui.widgets.wall_band import fit
from pdutui.widgets.wall_figures import fleet_figures
from tests.support.clock import ManualClock
from tests.support.fake_alarms import FakeAlarms, with_alarms
from tests.support.fake_engine import FakeEngine, StoreStatus, TrapState
from tests.ui.conftest import MakeApp

HARMLESS = frozenset(
    {"app.door('fleet')", "app.door('alarms')", "app.door('events')", "app.wall('pause')",
     "app.wall('next')", "app.wall('previous')", "app.wall('help')", "app.repaint", "open", "back",
     "pairs", "go", "turn"}
)  # fmt: skip
"""What a wall does, beside moving about."""
MOVES = ("move(", "row(", "rack(", "side(", "edge(", "page(", "pane(", "pdu(", "level(")


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Wall:
    """A kiosk under a pilot; time passes only by `after`."""

    def __init__(self, pilot: Pilot[int], clock: ManualClock) -> None:
        assert isinstance(pilot.app, PduApp)
        self.pilot, self.app, self.clock = pilot, pilot.app, clock

    async def until(self, so: Callable[[], object]) -> None:
        for _ in range(400):
            await self.pilot.pause()
            if so():
                return
            await asyncio.sleep(0.002)
        raise AssertionError(f"it does not come: {self.foot!r}")

    async def after(self, seconds: float) -> None:
        """So much later, looked at each second."""
        assert self.app.wall is not None
        whole = int(seconds)
        for step in [1.0] * whole + [seconds - whole]:
            self.clock.advance(step)
            self.app.wall.tick()
        await self.pilot.pause()
        await self.pilot.pause()

    @property
    def top(self) -> LiveScreen:
        return self.app.live_screens()[-1]

    @property
    def page(self) -> str:
        return self.top.DOOR or self.app.console_screen.pdu

    def text(self, name: str) -> str:
        widget = self.top.query_one(f"#{name}", Widget)
        rows = range(widget.size.height)
        return "\n".join(widget.render_line(y).text.rstrip() for y in rows)

    @property
    def foot(self) -> str:
        return self.text("wall-foot") if self.top.query("#wall-foot") else ""


OpenWall = Callable[..., "asynccontextmanager[Wall]"]


@pytest.fixture
def alarms(engine: FakeEngine) -> FakeAlarms:
    return with_alarms(engine)


@asynccontextmanager
async def wall(
    make_app: MakeApp, clock: ManualClock, *, size: tuple[int, int] = (80, 24), **kiosk: object
) -> AsyncIterator[Wall]:
    app = make_app(kiosk=KioskSettings(on=True, **kiosk))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        found = Wall(pilot, clock)
        await found.until(lambda: app.wall is not None and found.foot)
        yield found


async def test_pages_come_in_turn_and_the_foot_says_which(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    async with wall(make_app, clock, pages=("fleet", "pairs", "pdus", "pdu:none*")) as it:
        seen = []
        for number in range(1, 7):
            seen.append(it.page)
            await it.until(lambda n=number: f"{(n - 1) % 5 + 1}/5 · next in 20 s" in it.foot)
            await it.after(20)
        assert seen == ["fleet", "pairs", *engine.pdus, "fleet"]
        assert len(it.app.screen_stack) == 2
        for name, view in engine.views.items():
            engine.views[name] = structs.replace(view, info=structs.replace(view.info, feed=None))
        await it.after(13)
        assert it.page == "ats-1", "there are no racks left with two feeds"
        assert "ats-1 · 2/4 · next in 7 s" in it.foot


async def test_a_person_may_look_around_and_the_wall_goes_on(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    async with wall(make_app, clock, pages=("pdus",)) as it:
        first, second, *_ = engine.pdus
        await it.until(lambda: it.page == first)
        await it.pilot.press("n")
        assert it.page == second
        await it.pilot.press("p")
        assert it.page == first
        await it.after(19)
        await it.pilot.press("0")
        await it.after(19)
        assert it.page == "fleet", "what somebody looks at stays its time"
        assert "1/" not in it.foot, "it is no page of the round"
        await it.after(1)
        assert it.page == second
        await it.pilot.press("space")
        await it.until(lambda: "PAUSED" in it.foot and "goes on in 15 min" in it.foot)
        await it.after(PAUSE_S - 1)
        assert it.page == second
        await it.after(21)
        assert it.page not in (first, second), "nobody has to come back to it"


async def test_the_round_begins_with_its_first_page(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    async with wall(make_app, clock, pages=("pdu:rack1-b", "fleet")) as it:
        await it.until(lambda: "1/2" in it.foot)
        assert it.page == "rack1-b", "not the fleet, which stands there until the round is known"


async def test_a_page_alone_is_come_back_to(make_app: MakeApp, clock: ManualClock) -> None:
    async with wall(make_app, clock, pages=("fleet",)) as it:
        await it.until(lambda: it.page == "fleet")
        assert "next in" not in it.foot
        await it.until(lambda: "pause" not in it.foot)  # there is nothing that could be stopped
        await it.pilot.press("A")
        assert it.page == "alarms"
        await it.after(1)
        assert "pause" in it.foot
        await it.after(19)
        assert it.page == "fleet"


async def test_an_alarm_is_shown_at_once_one_after_the_other_and_never_left_earlier(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, alarms: FakeAlarms
) -> None:
    async with wall(make_app, clock, pages=("fleet", "events"), every_s=50.0, jump_s=30.0) as it:
        await it.until(lambda: it.page == "fleet")
        alarms.raise_("rack1-a", "overload", "warning", "Bank 1 at 83 % of 16 A")
        await it.after(1)
        assert it.page == "fleet", "a warning is no reason to go anywhere"
        alarms.raise_("ats-1", "source_lost", "critical", "source B lost", part="source.B")
        await it.until(lambda: it.page == "ats-1")
        alarms.raise_("rack1-a", "outlet_no_load", "critical", "0 W", part="outlet.3")
        gone = alarms.raise_("rack1-b", "pdu_lost", "critical", "lost", part="")
        await it.after(1)
        assert "ALARM" in it.foot
        assert "2 more after it" in it.foot
        alarms.drop(gone)
        await it.after(28)
        assert it.page == "ats-1"
        assert "ALARM  ats-1" in it.foot
        await it.after(1)
        assert it.page == "rack1-a"
        assert it.app.console_screen.scene.cursor == 3
        await it.after(30)
        assert it.page == "fleet", "what was seen to meanwhile is not shown"
        assert "next in 50 s" in it.foot


async def test_what_is_over_is_no_alarm_any_more_and_many_are_shown_together(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, alarms: FakeAlarms
) -> None:
    async with wall(make_app, clock, pages=("fleet", "events"), every_s=50.0, jump_s=5.0) as it:
        first = alarms.raise_("ats-1", "source_lost", "critical", "source B lost", part="source.B")
        await it.until(lambda: it.page == "ats-1")
        brief = alarms.raise_("rack1-a", "pdu_lost", "critical", "lost", part="")
        alarms.over(first)
        alarms.over(brief)
        await it.after(4)
        assert it.page == "ats-1", "who saw it come is to see that it is over"
        assert "ALARM OVER  ats-1" in it.foot
        await it.after(1)
        assert it.page == "fleet", "what was over before its turn is in the list alone"
        alarms.raise_("rack1-b", "pdu_lost", "critical", "lost", part="")
        await it.until(lambda: it.page == "rack1-b")
        for n in range(6):
            alarms.raise_(f"rack{n}", "pdu_lost", "critical", "lost", part="")
        await it.after(1)
        assert "1 more after it" in it.foot
        await it.after(4)
        assert it.page == "alarms", "nobody waits an hour for the last of them"
        assert "ALARM  alarms" in it.foot
        alarms.raise_("rack1-a", "pdu_lost", "critical", "lost", part="")
        await it.after(5)
        assert it.page == "rack1-a"


def test_every_alarm_has_its_whole_time_and_those_of_no_pdu_are_shown_too() -> None:
    tour, settings = Tour(0.0), KioskSettings(on=True, every_s=20.0, jump_s=30.0)
    pages = (Page(door="fleet"), Page(door="events"))

    def at(now_s: float, settings: KioskSettings = settings) -> tuple[str, str]:
        page = tour.turn(now_s, pages, settings, lambda _: True)
        return page.name, tour.jump.part if tour.jump is not None else ""

    def alarm(pdu: str, part: str) -> None:
        tour.heard(Alarm(id=f"{pdu}{part}", pdu=pdu, kind="overload", part=part, level="critical",
                         text="over", since=NOON, changed=NOON))  # fmt: skip

    assert at(0) == ("fleet", "")
    alarm("a", "bank.1")
    assert at(1) == ("a", "bank.1")
    alarm("a", "bank.2")
    assert at(30) == ("a", "bank.2"), "at once, where nothing else waits"
    alarm("b", "bank.1")
    alarm("a", "outlet.3")
    assert at(59) == ("a", "bank.2"), "it is not left sooner for a newer one"
    assert at(60) == ("b", "bank.1")
    assert at(90) == ("a", "outlet.3")
    assert at(120) == ("fleet", "")
    alarm("", "group.web")
    assert at(121) == ("alarms", "group.web")
    alarm("a", "bank.1")
    assert at(122, structs.replace(settings, jump=False)) == ("alarms", "group.web")
    assert at(152) == ("fleet", ""), "the round was to be left alone"


def test_acknowledged_and_past_alarms_are_no_all_is_well() -> None:
    crit = Alarm(id="x", pdu="", kind="energy_budget", level="critical", text="", since=NOON,
                 changed=NOON)  # fmt: skip

    def said(*alarms: Alarm) -> tuple[str, str, str]:
        figure = fleet_figures(Totals(count=1), standing(alarms), NOON)[1]
        return figure.text, figure.ink, figure.label

    assert said() == ("0", "fine", "no critical alarm")
    for off, words in ((False, "alarms not known"), (True, "alarms are off")):
        stands = structs.replace(standing([]), unjudged="why", off=off)
        figure = fleet_figures(Totals(count=1), stands, NOON)[1]
        assert (figure.text, figure.ink, figure.label) == ("-", "unknown", words)
    assert said(crit) == ("1", "critical", "critical alarms"), "that of no PDU counts too"
    quiet = structs.replace(crit, silenced_until=NOON)
    assert said(quiet) == ("0", "text", "critical, 1 quiet")
    assert said(structs.replace(crit, over=NOON)) == ("1", "warning", "critical, over")
    many = [structs.replace(crit, id=str(n)) for n in range(100)]
    figure = fleet_figures(Totals(count=1), standing(many), NOON)[1]
    assert big_width(figure.text) <= big_width(figure.widest)


async def test_nothing_is_bound_that_does_anything(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, alarms: FakeAlarms
) -> None:
    alarms.raise_("rack1-a", "overload", "critical", "Bank 1 at 103 % of 16 A")
    async with wall(make_app, clock, pages=("fleet", "alarms", "events", "pdus")) as it:
        assert not it.app._bindings.key_to_bindings
        keys = ["o", "c", "x", "a", "L", "t", "v", "q", "P", "colon", "slash", "S", "1", "ctrl+q",
                "ctrl+c", "ctrl+z", "ctrl+backslash", "ctrl+p", "ctrl+r", "enter"]  # fmt: skip
        for _ in range(4):
            await it.pilot.press("n")
            found = it.top._bindings.key_to_bindings
            actions = {binding.action for each in found.values() for binding in each}
            wrong = {a for a in actions - HARMLESS if not a.startswith(MOVES)}
            assert not wrong, it.page
            assert {"ctrl+q", "ctrl+c", "ctrl+p"}.isdisjoint(found), it.page
        assert it.page in engine.pdus or it.page == "fleet"
        await it.pilot.press(*keys)
        assert all(isinstance(screen, LiveScreen) for screen in it.app.screen_stack)
        assert len(it.app.screen_stack) <= 2
        assert not it.app.leaving
        assert not engine.gate.switched
        assert not engine.gate.refused
        assert not alarms.asked
        assert not engine.names


async def test_what_is_typed_behind_a_key_waits_for_the_screen_that_it_opens(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    """Until it is there it has no panels, and what a wall has taken of its keys is still bound."""
    async with wall(make_app, clock, pages=("pdu:ats-1",), every_s=3600.0) as it:
        app, opened = it.app, []

        async def typed(key: str) -> None:
            event = events.Key(key, None)
            event._set_forwarded()
            await app.on_event(event)

        async def at_once() -> None:
            app.action_door("fleet")
            opened.append(app.screen.is_mounted)
            for key in ("w", "S", "down", "end", "enter"):
                await typed(key)

        app.call_later(at_once)
        await it.until(lambda: opened and not it.top.DOOR)
        assert opened == [False]
        assert it.page == engine.pdus[-1], "it went to the last row and opened that"
        assert len(app.screen_stack) == 1


async def test_the_keys_go_away_by_themselves(make_app: MakeApp, clock: ManualClock) -> None:
    async with wall(make_app, clock, pages=("fleet", "pdus")) as it:
        await it.until(lambda: it.page == "fleet")
        await it.pilot.press("question_mark")
        assert isinstance(it.app.screen, WallHelp)
        await it.until(lambda: "the next page" in it.text("list"))
        assert "no key ends it" in " ".join(it.text("list").split())
        await it.after(HELP_S - 1)
        assert isinstance(it.app.screen, WallHelp), "no page takes its place"
        await it.after(1)
        assert it.page == "fleet"


async def test_old_figures_never_look_like_new_ones(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, alarms: FakeAlarms
) -> None:
    alarms.raise_("rack1-a", "overload", "critical", "Bank 1 at 103 % of 16 A")
    async with wall(make_app, clock, pages=("pdus",)) as it:
        await it.after(3)
        engine.stuck_s = clock.monotonic()
        since = clock.now()
        await it.after(DEAD_AFTER_S - 1)
        assert not isinstance(it.app.screen, StoppedScreen)
        await it.after(2)
        assert isinstance(it.app.screen, StoppedScreen)
        await it.until(lambda: "NOT UPDATED SINCE" in it.text("list"))
        said = it.text("list")
        assert (
            f"{since:%H:%M:%S}" in said
            or f"{since.replace(second=since.second - 1):%H:%M:%S}" in said
        )
        assert not it.top.query("#alarm"), "nor is anything said of alarms"
        await it.pilot.press("n", "question_mark", "escape", "0")
        assert isinstance(it.app.screen, StoppedScreen)
        engine.stuck_s = None
        await it.after(1)
        assert it.page == engine.pdus[0]
        assert "next in" in it.foot


async def test_a_machine_that_slept_is_given_time_to_wake_up(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    async with wall(make_app, clock, pages=("pdus",)) as it:
        engine.stuck_s = clock.monotonic()
        clock.advance(3600)
        assert it.app.wall is not None
        it.app.wall.tick()
        assert not isinstance(it.app.screen, StoppedScreen)


async def test_what_is_wrong_with_the_console_itself_stays_in_sight(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, alarms: FakeAlarms
) -> None:
    async with wall(make_app, clock, size=(120, 24), pages=("fleet", "pdus")) as it:
        engine.store_status = StoreStatus(ok=False, detail="disk full")
        engine.trap_status = TrapState(problem="port 1162 is taken")
        alarms.problem = "the directory cannot be written"
        engine.tell(SettingsChanged(text="not taken: line 3", taken=False))
        await it.pilot.pause()
        await it.after(1)
        for _ in range(2):
            for word in ("ALARM TROUBLE", "HISTORY NOT WRITTEN", "CONFIGURATION NOT TAKEN",
                         "TRAPS NOT HEARD"):  # fmt: skip
                assert word in it.foot
            await it.after(20)
        engine.tell(SettingsChanged(text="in force", taken=True))
        engine.store_status, engine.trap_status = StoreStatus(), None
        await it.pilot.pause()
        await it.after(1)
        assert "the directory cannot be written" in it.foot
        assert "CONFIGURATION" not in it.foot
        alarms.problem = ""
        alarms.raise_("", "clock_off", "warning", "the clock jumped by 40 s", part="")
        await it.after(1)
        assert "CLOCK OFF" in it.foot


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 100), (300, 100), (40, 10)])
async def test_large_figures_where_there_is_room(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine, size: tuple[int, int]
) -> None:
    width, height = size
    async with wall(make_app, clock, size=size, pages=("fleet", "pdus")) as it:
        for _ in range(2):
            await it.after(1)
            regions = [w.region for w in it.top.children if w.region and w.region.height]
            assert sum(r.area for r in regions) <= width * height
            assert max(r.bottom for r in regions) == height
            band = it.top.query_one("#wall-band").region
            assert bool(band.height) == (height >= 36)
            if band.height:
                assert band.y == 1
                assert "██" in it.text("wall-band")
                assert "~" not in it.text("wall-band"), "nothing is cut"
                assert band.height <= height * 3 / 8
            await it.pilot.press("n")
            await it.pilot.pause()
        if height == 100:
            engine.become(it.page, "lost", "no answer")
            await it.after(1)
            assert "LOST" in it.text("wall-band")
            it.app.settings = structs.replace(
                it.app.settings, kiosk=structs.replace(it.app.settings.kiosk, big=False)
            )
            await it.after(1)
            assert it.top.query_one("#wall-band").region.height == 0


async def test_the_large_figures_of_the_fleet_say_what_its_top_line_says(
    make_app: MakeApp, clock: ManualClock, engine: FakeEngine
) -> None:
    async with wall(make_app, clock, size=(120, 40), pages=("fleet",)) as it:
        await it.until(lambda: it.page == "fleet" and "█" in it.text("wall-band"))
        before = it.text("wall-band")
        reading = engine.views["rack1-a"].reading
        assert reading is not None
        inlet = structs.replace(reading.inlets[0], power_w=9_000.0)
        engine.read(structs.replace(reading, inlets=(inlet, *reading.inlets[1:])))
        await it.pilot.pause()
        screen = it.top
        assert isinstance(screen, FleetScreen)
        screen.desk.look()
        assert it.text("wall-band") == before, "nothing was drawn yet"
        screen.update()
        await it.pilot.pause()
        drawn = big(f"{screen.totals.power_w / 1000:.1f}kW", it.app.glyphs, across=2)
        assert f"{screen.totals.power_w / 1000:.1f} kW" in it.text("bar")
        assert all(row.rstrip() in it.text("wall-band") for row in drawn)


def test_what_is_not_vital_has_rows_of_its_own_only_where_it_fills_them() -> None:
    needs = (("88.8kW", True), ("100%", True), ("88.8A", False), ("88:88", False))
    found = fit(needs, 160, 16)
    assert found is not None
    assert [index for index, _, _ in found.places] == [0, 1, 2], "the clock is in the top line too"
    high = fit(needs, 60, 37)
    assert high is not None
    assert {line for _, _, line in high.places} == {0, 1, 2, 3}
