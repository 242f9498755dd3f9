"""From marks to a plan, and what is done to one: nothing runs that nobody agreed to."""

from __future__ import annotations

from datetime import UTC

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.plan import Plan, PlanState, PlanView, StepObstacle, StepProgress
from pdutui.engine.plans.port import PlanTrouble
from pdutui.screens.approval_wait import WaitScreen
from pdutui.screens.haste import GUARD_S
from pdutui.screens.plan_ask import PlanAsk
from pdutui.screens.plan_question import PlanQuestion
from pdutui.screens.plan_rows import Steps, step_table
from pdutui.screens.plan_words import heading, left_of, next_pause, plan_news
from pdutui.screens.plans import PlansScreen
from pdutui.screens.plans_view import PlanScene, places, plan_list, step_list
from pdutui.screens.quit import QuitScreen
from pdutui.widgets import themes
from pdutui.widgets.glyphs import SETS, UNICODE, GlyphSet
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.plans import ADA, BOB, CAUTION, DANGER, all_kinds, plan_of, put, step
from tests.support.scenes import ats_reading
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, settle, shown, text
from tests.ui.test_marks import changed, press_fast

INKS = themes.inks_of(themes.load_theme(themes.shipped_dir() / "noc-dark.toml"))


def rows_text(rows: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(piece for piece, _ in row).rstrip() for row in rows]


# words


def test_what_runs_is_seen_before_what_stands_and_what_waits(engine: FakeEngine) -> None:
    def news() -> str:
        said = plan_news(engine.plans.plans(), ADA)
        return f"{said.badge}|{said.more}|{said.severity}"

    assert news() == "||info"
    plan = plan_of(engine, {"ats-1": range(1, 4)}, actor=BOB)
    view = put(engine, plan, "paused")
    assert news() == "||info", "somebody else's, and nothing for this one to do"
    put(engine, replace(plan, needs_approval=True), "needs_approval")
    assert news() == "1 plan to approve||warning"
    own = plan_of(engine, {"ats-1": range(1, 3)})
    put(engine, own, "needs_approval")
    assert "1 plan to approve" in news()
    del engine.plans.kept[plan.id]
    assert news() == f"plan {own.id} waits for approval||warning"
    put(engine, own, "paused", step(engine, "observed"))
    assert news() == f"plan {own.id} PAUSED 1/2||warning"
    put(engine, own, "stopped", step(engine, "failed"))
    assert news() == f"plan {own.id} STOPPED 1/2||critical"
    put(engine, view.plan, "running", next_in_s=4.4)
    assert news() == f"plan {plan.id} 0/3|next in 4 s|info", "also somebody else's"
    put(engine, own, "done")
    del engine.plans.kept[plan.id]
    assert news() == "||info"


def test_a_plan_is_called_by_what_it_does(engine: FakeEngine) -> None:
    one = plan_of(engine, {"ats-1": range(1, 2)}, "reboot")
    assert heading(one) == "REBOOT 1 outlet on ats-1"
    two = plan_of(engine, {"ats-1": range(1, 3), "rack1-a": range(1, 3)}, "on")
    assert heading(two) == "Turn ON 4 outlets on 2 PDUs"
    mixed = replace(two, steps=(*two.steps, *one.steps), put_back_of="K7Q2MX")
    assert heading(mixed) == "Put back K7Q2MX: switch 4 outlets on 2 PDUs"
    whole = replace(one, steps=(replace(one.steps[0], outlet=0, action="all_off"),))
    assert heading(whole) == "Switch all of ats-1"


def test_pauses_go_up_and_down_and_stop_at_the_ends() -> None:
    assert [next_pause(1.0, 1), next_pause(7.0, 1), next_pause(7.0, -1)] == [2.0, 10.0, 5.0]
    assert [next_pause(0.0, -1), next_pause(600.0, 1)] == [0.0, 600.0]


