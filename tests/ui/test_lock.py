"""The lock of the console: nothing is switched, everything is seen, and the way out is typed."""

from __future__ import annotations

from msgspec.structs import replace

from pdutui.domain.secret import Secret
from pdutui.engine.view import PduInfo
from pdutui.screens.lock import UnlockScreen
from pdutui.screens.secret_field import SecretField
from pdutui.settings import ControlSettings, LockSettings
from pdutui.widgets.rights import Rights, rights_of
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, settle, shown, text


async def test_a_key_locks_and_the_word_unlocks(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "LOCKED" not in shown(app, "status")
        await pilot.press("L")
        await settle(pilot)
        assert engine.gate.locked == "locked by ada at 14:02"
        assert "LOCKED" in shown(app, "status")
        for key in ("o", "f", "r", "space", "c", "n"):
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is app.console_screen, key
            assert "locked by ada at 14:02" in shown(app, "events"), key
        assert engine.gate.switched == []
        hints = shown(app, "hints")
        assert "L unlock" in hints
        assert "off" not in hints
        assert "reboot" not in hints
        await pilot.press("j", "]")
        await settle(pilot)
        assert app.console_screen.pdu != "ats-1", "one can look round"
        await pilot.press("L", *"unlok", "enter")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "Not right" in text(app)
        await pilot.press(*"unlock", "enter")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert engine.gate.locked == ""
        assert "LOCKED" not in shown(app, "status")


async def test_a_code_is_never_seen(make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.locked, engine.gate.code = "locked by ada at 14:02", "4711"
    app = make_app(control=ControlSettings(lock=LockSettings(code=Secret("4711"))))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("L", *"47")
        await settle(pilot)
        assert isinstance(app.focused, SecretField)
        assert "code: **" in text(app)
        assert "47 " not in text(app).replace("14:02", "")
        await pilot.press(*"11", "enter")
        await settle(pilot)
        assert engine.gate.locked == ""


async def test_too_many_wrong_codes_cost_a_pause(make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.locked = "locked by ada at 14:02"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        engine.gate.unlock_wait_s = 3.2
        await pilot.press("L")
        await settle(pilot)
        assert "again in 4 s" in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert engine.gate.locked


async def test_it_locks_itself_when_nobody_is_there(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app(control=ControlSettings(lock=LockSettings(after_s=60.0)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        desk = app._locks
        assert desk is not None
        clock.advance(59)
        await pilot.press("j")
        clock.advance(59)
        desk.look()
        await settle(pilot)
        assert not engine.gate.locked, "a key is somebody"
        await pilot.press("f")
        await settle(pilot)
        clock.advance(61)
        desk.look()
        await settle(pilot)
        assert engine.gate.locked
        await pilot.press("y")
        await settle(pilot)
        assert "No longer possible: the console is locked by ada" in text(app)
        assert engine.gate.switched == [], "an open question is shut too"


async def test_it_is_locked_from_the_start(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app(control=ControlSettings(lock=LockSettings(at_start=True)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert engine.gate.locked
        assert "LOCKED" in shown(app, "status")


async def test_nothing_is_taken_note_of_while_it_is_locked(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    from tests.ui.test_verification import DOUBT

    engine.views["ats-1"] = replace(engine.views["ats-1"], doubts={1: DOUBT})
    engine.gate.locked = "locked by ada at 14:02"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert engine.views["ats-1"].doubts == {1: DOUBT}
        assert "Not acknowledged" in shown(app, "events")


async def test_roles_stand_in_the_status_line_and_the_help(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    view = engine.views["ats-1"]
    why = "ada is a viewer, and viewers switch nothing"
    info = replace(view.info, role="viewer", read_only=True, read_only_reason=why)
    engine.views["ats-1"] = replace(view, info=info)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "VIEWER" in shown(app, "status")
        assert "READ-ONLY" in shown(app, "status")
        assert "n name" not in text(app)
        await pilot.press("n")
        await settle(pilot)
        assert "Not named: viewers only look" in shown(app, "events")
        assert app.screen is app.console_screen
        await pilot.press("question_mark")
        await settle(pilot)
        assert why in text(app)


async def test_what_may_not_be_done_stands_on_every_screen(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    for name, view in engine.views.items():
        info = replace(view.info, role="viewer", read_only=True)
        engine.views[name] = replace(view, info=info)
    engine.gate.locked = "locked by ada at 14:02"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        for key in ("u", "p", "g"):
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is not app.console_screen, key
            for width in (120, 80):
                await pilot.resize_terminal(width, 24)
                await settle(pilot)
                for word in ("LOCKED", "READ-ONLY", "VIEWER"):
                    assert word in text(app).splitlines()[0], (key, width)
            await pilot.press("g" if key == "g" else "escape")
            await settle(pilot)


def test_screens_of_several_pdus_are_read_only_where_all_of_them_are() -> None:
    may = PduInfo(name="a", address="mock")
    not_ = replace(may, name="b", read_only=True)
    assert not rights_of("", [may, not_]).read_only
    assert rights_of("", [not_]) == Rights(read_only=True)
    assert rights_of("", []) == Rights()


async def test_a_closed_outlet_has_a_sign_and_says_why(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    view = engine.views["ats-1"]
    info = replace(view.info, closed={3: "outlet 3 db01 is for @dba"}, role="operator")
    engine.views["ats-1"] = replace(view, info=info)
    engine.gate.said = {"allowed": False, "reason": "outlet 3 db01 is for @dba"}
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "3⊘ ● on" in shown(app, "outlets")
        assert "OPERATOR" in shown(app, "status")
        await pilot.press("j", "j", "f")
        await settle(pilot)
        assert "Not switched: outlet 3 db01 is for @dba" in shown(app, "events")
