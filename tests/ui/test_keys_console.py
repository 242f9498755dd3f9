"""Keys at the console: rebound ones, digits and names that are typed, the help, the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.keys.rebind import checked
from pdutui.screens.audit import AuditScreen
from pdutui.screens.commands import Commands
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.help import HelpScreen
from pdutui.screens.history import HistoryScreen
from pdutui.screens.palette import PduCommands
from pdutui.screens.plans import PlansScreen
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import ats_reading
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, settle, shown, text
from tests.ui.test_random_keys import strike


def console(app: PduApp) -> tuple[str, int | None]:
    """The PDU on the screen, and the outlet under the cursor."""
    screen = app.console_screen
    return screen.pdu, screen.scene.cursor


def web(engine: FakeEngine) -> None:
    """Outlets of another PDU have names that begin alike."""
    reading = ats_reading(pdu="rack1-b")
    named = tuple(replace(o, name=f"web{o.number:02}") for o in reading.outlets)
    engine.read(replace(reading, outlets=named))


def words(app: PduApp) -> str:
    """The text on the screen, without frames and line ends."""
    return " ".join(text(app).replace("│", " ").split())


async def wear(app: PduApp, pilot: Pilot[Any], **wanted: list[str]) -> None:
    """Other keys, as after a reload; `__` stands for the dot of an id."""
    changed, faults = checked({i.replace("__", "."): keys for i, keys in wanted.items()})
    assert not faults
    app.wear_keys(changed)
    await settle(pilot)


async def test_other_keys_are_worn_by_screens_hints_help_and_sentences(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await wear(app, pilot, outlet__off=["F"], help=["f9"], dialog__yes=["Y"], lock=[],
                   dialog__no=["n", "f8"], move__down=["ctrl+n"])  # fmt: skip
        assert "F off" in shown(app, "hints")
        assert "f off" not in shown(app, "hints")
        assert "F9 help" in shown(app, "hints")
        strike(app, "f", "j")
        await settle(pilot)
        assert console(app) == ("ats-1", 1), "j is nobody's now"
        await pilot.press("ctrl+n")
        assert console(app) == ("ats-1", 2)
        await pilot.press("f")
        assert app.screen is app.console_screen
        await pilot.press("F")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen), "a dialog that is made later wears them too"
        assert "Y Turn OFF" in text(app)
        await pilot.press("y")
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("f8")
        assert app.screen is app.console_screen
        await pilot.press("f9")
        assert isinstance(app.screen, HelpScreen)
        assert "F turn the outlet off; asks first" in words(app)
        await pilot.press("f9", "L")
        await settle(pilot)
        assert not engine.gate.locked
        hits = [hit.text or "" async for hit in PduCommands(app.screen).discover()]
        assert "Lock the console" in hits
        assert any(hit.endswith("... (F)") for hit in hits)
        # And back again, while a screen lies on it.
        await pilot.press("p")
        assert isinstance(app.screen, PlansScreen)
        app.wear_keys({})
        await pilot.press("p", "f")
        assert isinstance(app.screen, ConfirmScreen)


async def test_digits_go_to_an_outlet(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    reading = ats_reading()
    outlets = tuple(
        replace(reading.outlets[0], number=number, name=f"n{number}") for number in range(1, 25)
    )
    engine.read(replace(reading, outlets=outlets))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("1")
        assert console(app) == ("ats-1", 1)
        await pilot.press("2")
        await settle(pilot)
        assert console(app) == ("ats-1", 12)
        assert "12 outlet n12" in shown(app, "hints")
        clock.advance(1.1)
        await pilot.press("2", "0")
        assert console(app) == ("ats-1", 20), "0 is a digit behind another"
        clock.advance(0.5)
        await pilot.press("7")
        assert console(app) == ("ats-1", 7), "there is no 207: another number begins"
        clock.advance(1.1)
        await pilot.press("2")
        await pilot.press("down", "3")
        assert console(app) == ("ats-1", 3), "another key ends a number"
        clock.advance(1.1)
        app.console_screen.set_filter("n5")
        await pilot.press("9")
        assert "Outlet 9 does not fit the filter" in shown(app, "events")
        assert console(app) == ("ats-1", 5)
        clock.advance(1.1)
        await pilot.press("0")
        await settle(pilot)
        assert isinstance(app.screen, FleetScreen), "0 is no first digit"


async def test_a_name_is_jumped_to_as_it_is_typed(make_app: MakeApp, engine: FakeEngine) -> None:
    web(engine)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.console_screen.select(3)
        # All at once, as pasted: none of it is a command.
        strike(app, "apostrophe", *"offq", "ctrl+u", *"web0")
        await settle(pilot)
        assert console(app) == ("rack1-b", 1)
        assert "' web0_" in shown(app, "hints")
        assert "rack1-b outlet 1 web01" in shown(app, "hints")
        strike(app, "tab", "down", "up")
        await settle(pilot)
        assert console(app) == ("rack1-b", 2)
        await pilot.press("escape")
        await settle(pilot)
        assert console(app) == ("ats-1", 3), "back where one was"
        assert "web0" not in shown(app, "hints")
        strike(app, "apostrophe", *"web03", "enter")
        await settle(pilot)
        assert console(app) == ("rack1-b", 3)
        strike(app, "apostrophe", *"nowhere")
        await settle(pilot)
        assert "nothing is called so" in shown(app, "hints")
        assert console(app) == ("rack1-b", 3)
        await pilot.press("enter", "f")
        assert isinstance(app.screen, ConfirmScreen)
        assert "web03" in text(app)


async def test_doors_take_each_other_s_place_and_every_list_finds(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        here: dict[str, Callable[[Any], object]] = {
            "g": lambda screen: screen.pdu,
            "u": lambda screen: screen.one_pdu,
            "0": lambda screen: screen.desk.cursor,
        }
        for key, kind in (("g", HistoryScreen), ("p", PlansScreen), ("0", FleetScreen),
                          ("u", AuditScreen)):  # fmt: skip
            await pilot.press(key)
            await settle(pilot)
            screen: Any = app.screen
            assert isinstance(screen, kind)
            assert len(app.screen_stack) == 2, "the stack does not grow"
            if key in here:
                before = here[key](screen)
                strike(app, "apostrophe", *"rack1-b")
                await settle(pilot)
                assert here[key](screen) == "rack1-b"
                strike(app, "escape")
                await settle(pilot)
                assert not screen.finding
                assert app.screen is screen
                assert here[key](screen) == before != "rack1-b"
        await pilot.press("u")
        await settle(pilot)
        assert app.screen is app.console_screen


async def test_the_help_says_what_works_what_does_not_and_why_and_is_searched(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=(100, 50)) as pilot:
        await settle(pilot)
        engine.become("ats-1", "lost")
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        said = words(app)
        assert said.index("Works here") < said.index("On every screen")
        assert said.index("On every screen") < said.index("Not here, or not now, and why")
        refused = said[said.index("Not here, or not now") :]
        assert "turn the outlet off" in refused
        assert engine.gate.check("ats-1", 1, "off").reason in " ".join(
            refused.replace("│", "").split()
        )
        strike(app, "slash", *"QUIT")
        await settle(pilot)
        assert "quit; asks while a command is under way" in text(app)
        assert "turn the outlet" not in text(app)
        await pilot.press("x", "q")
        assert "Nothing here has that in it" in text(app), "letters are typed, and close nothing"
        await pilot.press("enter", "escape")
        assert isinstance(app.screen, HelpScreen)
        assert "Works here" in text(app)
        await pilot.press("escape", "tab", "question_mark")
        await settle(pilot)
        assert "only in the outlets pane: tab goes there" in text(app)
        engine.become("ats-1", "live")
        await pilot.press("escape", "shift+tab", "f", "question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen), "a question has a help of its own"
        assert "the only key that switches anything" in text(app)
        await pilot.press("q")
        assert isinstance(app.screen, ConfirmScreen)


async def test_what_is_not_possible_stays_in_the_palette_and_says_why(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.become("ats-1", "lost")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        [hit] = [h async for h in PduCommands(app.screen).search("turn off")]
        reason = engine.gate.check("ats-1", 1, "off").reason
        assert f"not now: {reason}" in str(hit.match_display)  # type: ignore[union-attr]
        hit.command()
        await settle(pilot)
        assert app.screen is app.console_screen
        assert reason in shown(app, "events")
        assert engine.gate.refused == [], "nobody asked for it"


async def test_any_palette_finds_outlets_of_all_pdus(make_app: MakeApp, engine: FakeEngine) -> None:
    web(engine)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        provider = app.screen.commands()
        assert provider is not None
        made = provider(app.screen)
        assert isinstance(made, Commands)
        await made.startup()
        hits = sorted([h async for h in made.search("web03")], reverse=True)
        assert str(hits[0].text) == "Go to rack1-b outlet 3 web03 (on)"
        hits[0].command()
        await settle(pilot)
        assert app.screen is app.console_screen
        assert console(app) == ("rack1-b", 3)
