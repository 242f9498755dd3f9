"""Keys as a tired hand strikes them: at random, in bursts, at any size, while the past misbehaves.

Nothing may end the console, nothing may be switched or asked from under a chart or a replay, and a
replay is always marked as one.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from textual import events

from pdutui.app import PduApp
from pdutui.screens.alarms import AlarmsScreen
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.dialog import Dialog
from pdutui.screens.events import EventsScreen
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.history import HistoryScreen
from pdutui.screens.live import LiveScreen
from pdutui.screens.pairs import PairsScreen
from pdutui.screens.palette import Palette
from pdutui.screens.pdu import PduScreen
from pdutui.screens.plans import PlansScreen
from pdutui.screens.replay import ReplayScreen
from pdutui.settings import KioskSettings
from tests.support.clock import ManualClock
from tests.support.fake_alarms import with_alarms
from tests.support.fake_engine import FakeEngine
from tests.support.history import with_history
from tests.support.plans import all_kinds
from tests.ui.conftest import MakeApp

KEYS = (
    *("left", "right", "home", "end", "pageup", "pagedown", "plus", "minus", "up", "down", "tab"),
    *("full_stop", "comma", "slash", "backspace", "space", "R", *"1234567HLdstbcnNxgyofrRvVpPA"),
    *("left_square_bracket", "right_square_bracket", "colon", "ctrl+p", "question_mark", "enter"),
    *("escape", "escape", "escape", "g", "g", "R", "greater_than_sign", "left_curly_bracket"),
    *("ctrl+a", "v", "p"),
)  # fmt: skip
CHARACTERS = {
    "full_stop": ".", "comma": ",", "space": " ", "plus": "+", "minus": "-", "slash": "/",
    "colon": ":", "question_mark": "?", "greater_than_sign": ">", "left_curly_bracket": "{",
    "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip
WHOLE = (HistoryScreen, ReplayScreen, PlansScreen)
"""What lies on the console whole: nothing is switched from under it."""
NOC_KEYS = (
    *"0Ae0AePPGGgupwWstaSihLTx123xHJKDn", *("ctrl+a", "ctrl+r", "ctrl+l", "ctrl+d", "ctrl+u"),
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "space"),
    *("enter", "slash", "apostrophe", "colon", "question_mark", "backspace", "delete"),
    *("escape", "escape", "f", "o", "r", "y", "v"),
)  # fmt: skip
"""Keys of the fleet, the rack pairs, alarms and events, and what means something below them."""
DOORS = (FleetScreen, PairsScreen, AlarmsScreen, EventsScreen, HistoryScreen, PlansScreen)
SIZES = ((120, 36), (80, 24), (200, 60), (40, 12), (10, 3), (1, 1))


def strike(app: PduApp, *keys: str) -> None:
    """Type all of it before anything of it is seen, as a slow line delivers it."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else CHARACTERS.get(key)))


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", [1, 3])
async def test_anything_may_be_typed(
    seed: int,
    make_app: MakeApp,
    engine: FakeEngine,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    draw, app, reader = random.Random(seed), make_app(), with_history(engine, clock)
    all_kinds(engine)
    seen: set[type] = set()
    async with app.run_test(size=SIZES[0]) as pilot:
        for _ in range(70):
            odds = draw.random()
            if odds < 0.06:
                await pilot.resize_terminal(*draw.choice(SIZES))
            elif odds < 0.12:
                clock.advance(draw.choice((1, 30, 4000)))
            elif odds < 0.15:
                reader.trouble = draw.choice(("", "", "the disk is gone"))
            elif isinstance(app.screen, PduScreen) and not isinstance(app.screen, ReplayScreen):
                marks = draw.choices(("v", "V", "j", "slash", "7", "escape", "ctrl+a"), k=3)
                strike(app, *marks, "escape", draw.choice("ggp"), *draw.choices("ofr", k=2))
            elif isinstance(app.screen, ConfirmScreen):
                strike(app, "n")  # asked by what came right behind the key that went back
            else:
                strike(app, *draw.choices(KEYS, k=draw.choice((1, 2, 6))))
            await turns(draw.choice((0, 5, 60)))
            stack = app.screen_stack
            past = any(isinstance(screen, WHOLE) for screen in stack)
            assert not (past and any(isinstance(screen, ConfirmScreen) for screen in stack))
            assert app.is_running
            seen |= {type(screen) for screen in stack}
            if draw.random() < 0.2:
                await pilot.pause()
                while not (lines := app.screen._compositor.render_strips()):
                    await pilot.pause()  # a screen that came on top just now has no place yet
                top = lines[0].text
                replay = any(isinstance(screen, ReplayScreen) for screen in app.screen_stack)
                if app.size.height > 9:
                    assert top.startswith(" REPLAY") == replay
        app.exit(0)
    assert not engine.gate.switched
    assert HistoryScreen in seen


@pytest.mark.parametrize(("seed", "kiosk"), [(2, False), (4, True)])
async def test_anything_may_be_typed_on_the_screens_of_a_room(
    seed: int,
    kiosk: bool,
    make_app: MakeApp,
    engine: FakeEngine,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    draw, alarms = random.Random(seed), with_alarms(engine)
    app = make_app(kiosk=KioskSettings(on=kiosk))
    with_history(engine, clock)
    seen: set[type] = set()
    async with app.run_test(size=SIZES[0]) as pilot:
        await pilot.pause(0.3)  # plans and alarms are looked at by then
        for step in range(70):
            odds = draw.random()
            if step % 10 == 0:  # out of a dialog's field, and through the next door
                strike(app, "escape", "escape", "escape", "0APe"[step // 10 % 4])
            elif odds < 0.05:
                await pilot.resize_terminal(*draw.choice(SIZES))
            elif odds < 0.15:
                clock.advance(draw.choice((1, 30, 4000)))
            elif odds < 0.25:
                pdu = draw.choice(engine.pdus)
                raised = alarms.raise_(pdu, level=draw.choice(("warning", "critical")))
                alarms.over(raised, stays=draw.random() < 0.5)
                alarms.raise_(pdu, level="warning")
            elif app.screen is app.console_screen:  # out of its filter, and through a door
                strike(app, "escape", "escape", draw.choice("0Ae"), *draw.choices("ofr", k=2))
            elif isinstance(app.screen, ConfirmScreen):
                strike(app, "n")  # asked by what came right behind the key that went back
            else:
                strike(app, *draw.choices(NOC_KEYS, k=draw.choice((1, 2, 5))))
            await turns(draw.choice((0, 8, 80)))
            stack = app.screen_stack
            seen |= {type(screen) for screen in stack}
            if any(isinstance(screen, DOORS) for screen in stack):
                assert not any(isinstance(screen, ConfirmScreen) for screen in stack)
            whole = [type(screen) for screen in stack if isinstance(screen, LiveScreen)]
            assert len(whole) == len(set(whole)) <= 4
            assert len(stack) - len(whole) <= 2
            assert not kiosk or not any(isinstance(screen, Dialog) for screen in stack)
            assert app.is_running
        app.exit(0)
    assert not engine.gate.switched
    assert seen >= ({PduScreen} if kiosk else {FleetScreen, AlarmsScreen, EventsScreen})


async def test_the_palette_bears_keys_before_it_has_a_place(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.resize_terminal(1, 1)
        strike(app, "t", "down", "pagedown", "pageup")
        await pilot.pause(0.2)
        strike(app, "down", "pagedown", "pageup", "pagedown")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Palette)
        assert app.is_running


async def test_what_is_typed_behind_the_last_key_hurts_nobody(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    with_history(engine, clock)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        strike(app, "q", *"jkjkg", "colon", "question_mark", *"jofry" * 9)
        for _ in range(300):
            await asyncio.sleep(0)
            strike(app, "j", "g")
    assert app.return_code == 0
    assert not engine.gate.switched


@pytest.mark.parametrize(
    ("opened", "left"),
    [
        (("o",), ("space", "space", "space")),
        (("f",), ("escape", "escape")),
        (("question_mark",), ("escape", "escape")),
        (("ctrl+p",), ("escape", "escape")),
        (("n",), ("escape", "escape")),
        (("g",), ("escape", "escape", "escape")),
    ],
)
async def test_leaving_twice_at_once_leaves_once(
    make_app: MakeApp,
    engine: FakeEngine,
    clock: ManualClock,
    opened: tuple[str, ...],
    left: tuple[str, ...],
) -> None:
    with_history(engine, clock)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.1)
        for key in opened:
            await pilot.press(key)
            await pilot.pause(0.2)
        before = app.screen_stack
        assert len(before) == len(opened) + 1
        strike(app, *left)
        await pilot.pause(0.2)
        assert app.screen_stack == before[:-1]
        assert app.is_running


async def test_a_screen_that_is_covered_closes_nothing(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    with_history(engine, clock)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await pilot.pause(0.2)
        history = app.screen
        assert isinstance(history, HistoryScreen)
        await pilot.press("question_mark")
        before = app.screen_stack
        history.action_back()
        await pilot.pause(0.1)
        assert app.screen_stack == before
        await pilot.press("escape")
        history.action_back()
        history.action_back()
        await pilot.pause(0.1)
        assert app.screen_stack == [app.console_screen]


async def test_what_was_typed_for_the_console_opens_nothing_over_a_chart(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    with_history(engine, clock)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.1)
        strike(app, "g", "n", "o", "f", "c", "x", "enter")
        await pilot.pause(0.2)
        assert [type(screen) for screen in app.screen_stack[1:]] == [HistoryScreen]
        assert engine.names == []
