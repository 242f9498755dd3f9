"""What becomes of a command stands on its outlet: every step, how it ended, what is doubted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from pdutui.domain.commands import STAGES, Intent, Outcome
from pdutui.engine.view import Doubt, Due
from pdutui.screens.fresh import FRESH_S
from pdutui.widgets.outlet_marks import countdown
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import NOW, ats_reading
from tests.ui.conftest import ACTOR, MakeApp
from tests.ui.test_console import SIZE, settle, shown
from tests.ui.test_marks import changed

DOUBT = Doubt(text="on, but draws 0 W after 30 s (104 W expected)", since=NOW - timedelta(0, 40))


def intent(outlet: int = 3) -> Intent:
    return Intent(id="i", pdu="ats-1", outlet=outlet, action="off", actor=ACTOR)


def row(shown_rows: str, outlet: int) -> str:
    return shown_rows.splitlines()[outlet]


async def test_every_step_is_seen_and_the_last_one_for_a_moment(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        seen = []
        for stage in STAGES:
            engine.progress(intent(), stage)
            await settle(pilot)
            seen.append(row(shown(app, "outlets"), 3).split("kWh")[1].strip())
        assert seen == [
            "●○○○○ off: requested", "●●○○○ off: confirmed", "●●●○○ off: sent, waiting",
            "●●●●○ off: accepted, reading back",
        ]  # fmt: skip
        engine.end(intent(), "observed")
        await settle(pilot)
        assert "●●●●● off: observed" in row(shown(app, "outlets"), 3)
        clock.advance(FRESH_S + 0.1)
        app.console_screen.tick()
        await settle(pilot)
        assert "observed" not in row(shown(app, "outlets"), 3)


async def test_what_changed_back_is_not_called_observed_any_more(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        engine.end(intent(), "observed")
        for state, seen in (("on", True), ("off", True), ("on", False)):
            engine.read(changed(ats_reading(time=clock.now()), 3, state=state))
            await settle(pilot)
            told = "off: observed" in row(shown(app, "outlets"), 3)
            assert told == seen, "a poll may lag behind; but what was off and is on was undone"


async def test_a_bad_end_stays_until_it_is_acknowledged(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    bad: tuple[Outcome, ...] = ("unconfirmed", "contradicted", "failed")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j")
        for outcome in bad:
            engine.end(intent(), outcome)
            await settle(pilot)
            clock.advance(600)
            app.console_screen.tick()
            await settle(pilot)
            assert f"▲ off: {outcome.upper()} (a: seen)" in row(shown(app, "outlets"), 3)
            await pilot.press("a")
            await settle(pilot)
            assert outcome.upper() not in row(shown(app, "outlets"), 3)


async def test_a_doubt_stays_until_it_is_acknowledged(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(view, doubts={3: DOUBT})
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert DOUBT.text in row(shown(app, "outlets"), 3)
        assert "a acknowledge" not in shown(app, "hints")
        await pilot.press("j", "j")
        await settle(pilot)
        assert "a acknowledge" in shown(app, "hints")
        await pilot.press("a")
        await settle(pilot)
        assert engine.views["ats-1"].doubts == {}
        assert "draws" not in row(shown(app, "outlets"), 3)


async def test_what_is_pending_is_counted_down_and_can_be_called_off(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    view = engine.views["ats-1"]
    assert view.reading is not None
    outlets = tuple(replace(o, pending="off") if o.number == 3 else o for o in view.reading.outlets)
    view = replace(
        view,
        reading=replace(view.reading, outlets=outlets),
        info=replace(view.info, actions=frozenset({"off", "cancel"})),
    )
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "x")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "Nothing is pending on outlet 3" in shown(app, "events")
        for left_s, said in ((41.2, "→ off in 42 s"), (0.0, "→ off due"), (None, "→ off pending")):
            engine.views["ats-1"] = replace(view, due={3: Due(action="delayed_off", left_s=left_s)})
            app.console_screen.tick()
            await settle(pilot)
            assert said in row(shown(app, "outlets"), 3), "without a new reading"
        assert "x cancel it" in shown(app, "hints")
        await pilot.press("x")
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        [(asked, confirmed, _)] = engine.gate.switched
        assert (asked.outlet, asked.action, confirmed) == (3, "cancel", True)


@pytest.mark.parametrize(
    ("left_s", "said"),
    [(0.2, "1 s"), (42.0, "42 s"), (99.0, "99 s"), (99.5, "1:40"), (185.0, "3:05"),
     (3729.0, "1:02:09")],
)  # fmt: skip
def test_a_countdown_never_says_less_than_is_left(left_s: float, said: str) -> None:
    assert countdown(left_s) == said
