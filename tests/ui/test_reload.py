"""Reading the configuration again at the console: what the screens make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.engine.events import SettingsChanged
from pdutui.screens.confirm import ConfirmScreen
from pdutui.settings import ControlSettings, PduSettings, Settings
from tests.engine.helpers import FakePdu, Rig
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import ACTOR, MakeApp
from tests.ui.test_console import SIZE, settle, text


def rereading(app: PduApp, engine: FakeEngine, **changed: Any) -> None:
    """Have the engine take what is changed when it is asked to, and say so."""

    async def reread() -> Settings:
        settings = replace(app.settings, **changed)
        engine.pdus = tuple(pdu.name for pdu in settings.pdus)
        engine.tell(SettingsChanged(text="configuration read again: in force", taken=True))
        return settings

    engine.reread = reread


async def test_other_pdus_themes_keys_and_a_lock_are_put_on(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        first, stays = app.console_screen.pdu, engine.pdus[1]
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "Nothing to read again: there is no configuration file" in text(app)
        lock = replace(app.settings.control.lock, after_s=60)
        rereading(
            app, engine,
            pdus=(PduSettings(name=stays, host="h"),),
            ui=replace(app.settings.ui, theme="noc-light"),
            keys={"reload": ("ctrl+o",)},
            control=replace(app.settings.control, lock=lock),
        )  # fmt: skip
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert (app.pdus, app.console_screen.pdu) == ((stays,), stays)
        assert first not in text(app).splitlines()[0]
        assert app.theme == "noc-light"
        rereading(app, engine, ui=replace(app.settings.ui, theme="nonesuch"))
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "nonesuch" not in text(app)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert app.theme == "noc-light"
        assert "Theme nonesuch is not known: : lists those that are" in text(app)
        assert app._locks is not None
        clock.advance(59)
        app._locks.look()
        assert not engine.gate.locked
        clock.advance(2)
        app._locks.look()
        await settle(pilot)
        assert engine.gate.locked
        await pilot.press("0")
        await settle(pilot)
        assert app.screen is not app.console_screen
        said = "configuration not taken: c.toml, line 4: x"
        engine.tell(SettingsChanged(text=said, taken=False))
        await settle(pilot)
        assert said[1:] in text(app)


async def taken(r: Rig, pilot: Pilot[int], wanted: Settings) -> None:
    """Have the engine and the console take it, by key."""

    async def reread() -> Settings:
        await r.engine.take(wanted, lambda pdu: FakePdu(pdu.name, r.clock))
        return wanted

    r.engine.reread = reread
    app = pilot.app
    assert isinstance(app, PduApp)
    assert app.reread()
    await settle(pilot)


async def test_an_open_question_says_that_the_rules_are_others_and_y_switches_nothing(
    tmp_path: Path,
) -> None:
    r = Rig(tmp_path, ("rack1-a", "rack1-b"), control=ControlSettings(reason="required"))
    app = PduApp(r.engine, r.settings, clock=r.clock, actor=ACTOR, env={})
    async with app.run_test(size=SIZE) as pilot:
        await r.clock.run(0.5)
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        loose = replace(r.settings, control=ControlSettings())
        await taken(r, pilot, loose)
        await r.clock.run(1.5)
        await settle(pilot)
        assert "No longer possible: the configuration was read again: close this" in text(app)
        await pilot.press("y", "enter")
        await r.clock.run(2)
        await pilot.press("escape", "f")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert "read again" not in text(app)
        await taken(r, pilot, replace(loose, pdus=r.settings.pdus[1:]))
        await r.clock.run(1.5)
        await pilot.press("y")
        await r.clock.run(2)
        await pilot.press("escape")
        await settle(pilot)
        assert r.pdu.commands == []
        assert app.console_screen.pdu == "rack1-b"