def test_what_is_left_is_what_will_be_done_when_it_goes_on(engine: FakeEngine) -> None:
    off, reboot = (plan_of(engine, {"ats-1": range(1, 5)}, action) for action in ("off", "reboot"))
    lost = StepProgress(status="unknown", began=engine.clock.now())
    looked = replace(lost, ended=engine.clock.now())

    def left(plan: Plan, state: PlanState, *steps: StepProgress) -> list[int]:
        return [one.outlet for one in left_of(put(engine, plan, state, *steps))]

    observed, refused = step(engine, "observed"), step(engine, "refused")
    assert left(off, "ready") == [1, 2, 3, 4]
    assert left(off, "paused", observed, lost) == [2, 3, 4], "its state answers what to do"
    assert left(off, "paused", observed, looked) == [3, 4]
    assert left(reboot, "paused", observed, lost) == [3, 4], "a reboot is never repeated"
    assert left(off, "stopped", observed, refused) == [2, 3, 4], "nothing was sent"
    assert left(off, "stopped", refused, observed) == [3, 4], "it was passed over before"
    assert left(off, "stopped", observed, step(engine, "unconfirmed")) == [3, 4]


# what is drawn


def test_a_later_step_is_shown_as_the_one_before_it_leaves_its_outlet(engine: FakeEngine) -> None:
    """Off, then on: that the outlet is on now makes the second neither needless nor stale."""
    off = plan_of(engine, {"ats-1": range(3, 4)}).steps[0]
    steps = (off, replace(off, action="on", before="off"))
    for frozen in (False, True):
        table = Steps(steps=steps, views=engine.views.get, glyphs=UNICODE, frozen=frozen)
        _, first, second = rows_text(step_table(table, 72, 0, 8))
        assert "● on" in first
        assert "→ off" in first
        assert "○ off" in second
        assert "→ on" in second


def test_a_step_is_shown_as_its_outlet_is_now(engine: FakeEngine) -> None:
    plan = plan_of(engine, {"ats-1": range(1, 7), "rack1-a": range(1, 2)})
    reading = changed(ats_reading(), 2, state="off")
    gone = replace(reading, outlets=tuple(o for o in reading.outlets if o.number != 3))
    engine.read(gone)
    engine.become("rack1-a", "lost", "no answer")
    stuck = (StepObstacle(pdu="ats-1", outlet=4, label="x", rule="pending", reason="y"),)
    steps = (*plan.steps[:4], replace(plan.steps[4], typed=True), *plan.steps[5:])

    def table(frozen: bool) -> list[str]:
        told = Steps(steps=steps, views=engine.views.get, glyphs=UNICODE, obstacles=stuck,
                     frozen=frozen)  # fmt: skip
        return rows_text(step_table(told, 72, 0, 8))

    rows = table(frozen=True)
    assert "● on      → off" in rows[1]
    assert "▲ off" in rows[2], "it was on when the plan was made"
    assert "? gone" in rows[3]
    assert rows[4].startswith("4 × ats-1")
    assert rows[5].startswith("5 ◆ ats-1")
    assert "○ off     → as it is" in rows[6]
    assert "▲ LOST" in rows[7]
    assert "○ off     → as it is" in table(frozen=False)[2]


@pytest.mark.parametrize(("state", "said"), [("paused", "waiting"), ("expired", "not done")])
def test_what_never_began_waits_only_while_the_plan_can_go_on(
    engine: FakeEngine, state: PlanState, said: str
) -> None:
    put(engine, plan_of(engine, {"ats-1": range(1, 2)}), state)
    scene = PlanScene(
        plans=engine.plans.plans(), chosen=0, actor=ADA, now=engine.clock.now().astimezone(UTC),
        inks=INKS, glyphs=UNICODE, views=engine.views.get, impact=engine.plans.impact,
    )  # fmt: skip
    words = "\n".join(strip.text for strip in step_list(scene, 80, 12)[0])
    assert ("waiting" in words, "not done" in words) == (said == "waiting", said == "not done")


