"""The fleet screen at work: keys, mouse, filter, alarms, and the way to a PDU and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec import structs
from textual.events import Click
from textual.pilot import Pilot
from textual.strip import Strip

from pdutui.app import PduApp
from pdutui.domain.commands import Actor
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.fleet import FleetRow
from pdutui.engine.events import EngineEvent, HealthChanged
from pdutui.engine.view import PduInfo
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.pdu import PduScreen
from pdutui.settings import AlarmSettings, PduSettings, Settings, UiSettings
from pdutui.widgets.fleet_pane import FleetPane
from pdutui.widgets.line import Line
from tests.support.clock import ManualClock
from tests.support.fake_alarms import FakeAlarms
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import px_reading

ACTOR = Actor(user="ada", origin="console")
Room = tuple[FakeEngine, PduApp]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def room(clock: ManualClock, tmp_path: Path) -> Callable[..., Room]:
    """An app on the fleet screen with some PDUs, `p00` first."""

    def make(count: int = 40, **ui: object) -> Room:
        names = [f"p{n:02d}" for n in range(count)]
        infos = [
            PduInfo(name=name, address="mock", feed="AB"[n % 2], location=f"Row 1 / Rack {n // 2}")
            for n, name in enumerate(names)
        ]
        engine = FakeEngine(clock, infos)
        for name in names:
            engine.read(px_reading(name, clock.now(), 4))
        settings = Settings(
            state_dir=tmp_path,
            ui=UiSettings(**{"color": "truecolor", "glyphs": "unicode", "start": "fleet", **ui}),  # type: ignore[arg-type]
            pdus=tuple(PduSettings(name=name, host="192.0.2.1") for name in names),
        )
        return engine, PduApp(engine, settings, clock=clock, actor=ACTOR, env={})

    return make


async def up(pilot: Pilot[int]) -> FleetScreen:
    for _ in range(20):
        await pilot.pause()
        if isinstance(pilot.app.screen, FleetScreen):
            return pilot.app.screen
    raise AssertionError("the fleet did not come up")


def lines(screen: FleetScreen, name: str = "list") -> list[str]:
    return [strip.text for strip in cast("FleetPane", screen.query_one(f"#{name}"))._drawn]


async def test_it_opens_where_the_configuration_says_so_and_leads_to_a_pdu_and_back(
    room: Callable[..., Room],
) -> None:
    _, app = room()
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, PduScreen)
        assert app.console_screen.pdu == "p02"
        await pilot.press("0")
        again = await up(pilot)
        assert again is not screen
        await pilot.press("0")
        await pilot.pause()
        assert app.screen is app.console_screen
        assert len(app.live_screens()) == 1


async def test_the_cursor_goes_by_rows_pages_and_ends(room: Callable[..., Room]) -> None:
    _, app = room()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await up(pilot)
        desk = screen.desk
        for keys, name in (
            (["j"], "p01"), (["k", "k"], "p00"), (["pagedown"], "p19"), (["end"], "p39"),
            (["down"], "p39"), (["pageup"], "p20"), (["home"], "p00"), (["left"], "p00"),
        ):  # fmt: skip
            await pilot.press(*keys)
            assert desk.cursor == name, keys
            assert any(line.startswith(f"▶{name}") for line in lines(screen)), keys


async def test_the_mouse_picks_wheels_and_opens(room: Callable[..., Room]) -> None:
    _, app = room()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await up(pilot)
        pane = screen.query_one(FleetPane)
        await pilot.click(pane, offset=(5, 4))
        assert screen.desk.cursor == "p03"
        await pilot.click(pane, offset=(5, 0))
        assert screen.desk.cursor == "p03", "a heading is no PDU"
        screen.post_message(FleetPane.Wheeled(1))
        await pilot.pause()
        assert screen.desk.cursor == "p06"
        await pilot.click(pane, offset=(5, 2), times=2)
        await pilot.pause()
        assert app.screen is app.console_screen
        assert app.console_screen.pdu == "p01"


async def test_cards_are_a_grid_for_the_keys(room: Callable[..., Room]) -> None:
    _, app = room(6)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        assert screen.view == "cards"
        await pilot.press("right")
        assert screen.desk.cursor == "p01"
        await pilot.press("down")
        assert screen.desk.cursor == "p04"
        await pilot.press("t")
        assert screen.view == "list"
        await pilot.press("down")
        assert screen.desk.cursor == "p05"
        await pilot.press("left")
        assert screen.desk.cursor == "p05"


async def test_a_filter_is_followed_as_it_is_typed_and_esc_goes_back_step_by_step(
    room: Callable[..., Room],
) -> None:
    engine, app = room()
    engine.become("p07", "lost", "no answer")
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        await pilot.press("slash", *"lost")
        assert screen.desk.names == ["p07"]
        assert "1 with lost" in lines(screen, "bar")[0]
        await pilot.press("enter", "slash", "x")
        assert screen.desk.names == []
        assert any("No PDU fits lostx" in line for line in lines(screen))
        await pilot.press("enter")
        assert app.screen is screen
        await pilot.press("escape")
        assert len(screen.desk.names) == 40
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.console_screen


async def test_groups_and_orders_come_in_turn(room: Callable[..., Room]) -> None:
    _, app = room(4, group="feed")
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await up(pilot)
        await pilot.press("t")
        assert any("feed A" in line and "5.2 kW" in line for line in lines(screen))
        await pilot.press("G")
        assert screen.desk.arrangement.grouping == "none"
        await pilot.press("G", "G")
        assert [s.title for s in screen.desk.arrangement.sections] == [
            "Row 1", "Row 1 / Rack 0", "Row 1 / Rack 1",
        ]  # fmt: skip
        for order in ("percent", "power", "name", "location", "worst"):
            await screen.run_action("sort")
            assert screen.desk.arrangement.order == order


async def test_a_critical_alarm_goes_up_at_once_and_the_cursor_stays_on_its_pdu(
    room: Callable[..., Room], clock: ManualClock
) -> None:
    engine, app = room()
    alarms = FakeAlarms(engine)
    engine.alarms = alarms
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await up(pilot)
        await pilot.press("pagedown", "pagedown", "up", "up")
        cursor = screen.desk.cursor
        assert cursor == "p36"
        at = next(y for y, line in enumerate(lines(screen)) if line.startswith("▶"))
        alarms.raise_("p39", level="critical")
        await pilot.pause(0.3)
        assert screen.desk.names[0] == "p39"
        assert screen.desk.cursor == cursor
        after = next(y for y, line in enumerate(lines(screen)) if line.startswith("▶"))
        assert after == at, "the line with the cursor does not move"
        assert screen.desk.rows["p39"].critical == 1


async def test_a_key_and_a_click_are_for_what_was_seen_when_rows_change_places(
    room: Callable[..., Room], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, app = room()
    alarms = FakeAlarms(engine)
    engine.alarms = alarms
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await up(pilot)
        pane = screen.query_one(FleetPane)
        clock.advance(60)

        def rise(pdu: str) -> None:
            """A critical alarm takes a PDU to the top."""
            alarms.raise_(pdu, level="critical")
            screen.tick()
            assert screen.desk.names[0] == pdu
            assert screen.desk.cursor == pdu, "the cursor is on the first, whichever that becomes"

        rise("p09")
        assert screen.desk.meant == "p00"
        assert screen.looked_at == ("p00", "")
        clock.advance(1.0)
        assert screen.desk.meant == "p09", "by now it has been seen"
        rise("p08")
        await pilot.press("j", "k")
        assert screen.desk.meant == "p08", "who moves has seen it"
        await pilot.press("home")

        # A click on what stood there a moment ago; the second one of two goes with the first.
        clock.advance(1.0)
        rise("p07")
        await pilot.click(pane, offset=(5, 1))
        assert screen.desk.cursor == "p08"
        clock.advance(5.0)
        await pilot.press("home")
        clock.advance(5.0)
        await pilot.click(pane, offset=(5, 1))
        assert screen.desk.cursor == "p07"
        await pilot.press("home")
        clock.advance(5.0)
        rise("p06")
        clock.advance(1.0)
        picked: list[tuple[str, bool]] = []
        with monkeypatch.context() as patch:
            patch.setattr(pane, "post_message", lambda m: picked.append((m.pdu, m.twice)))
            pane.on_click(cast("Click", SimpleNamespace(x=5, y=1, chain=1)))
            alarms.raise_("p04", level="critical")
            screen.tick()
            clock.advance(1.0)
            pane.on_click(cast("Click", SimpleNamespace(x=5, y=1, chain=2)))
        assert picked == [("p06", False), ("p06", True)]
        await pilot.press("home")
        clock.advance(5.0)
        rise("p03")
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is app.console_screen
        assert app.console_screen.pdu == "p04"


async def test_many_news_are_drawn_as_one_and_never_without_rest(
    room: Callable[..., Room], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, app = room(20)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        waits: list[float] = []
        monkeypatch.setattr(screen, "set_timer", lambda wait_s, _: waits.append(wait_s))
        looked: list[int] = []

        def look() -> None:
            looked.append(1)
            clock.advance(0.1)  # a slow machine

        monkeypatch.setattr(screen, "_passed", look)
        late = [HealthChanged(pdu=pdu, health="late", detail="") for pdu in engine.pdus]
        for event in late:
            screen.news(event)
        assert (len(waits), looked) == (1, [])
        screen._draw_soon()
        for event in late:
            screen.news(event)
        assert len(looked) == 1
        assert waits == [0.2, pytest.approx(0.9)]
        screen._due = False  # a second has passed, and drawn it
        screen._draw_soon()
        assert len(looked) == 1


async def test_stale_rows_say_their_age_and_lost_ones_since_when(
    room: Callable[..., Room], clock: ManualClock
) -> None:
    engine, app = room(3)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        await pilot.press("t")
        engine.become("p01", "lost", "no answer within 2 s")
        clock.advance(65)
        for name in ("p00", "p02"):
            engine.read(px_reading(name, clock.now(), 4))
        screen.tick()
        found = next(line for line in lines(screen) if "p01" in line)
        assert "▲ lost 1m05s" in found
        assert "since 14:02:11, no answer within 2 s" in found
        assert "5.2 kW of 2/3" in lines(screen, "bar")[0]
        assert "1 lost" in lines(screen, "bar")[0]


async def test_a_reading_is_drawn_with_the_next_second_and_not_by_itself(
    room: Callable[..., Room], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, app = room(20)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        drawn: list[int] = []
        monkeypatch.setattr(screen, "update", lambda: drawn.append(1))
        for _ in range(5):
            for name in engine.pdus:
                engine.read(px_reading(name, clock.now(), 4))
            await pilot.pause()
        assert len(drawn) <= 1, "but for the second that may have passed meanwhile"
        assert not screen._due, "nor is it soon"


async def test_another_source_stands_in_and_goes_again(room: Callable[..., Room]) -> None:
    """What a what-if does: rows of its own, a line above them, sorted at once."""
    _, app = room(30)

    class Dark:
        def __init__(self, rows: Sequence[FleetRow]) -> None:
            self._rows = rows

        def hear(self, event: EngineEvent) -> None: ...

        def refresh(self) -> None: ...

        def rows(self) -> Sequence[FleetRow]:
            return self._rows

        def trend(self, pdu: str) -> tuple[Sequence[float | None], int]:
            return [None] * 60, 0

    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        made = [FleetRow(pdu=name, health="live", age_s=0.0, estimated=True) for name in app.pdus]
        made[20] = FleetRow(pdu="p20", health="live", age_s=0.0, estimated=True, dark=True)

        def over(width: int) -> Strip:
            return Line(screen.inks, width).add("WHAT IF feed A is lost", "badge-replay").strip()

        screen.wear_source(Dark(made), over)
        await pilot.pause()
        assert not screen.is_live
        assert lines(screen, "over")[0].startswith("WHAT IF feed A is lost")
        assert "▲ dark" in lines(screen)[1]
        assert "p20" in lines(screen)[1]
        assert "estimated" in lines(screen)[2]
        screen.wear_live()
        await pilot.pause()
        assert screen.is_live
        assert screen.query_one("#over").region.height == 0
        assert "live" in lines(screen)[1]


async def test_what_was_chosen_is_there_when_it_is_opened_again(room: Callable[..., Room]) -> None:
    _, app = room()
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        screen.filter_by("rack 1")
        await pilot.press("s", "G", "end", "enter")
        await pilot.pause()
        assert app.console_screen.pdu == "p39"
        await pilot.press("0")
        again = await up(pilot)
        shown = again.desk.arrangement
        assert (shown.order, shown.grouping, shown.text) == ("percent", "location", "rack 1")
        assert again.desk.cursor == "p39"
        assert "with rack 1" in lines(again, "bar")[0]


async def test_it_goes_by_the_configuration_that_is_in_force(room: Callable[..., Room]) -> None:
    """px_reading is at 38 %: nothing is wrong with it until the limit is lower."""
    _, app = room(4)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        cord = MappedCord(device="p03", pdu="p02", outlet=1)
        app.settings = structs.replace(
            app.settings, cords=(cord,), alarms=AlarmSettings(warning_percent=30.0)
        )
        screen.tick()
        assert screen.desk.arrangement.limits.warning == 30.0
        assert "7.7 kW" in lines(screen, "bar")[0], "p03 hangs on p02 now"


async def test_no_size_breaks_it(room: Callable[..., Room]) -> None:
    _, app = room(7, group="rack")
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        for size in ((1, 1), (20, 5), (300, 100), (50, 120)):
            await pilot.resize_terminal(*size)
            for action in ("row(1)", "view", "page(1)", "view"):
                await screen.run_action(action)
        assert app.screen is screen
