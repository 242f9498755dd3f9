"""Nothing is switched by accident: the dialog and the way to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.widgets import Input

from pdutui.app import PduApp
from pdutui.domain.commands import Action, Actor
from pdutui.domain.health import Health
from pdutui.domain.plan import PlanApproval
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.subject import Subject
from pdutui.screens.approval_wait import WaitScreen
from pdutui.screens.confirm import ConfirmScreen
from pdutui.screens.confirm_since import Since
from pdutui.screens.haste import GUARD_S
from pdutui.screens.impact_all import AllScreen
from pdutui.settings import ControlSettings
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.impacts import CLEAR, DANGER, MANY
from tests.support.scenes import ats_reading
from tests.ui.conftest import ACTOR, MakeApp
from tests.ui.test_console import SIZE, settle, shown, text


@pytest.mark.parametrize(
    ("key", "moves", "action"),
    [
        ("o", 5, "on"),
        ("f", 0, "off"),
        ("r", 0, "reboot"),
        ("space", 0, "off"),
        ("space", 5, "on"),
    ],
)
async def test_a_key_asks_and_y_does_it(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock, key: str, moves: int, action: str
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.console_screen.select(moves + 1)
        await pilot.press(key)
        assert isinstance(app.screen, ConfirmScreen)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        assert engine.gate.switched == []
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        [(intent, confirmed, typed)] = engine.gate.switched
        assert (intent.outlet, intent.action, confirmed) == (moves + 1, action, True)
        assert (intent.actor, typed) == (ACTOR, None)
        assert app.screen is app.console_screen


async def test_the_dialog_names_what_will_happen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        said = text(app)
        for words in ("Turn OFF outlet 3 db01 on ats-1: drops 104 W", "3 · db01", "104 W  0.86 A",
                      "ats-1 · Row 3 / Rack 2", "on, 0s ago", "[ Cancel ]"):  # fmt: skip
            assert words in said


@pytest.mark.parametrize("key", ["enter", "space", "n", "escape"])
async def test_every_other_way_out_is_no(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock, key: str
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        await pilot.press(key)
        await settle(pilot)
        assert app.screen is app.console_screen
        assert engine.gate.switched == []
        assert [reason for _, reason in engine.gate.refused] == ["cancelled"]


async def test_clicking_beside_the_button_confirms_nothing(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        for x in range(2, 60, 3):
            await pilot.click("#card", offset=(x, 9))
            if app.screen is app.console_screen:
                break
        assert engine.gate.switched == []


async def test_keys_typed_ahead_confirm_nothing(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f", "y")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []
        assert "too fast" in text(app)
        clock.advance(GUARD_S + 0.01)
        await pilot.press("y")
        await settle(pilot)
        assert len(engine.gate.switched) == 1


async def test_a_paste_confirms_nothing(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        app.post_message(events.Paste("y\ny"))
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_a_second_key_while_asking_asks_nothing_more(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f", "f", "o", "r")
        assert len(app.screen_stack) == 2


@pytest.mark.parametrize("health", ["late", "lost"])
async def test_stale_is_refused_with_the_reason_and_without_a_dialog(
    make_app: MakeApp, engine: FakeEngine, health: Health
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        engine.become("ats-1", health)
        await settle(pilot)
        for key in ("f", "o", "r", "space"):
            await pilot.press(key)
            await settle(pilot)
            assert app.screen is app.console_screen
        assert f"Not switched: ats-1 is {health}" in shown(app, "events")
        assert len(engine.gate.refused) == 4, "and every attempt is written down"
        assert engine.gate.switched == []


async def test_read_only_is_refused_with_the_reason(make_app: MakeApp, engine: FakeEngine) -> None:
    view = engine.views["ats-1"]
    info = replace(view.info, read_only=True, read_only_reason="started with --read-only")
    engine.views["ats-1"] = replace(view, info=info)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert "started with --read-only" in shown(app, "events")


async def test_unknown_is_never_toggled(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.console_screen.select(9)
        await pilot.press("space")
        assert app.screen is app.console_screen
        assert "use o or f" in shown(app, "events")


async def test_going_stale_under_the_dialog_makes_it_impossible(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        engine.become("ats-1", "lost")
        await settle(pilot)
        assert "No longer possible: ats-1 is lost" in text(app)
        assert "y Turn OFF" not in text(app)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_the_sentence_follows_the_load(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        assert "drops 62 W" in text(app)
        reading = ats_reading(time=clock.now())
        heavy = replace(reading.outlets[0], power_w=950.0)
        engine.read(replace(reading, outlets=(heavy, *reading.outlets[1:])))
        await settle(pilot)
        assert "drops 950 W" in text(app)


async def test_a_state_that_changes_under_the_finger_starts_the_guard_again(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(5)
        reading = ats_reading(time=clock.now())
        gone = replace(reading.outlets[0], state="off")
        engine.read(replace(reading, outlets=(gone, *reading.outlets[1:])))
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == []
        assert "It was on when this was asked for, and off since" in text(app)
        engine.read(reading)
        await settle(pilot)
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == [], "switched back is switched, too"
        assert "y Turn OFF" not in text(app)


@pytest.mark.parametrize(
    ("action", "was", "now", "said"),
    [
        ("off", "on", "on", ""),
        ("off", "on", "unknown", "It was on when this was asked for, and unknown since"),
        ("off", "unknown", "on", ""),
        ("all_off", "1-3 on", "1-2 on; 3 off", "It was 1-3 on when this was asked for, and "),
        ("prefer_b", "A", "B", "It was A when this was asked for, and B since"),
    ],
)
def test_what_has_changed_since_it_was_asked_about_is_said(
    action: Action, was: str, now: str, said: str
) -> None:
    since = Since(Subject(label="x", state=was), action)
    assert since.look(Subject(label="x", state=now)) == (was != now)
    assert since.moved.startswith(said)
    assert bool(since.moved) == bool(said)
    since.look(Subject(label="x", state=was))
    assert bool(since.moved) == (bool(said) and action != "prefer_b")


def test_what_is_pending_counts_for_a_cancel_and_sources_for_a_switch() -> None:
    since = Since(Subject(label="x", state="on", context=("off",)), "cancel")
    since.look(Subject(label="x", state="on", context=("nothing",)))
    assert since.moved == "When this was asked for, off was pending; now nothing is"
    since = Since(Subject(label="x", state="A", context=("B normal",)), "prefer_b")
    since.look(Subject(label="x", state="A", context=("B lost",)))
    assert since.moved == "When this was asked for, B normal; now B lost"
    since.look(Subject(label="x", state="A", context=("B normal",)))
    assert not since.moved


async def protected(app: PduApp, engine: FakeEngine) -> None:
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(view, info=replace(view.info, protected=frozenset({1})))


async def test_a_protected_outlet_wants_its_name_typed(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await protected(app, engine)
        await pilot.press("f")
        await settle(pilot)
        field = app.screen.query_one(Input)
        assert app.focused is field
        assert "Protected: type its name (core-sw-1)" in text(app)
        assert "y Turn OFF" not in text(app)
        clock.advance(1)
        await pilot.press(*"core-sw-y", "enter")
        assert app.focused is not None
        assert app.focused.id == "cancel", "Enter leaves the field and confirms nothing"
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == [], "the wrong name"
        field.value = "core-sw-1"
        await pilot.press("y")
        await settle(pilot)
        [(_, confirmed, typed)] = engine.gate.switched
        assert (confirmed, typed) == (True, "core-sw-1")


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (30, 8), (200, 60)])
async def test_the_question_is_whole_at_any_size(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        flat = " ".join(text(app).replace("│", " ").split())
        assert "Turn OFF" in flat
        assert "Cancel" in flat
        if size[0] >= 30:
            assert "outlet 1 core-sw-1" in flat


@pytest.mark.parametrize("outcome", ["unconfirmed", "contradicted", "failed"])
async def test_a_bad_end_is_said(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock, outcome: str
) -> None:
    engine.gate.outcome = outcome  # type: ignore[assignment]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        assert outcome.upper() in shown(app, "outlets")
        assert outcome in shown(app, "events")


async def test_the_real_engine_switches_the_modelled_pdu(tmp_path: Path) -> None:
    from pdutui.backends.mock.demo import demo_backends, demo_pdus
    from pdutui.engine.engine import Engine
    from pdutui.settings import Settings, UiSettings

    clock = ManualClock()
    settings = Settings(
        state_dir=tmp_path,
        pdus=demo_pdus(1),
        ui=UiSettings(color="truecolor", glyphs="unicode"),
    )
    backends = demo_backends(clock, 1)
    engine = Engine(settings, backends, clock=clock, store=None)
    app = PduApp(engine, settings, clock=clock, actor=ACTOR, env={})
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await clock.run(2.0)
        await settle(pilot)
        name = app.console_screen.pdu
        assert (await backends[name].read_outlet(3)).state == "on"
        await pilot.press("j", "j", "f")
        assert isinstance(app.screen, ConfirmScreen)
        await clock.run(0.4)
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        await clock.run(4.0)
        await settle(pilot)
        assert (await backends[name].read_outlet(3)).state == "off"
        assert "off after" in shown(app, "events")
        app.exit(0)
        for _ in range(8):
            await clock.run(1.0)


async def test_the_demos_dead_supply_is_called_out_before_its_other_cord_goes(
    tmp_path: Path,
) -> None:
    from pdutui.backends.mock.demo import demo_backends, demo_cords, demo_pdus
    from pdutui.engine.engine import Engine
    from pdutui.settings import Settings, UiSettings

    clock = ManualClock()
    settings = Settings(
        state_dir=tmp_path, pdus=demo_pdus(1), cords=demo_cords(),
        ui=UiSettings(color="truecolor", glyphs="unicode"),
    )  # fmt: skip
    engine = Engine(settings, demo_backends(clock, 1), clock=clock, store=None)
    app = PduApp(engine, settings, clock=clock, actor=ACTOR, env={})
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await clock.run(3.0)
        await settle(pilot)
        await pilot.press(*["j"] * 19, "f")
        await settle(pilot)
        said = " ".join(text(app).split())
        assert "DANGER" in said
        assert "backup01 LOSES ITS LAST FEED" in said
        assert "type its name" in said
        app.exit(0)
        for _ in range(8):
            await clock.run(1.0)


async def test_a_dangerous_switch_wants_the_name_typed(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"impact": DANGER, "needs_name": True}
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        said = text(app)
        assert "DANGER: Turn OFF?" in said
        assert "▲ DANGER  db01 LOSES ITS LAST FEED" in said
        assert "Danger: type its name (db01)" in said
        assert "[ Cancel ]   esc no " in said, "an n would be typed into the field"
        clock.advance(1)
        await pilot.press(*"db0", "enter", "y")
        await settle(pilot)
        assert engine.gate.switched == []
        assert "[ Cancel ]   n no   t reason" in text(app)
        app.screen.query_one(Input).value = "db01"
        await pilot.press("shift+tab")
        await settle(pilot)
        assert "[ Cancel ]   Enter then y Turn OFF   esc no " in text(app)
        await pilot.press("enter")
        await pilot.press("y")
        await settle(pilot)
        [(_, confirmed, typed)] = engine.gate.switched
        assert (confirmed, typed) == (True, "db01")


async def test_a_danger_is_said_where_there_is_hardly_room_and_its_rest_from_within_the_field(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {"impact": MANY, "needs_name": True}
    app = make_app()
    async with app.run_test(size=(40, 12)) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        said = text(app)
        assert "▲ DANGER  db01 LOSES ITS LAST" in said
        assert "Type db01, Enter, then y." in said
        assert "more, 2 of them DANGER: F2" in said, "an i would be typed into the field"
        await pilot.press("f2")
        await settle(pilot)
        assert isinstance(app.screen, AllScreen)
        await pilot.press("f2")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)


async def test_a_danger_that_comes_up_meanwhile_stops_the_question(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"impact": CLEAR}
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        assert "DANGER" not in text(app)
        why = "db01 LOSES ITS LAST FEED: type its name"
        engine.gate.said = {"impact": DANGER, "needs_name": True, "reason": why}
        engine.read(ats_reading(time=clock.now()))
        await settle(pilot)
        said = " ".join(text(app).replace("│", " ").split())
        assert "DANGER: Turn OFF?" in said
        assert "Db01 LOSES ITS LAST FEED now, so a name must be typed: close this and" in said
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_a_name_that_was_asked_for_as_it_is_protected_is_none_for_a_danger(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"impact": CLEAR, "needs_name": True, "reason": "outlet 3 is protected"}
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        app.screen.query_one(Input).value = "db01"
        engine.gate.said |= {"impact": DANGER}
        engine.read(ats_reading(time=clock.now()))
        await settle(pilot)
        said = " ".join(text(app).replace("│", " ").split())
        assert "db01 LOSES ITS LAST FEED" in said
        assert "close this and ask anew" in said
        clock.advance(1)
        await pilot.press("enter", "y")
        await settle(pilot)
        assert engine.gate.switched == []


async def test_a_reason_and_a_ticket_that_are_required(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"needs_reason": True, "needs_ticket": True}
    app = make_app(control=ControlSettings(ticket_pattern=r"CHG\d+"))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        await settle(pilot)
        assert app.focused is app.screen.query_one("#reason")
        clock.advance(1)
        await pilot.press(*"yes y", "enter")
        assert app.focused is app.screen.query_one("#ticket")
        await pilot.press(*"y1", "enter")
        await settle(pilot)
        assert engine.gate.switched == [], "keys in a field confirm nothing, Enter neither"
        assert "y1 is no ticket" in text(app)
        assert "y Turn OFF" not in text(app)
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == []
        app.screen.query_one("#ticket", Input).value = "CHG17"
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        [(intent, _, _)] = engine.gate.switched
        assert (intent.reason, intent.ticket) == ("yes y", "CHG17")


async def test_a_reason_can_be_given_and_need_not(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        await pilot.press("t")
        await settle(pilot)
        assert app.focused is app.screen.query_one("#reason")
        await pilot.press(*"fan", "enter", "enter")
        assert app.focused is app.screen.query_one("#cancel")
        await pilot.press("y")
        await settle(pilot)
        [(intent, _, _)] = engine.gate.switched
        assert (intent.reason, intent.ticket) == ("fan", None)


async def test_all_of_it_is_no_answer(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"impact": MANY, "needs_name": True, "needs_reason": True}
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f", "enter", "enter")
        await settle(pilot)
        assert "more: i" in text(app)
        await pilot.press("i")
        await settle(pilot)
        assert "keep running on their other cords" in text(app)
        clock.advance(1)
        await pilot.press("y", "end", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        assert engine.gate.switched == []


async def test_what_needs_a_second_person_is_kept_as_a_plan(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"needs_approval": True, "needs_name": True}
    engine.plans.needs_approval = True
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "f")
        await settle(pilot)
        assert "A second person has to agree" in text(app)
        clock.advance(1)
        await pilot.press(*"db01", "enter")
        await settle(pilot)
        assert "y Freeze as a plan" in text(app)
        await pilot.press("y")
        await settle(pilot)
        assert engine.gate.switched == [], "nothing is sent before somebody has agreed"
        [(plan, view)] = engine.plans.kept.items()
        [step] = view.plan.steps
        assert (step.pdu, step.outlet, step.action) == ("ats-1", 3, "off")
        assert engine.plans.typed == [("db01",)]
        assert f"pdutui approve {plan}" in text(app)
        screen = app.screen
        assert isinstance(screen, WaitScreen)
        await screen.refresh_view()
        assert engine.plans.asked == [], "not by itself"
        await engine.plans.approve(plan, Actor(user="bob"))
        await screen.refresh_view()
        await settle(pilot)
        assert engine.plans.asked[-1] == ("start", plan)
        assert app.screen is app.console_screen


async def test_a_plan_that_cannot_be_kept_says_why(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"needs_approval": True}
    engine.plans.trouble = PlanTrouble("state_dir", "plans cannot be written to /x: disk full")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        assert "Not switched: plans cannot be written" in shown(app, "events")
        assert engine.gate.switched == []
        assert len(engine.gate.refused) == 1


async def test_waiting_tells_what_becomes_of_the_plan(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.gate.said = {"needs_approval": True}
    engine.plans.needs_approval = True
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f")
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, WaitScreen)
        [view] = engine.plans.kept.values()
        for state, said in (
            ("expired", "Nobody has agreed, and nothing was switched."),
            ("running", "It has gone on elsewhere. The plan is running."),
        ):
            approval = PlanApproval(plan=view.plan.id, user="bob", time=clock.now())
            engine.plans.put(
                replace(view, state=state, approval=approval if state == "running" else None)
            )
            await screen.refresh_view()
            await settle(pilot)
            assert said in text(app)
            assert f"Plan {view.plan.id} is {state}" in text(app)
            assert "pdutui approve" not in text(app), "nobody can agree any more"
            assert "[ Close ]" in text(app)
        engine.plans.kept.clear()
        await screen.refresh_view()
        await settle(pilot)
        assert "Not seen just now: there is no plan" in text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.console_screen
        assert engine.plans.asked == []