@pytest.mark.parametrize("glyphs", SETS.values(), ids=lambda g: g.name)
def test_nothing_is_cut_and_nothing_is_wider_than_the_screen(
    engine: FakeEngine, glyphs: GlyphSet
) -> None:
    all_kinds(engine)
    plans = engine.plans.plans()
    for width, height in ((80, 24), (120, 36), (200, 60), (40, 12), (9, 5)):
        for chosen in range(len(plans)):
            scene = PlanScene(
                plans=plans, chosen=chosen, actor=ADA, now=engine.clock.now().astimezone(UTC),
                inks=INKS, glyphs=glyphs, views=engine.views.get, impact=engine.plans.impact,
            )  # fmt: skip
            room = places(width, height, len(plans))
            listed = [strip for strip, _ in plan_list(scene, width, room["list"].height)]
            steps = step_list(scene, width, room["steps"].height if "steps" in room else 0)[0]
            for strip in [*listed, *steps]:
                assert strip.cell_length == width
                if width >= 80 and not glyphs.ascii_only and glyphs.ellipsis != "~":
                    assert "~" not in strip.text
                    assert glyphs.ellipsis not in strip.text
            assert len(listed) <= room["list"].height
            assert any(glyphs.cursor in strip.text for strip in listed)
            words = "\n".join(strip.text for strip in steps)
            if height >= 24:
                assert "next in 4 s" in words or plans[chosen].state != "running"
                for bad in ("UNCONFIRMED", "UNKNOWN"):
                    is_bad = any(s.status == bad.lower() for s in plans[chosen].steps)
                    assert (bad in words) == is_bad
                if plans[chosen].state == "stopped":
                    assert "not seen off within 10 s" in " ".join(words.split())


# the question


async def asked(app: PduApp, pilot: Pilot[int], *keys: str) -> PlanQuestion:
    """Mark three outlets on two PDUs, and ask for them."""
    await settle(pilot)
    await press_fast(app, pilot, "v", "j", "v", "right_square_bracket", "v", *keys)
    assert isinstance(app.screen, PlanQuestion)
    return app.screen


