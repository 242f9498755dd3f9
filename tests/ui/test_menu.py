"""The command menu: all that a device can do, nothing that it cannot, and a question for each."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.delay import DelayScreen
from pdutui.screens.menu import CommandMenu
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, settle, text


def able(engine: FakeEngine, **info: object) -> None:
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(view, info=replace(view.info, **info))


async def test_what_a_device_cannot_do_is_not_in_the_list(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    able(engine, actions=frozenset({"on", "off", "identify"}), pdu_actions=frozenset({"all_off"}))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert isinstance(app.screen, CommandMenu)
        said = text(app)
        for words in ("Turn on", "Turn off", "Identify", "Turn ALL outlets off"):
            assert words in said
        for words in ("after a delay", "Cancel the pending", "Prefer source", "Reboot ALL"):
            assert words not in said


async def test_enter_in_the_list_only_asks(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    able(engine, actions=frozenset({"on", "off"}))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []
        await pilot.press("enter")
        await settle(pilot)
        assert engine.gate.switched == []
        assert engine.gate.refused[0][0].action == "off"


async def test_what_picks_an_entry_never_confirms_it(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    able(engine, actions=frozenset({"on", "off"}))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.wear_keys({"dialog.yes": ("1", "Y")})
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("1")
        clock.advance(0.3)
        await pilot.press("1")
        await settle(pilot)
        assert isinstance(app.screen, CommandMenu), "1 is what says yes, and picks nothing"
        await pilot.press("2")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_no_button_is_called_cancel_that_cancels_nothing(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    able(engine, actions=frozenset({"cancel"}))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c", "enter")
        await settle(pilot)
        assert "[ Leave it pending ]   y Cancel command" in text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert engine.gate.switched == []


async def test_a_device_that_takes_a_delay_is_given_one(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    able(engine, actions=frozenset({"delayed_off"}), takes_delay=True)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c", "1")
        await settle(pilot)
        assert isinstance(app.screen, DelayScreen)
        await pilot.press("backspace", "backspace", "9", "0", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        [(intent, _, _)] = engine.gate.switched
        assert (intent.action, intent.delay_s) == ("delayed_off", 90)


async def test_read_only_has_no_commands_and_says_why(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    able(engine, actions=frozenset({"on"}), read_only=True, read_only_reason="the program runs ro")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "No commands: the program runs ro" in text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 12)])
async def test_the_list_can_be_walked_at_any_size(
    make_app: MakeApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    able(
        engine,
        actions=frozenset({"on", "off", "reboot", "delayed_on", "delayed_off", "cancel"}),
        pdu_actions=frozenset({"all_on", "all_off", "all_reboot", "all_cancel", "prefer_b"}),
    )
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("c", "end")
        await settle(pilot)
        assert "Cancel all pending" in text(app)
        await pilot.press("home")
        await settle(pilot)
        assert "Turn on" in text(app)


async def test_no_key_is_offered_that_a_dialog_takes(make_app: MakeApp, engine: FakeEngine) -> None:
    able(engine, actions=frozenset({"on", "off"}))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "toggle" in text(app)
        await pilot.press("c")
        await settle(pilot)
        assert "toggle" not in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "toggle" in text(app)
