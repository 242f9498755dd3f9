"""What fingers, held keys and pastes without a bracket can do: nothing that was not meant."""

from __future__ import annotations

from msgspec.structs import replace

from pdutui.screens import wishes
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.delay import DelayScreen
from pdutui.screens.haste import GUARD_S
from pdutui.screens.palette import _switch
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import ats_reading
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, settle, shown, text
from tests.ui.test_menu import able


async def test_a_held_y_confirms_nothing_however_long(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        for _ in range(40):
            clock.advance(0.03)
            await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []
        clock.advance(GUARD_S + 0.01)
        await pilot.press("y")
        await settle(pilot)
        assert len(engine.gate.switched) == 1, "let go and pressed once more it is meant"


async def test_a_stream_of_keys_that_ends_in_y_confirms_nothing(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for key in "flexibility":
            await pilot.press(key)
            clock.advance(0.1)
        await settle(pilot)
        assert engine.gate.switched == []


async def test_two_wishes_at_once_ask_one_question(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    """The second would lie hidden under the first, and take the y of a double tap."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app.console_screen
        screen.post_message(wishes.Wanted("ats-1", 1, "off"))
        screen.post_message(wishes.Wanted("ats-1", 3, "off"))
        screen.post_message(wishes.MenuWanted("ats-1", 3))
        await settle(pilot)
        assert len(app.screen_stack) == 2
        clock.advance(1)
        await pilot.press("y", "y")
        await settle(pilot)
        assert [intent.outlet for intent, _, _ in engine.gate.switched] == [1]
        assert app.screen is screen


async def test_keys_typed_ahead_fall_through_menu_and_delay_and_no_further(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    able(engine, actions=frozenset({"delayed_off"}), takes_delay=True)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c", "1", "enter", "y", "y")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("c", "enter")
        await settle(pilot)
        assert isinstance(app.screen, DelayScreen)
        await pilot.press(*["enter"] * 4)
        await settle(pilot)
        assert engine.gate.switched == []


async def test_a_name_that_is_wanted_only_now_is_asked_for_by_a_new_question(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        view = engine.views["ats-1"]
        engine.views["ats-1"] = replace(view, info=replace(view.info, protected=frozenset({1})))
        engine.become("ats-1", "live")
        await settle(pilot)
        assert "close this and ask anew" in " ".join(text(app).replace("│", " ").split())
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == []
        assert isinstance(app.screen, ConfirmScreen)


async def test_the_palette_switches_the_outlet_that_it_names_or_none(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    """The cursor goes to the first outlet when its own is gone: that one was not named."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.console_screen.select(5)
        run = _switch(app, "ats-1", 5, "off")
        reading = ats_reading(time=clock.now())
        gone = tuple(o for o in reading.outlets if o.number != 5)
        engine.read(replace(reading, outlets=gone))
        run()
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "Not switched: outlet 5" in shown(app, "events")
        assert [intent.outlet for intent, _ in engine.gate.refused] == [5]


async def test_over_a_question_there_is_no_palette(make_app: MakeApp) -> None:
    """Its sequences would lay a second question over the first."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)


async def test_an_end_on_another_pdu_says_which(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.outcome = "unconfirmed"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        other = next(name for name in engine.pdus if name != "ats-1")
        await pilot.press("f")
        clock.advance(1)
        app.console_screen.go(other)
        await pilot.press("y")
        await settle(pilot)
        said = shown(app, "events")
        assert "ats-1 outlet 1 core-sw-1: off unconfirmed" in said


async def test_a_cursor_that_moved_because_its_outlet_went_switches_nothing_at_first(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.console_screen.select(5)
        reading = ats_reading(time=clock.now())
        gone = tuple(o for o in reading.outlets if o.number != 5)
        engine.read(replace(reading, outlets=gone))
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "Outlet 5 is gone; the cursor is on outlet 6 now" in shown(app, "events")
        await pilot.press("f")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen), "now it is meant"