async def test_all_that_is_marked_is_asked_for_as_one_and_run_by_y(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        question = await asked(app, pilot, "f", "y")
        said = text(app)
        for words in ("Turn OFF 3 outlets on 2 PDUs?", "1 core-sw-1", "3 db01", "1 node01", "104",
                      "too fast", "[ Cancel ]", "y Turn OFF 3 outlets"):  # fmt: skip
            assert words in said
        assert app.focused is not None
        assert app.focused.id == "cancel"
        assert engine.plans.kept == {}
        clock.advance(1)
        await press_fast(app, pilot, "plus", "plus", "x", "o", "p", "q")
        assert "one every 3 s; goes on after a failure; the last outlet first" in text(app).lower()
        await press_fast(app, pilot, "s")
        assert "30 s at most" in text(app)
        await press_fast(app, pilot, "s", "t", *"move", "enter", *"CHG1", "enter")
        # Another state is another question: a y that was on its way is not for it.
        clock.advance(1)
        engine.read(changed(ats_reading(time=clock.now()), 3, state="off"))
        await settle(pilot)
        await press_fast(app, pilot, "y")
        assert app.screen is question
        assert "as it is" in text(app)
        clock.advance(GUARD_S + 0.01)
        await press_fast(app, pilot, "y")
        [view] = engine.plans.kept.values()
        assert [(s.pdu, s.outlet, s.action) for s in view.plan.steps] == [
            ("rack1-a", 1, "off"), ("ats-1", 3, "off"), ("ats-1", 1, "off"),
        ]  # fmt: skip
        plan = view.plan
        assert (plan.pause_s, plan.pace, plan.on_failure) == (3.0, "delay", "continue")
        assert (plan.reason, plan.ticket, plan.author) == ("move", "CHG1", ADA)
        assert engine.plans.asked == [("start", plan.id)]
        assert len(app.console_screen.marks) == 0
        assert f"plan {plan.id} 0/3" in shown(app, "status")
        assert engine.gate.switched == [], "the screen itself switches nothing"


async def test_every_other_way_out_is_no_and_keeps_the_marks(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await asked(app, pilot, "o")
        for count, key in enumerate(("enter", "escape", "n", "space"), 1):
            clock.advance(1)
            await press_fast(app, pilot, key)
            assert app.screen is app.console_screen
            assert engine.plans.kept == {}
            assert [reason for _, reason in engine.plans.refused] == ["cancelled"] * count
            assert len(app.console_screen.marks) == 3
            await press_fast(app, pilot, "r")
            assert isinstance(app.screen, PlanQuestion)


async def test_what_is_in_the_way_of_all_is_said_once_and_takes_no_marks(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.plans.obstacles = tuple(
        StepObstacle(pdu=pdu, outlet=n, label=f"outlet {n}", rule="locked", reason="locked: x")
        for n in range(1, 11)
        for pdu in ("ats-1", "rack1-a")
    )
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        question = await asked(app, pilot, "f")
        assert text(app).count("locked: x") == 1
        assert "take out" not in text(app)
        await press_fast(app, pilot, "u")
        assert app.screen is question
        assert len(app.console_screen.marks) == 3


async def test_what_is_in_the_way_and_what_has_to_be_typed(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    desk = engine.plans
    desk.obstacles = (
        StepObstacle(pdu="ats-1", outlet=3, label="outlet 3 db01", rule="pending",
                     reason="a command is pending on the device"),
    )  # fmt: skip
    desk.impact = DANGER
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        question = await asked(app, pilot, "f")
        clock.advance(1)
        said = text(app)
        assert "DANGER: Turn OFF" in said
        assert "db01 loses its last feed" in said
        assert "outlet 3 db01 on ats-1: a command is pending" in said
        await press_fast(app, pilot, "y")
        assert app.screen is question, "not before they are taken out"
        desk.words, desk.problem = ("core-sw-1", "2 outlets"), "a reason is needed"
        await press_fast(app, pilot, "u")
        assert len(app.console_screen.marks) == 2
        assert "Turn OFF 2 outlets" in text(app)
        assert "A reason is needed." in text(app)
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert app.screen is question
        await press_fast(app, pilot, "shift+tab", *"core", "enter")
        assert "That is another word" in text(app)
        await press_fast(app, pilot, *"-sw-1", "enter", "2", "space", *"outlets", "enter")
        assert app.focused is not None
        assert app.focused.id == "cancel"
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert app.screen is question, "a reason is still missing"
        desk.problem = ""
        desk.trouble = PlanTrouble("changed", "outlet 1 core-sw-1 is another one by now")
        await press_fast(app, pilot, "y")
        assert app.screen is app.console_screen
        assert "Not switched: outlet 1 core-sw-1 is another one" in shown(app, "events")
        assert len(app.console_screen.marks) == 2, "nothing was done, they stay"
        # Once more, for a second person: nothing starts before they have agreed.
        desk.impact, desk.words, desk.needs_approval = DANGER, (), True
        await press_fast(app, pilot, "f")
        assert "A second person has to agree" in text(app)
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert isinstance(app.screen, WaitScreen)
        assert desk.asked == []
        [view] = desk.kept.values()
        assert view.state == "needs_approval"


# the plan screen


async def on_plans(app: PduApp, pilot: Pilot[int]) -> PlansScreen:
    await settle(pilot)
    await press_fast(app, pilot, "p")
    assert isinstance(app.screen, PlansScreen)
    return app.screen


async def test_a_plan_is_run_paused_and_ended_by_key(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    desk = engine.plans
    plan = plan_of(engine, {"ats-1": range(1, 5)}, title="four")
    put(engine, plan, "paused", step(engine, "observed"), detail="paused by ada", mine=True)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.4)
        assert f"Plan {plan.id} is paused: 1 of 4 done; p shows it" in shown(app, "events")
        screen = await on_plans(app, pilot)
        assert "Paused by ada" in text(app)
        await press_fast(app, pilot, "enter", "y")
        question = app.screen
        assert isinstance(question, PlanAsk)
        said = text(app)
        assert "1 of 4 steps done, 3 left." in said
        assert "Go on with plan" in said
        assert "DANGER" not in said
        desk.impact = DANGER
        question.look_if_due()
        await settle(pilot)
        assert f"DANGER: Go on with plan {plan.id}?" in text(app)
        desk.impact = CAUTION
        question.look_if_due()
        await settle(pilot)
        left = [s.outlet for s in question.draft.plan.steps]
        assert left == [2, 3, 4], "what is left, not what is done"
        assert desk.asked == [], "too fast"
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert desk.asked == [("start", plan.id)]
        assert app.screen is screen
        await press_fast(app, pilot, "enter")
        assert app.screen is screen, "it runs: nothing to ask"
        assert "P pauses it" in text(app)
        # It goes on while one looks.
        view = desk.get(plan.id)
        steps = (step(engine, "observed"), step(engine, "running", ago_s=1), *view.steps[2:])
        desk.put(replace(view, steps=steps, next_in_s=2.0))
        await settle(pilot)
        assert "→ running" in text(app)
        assert "next in 2 s" in text(app)
        await press_fast(app, pilot, "P")
        assert desk.asked[1:] == [("pause", plan.id)]
        await press_fast(app, pilot, "X")
        clock.advance(1)
        await press_fast(app, pilot, "n", "X")
        # What is asked about is another state by now: nothing is done.
        desk.put(replace(desk.get(plan.id), state="done"))
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert isinstance(app.screen, PlanAsk)
        desk.put(replace(desk.get(plan.id), state="paused"))
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert desk.asked[2:] == [("abort", plan.id)]
        await press_fast(app, pilot, "b")
        back = app.screen
        assert isinstance(back, PlanQuestion)
        assert f"Put back {plan.id}: turn ON 4 outlets on ats-1?" in text(app)
        assert back.wanted.put_back_of == plan.id
        assert [w.outlet for w in back.wanted.wishes] == [4, 3, 2, 1]
        await press_fast(app, pilot, "escape", "escape")
        assert app.screen is app.console_screen


async def test_the_plan_of_somebody_else_is_approved_and_not_one_s_own(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    desk = engine.plans
    all_kinds(engine)
    running, waiting = list(desk.kept.values())[:2]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await on_plans(app, pilot)
        await press_fast(app, pilot, "a")
        assert app.screen is screen, "it waits for nobody"
        await press_fast(app, pilot, "j", "enter")
        assert app.screen is screen
        await press_fast(app, pilot, "a")
        assert f"Approve plan {waiting.plan.id} of bob?" in text(app)
        assert "by bob from 10.1.2.3" in text(app)
        assert "Reason: it hangs; ticket: INC-77" in text(app)
        desk.obstacles = (
            StepObstacle(pdu="ats-1", outlet=1, label="outlet 1", rule="pending", reason="z"),
        )
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert desk.asked == [], "one cannot vouch for what would not be done"
        desk.obstacles = ()
        engine.read(ats_reading(time=clock.now()))
        await settle(pilot)
        clock.advance(1)
        await press_fast(app, pilot, "y")
        assert desk.asked == [("approve", waiting.plan.id)]
        # One's own, from another seat of the same person: never.
        own = replace(waiting.plan, id="0WN000", author=replace(ADA, user="root", behind=("ada",)))
        desk.put(PlanView(plan=own, state="needs_approval", steps=(StepProgress(),)))
        screen.choose(own.id)
        await press_fast(app, pilot, "a")
        assert app.screen is screen
        assert "Nobody approves a plan of their own" in text(app)
        # The list may change as it likes: what is chosen stays chosen.
        desk.kept = dict(reversed(desk.kept.items()))
        screen.tick()
        assert screen.view is not None
        assert screen.view.plan.id == own.id
        await press_fast(app, pilot, "ctrl+q")
        assert isinstance(app.screen, QuitScreen), "a plan runs here"
        assert "Quitting pauses it" in text(app)
        assert f"plan {running.plan.id}" in text(app)
        await press_fast(app, pilot, "y")
    assert app.return_code == 0
