"""Pictures of marks, of the questions about plans, and of the plan screen. Nothing moves."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.plan import StepObstacle
from tests.support.fake_engine import FakeEngine
from tests.support.plans import DANGER, all_kinds, plan_of, put, step
from tests.ui.conftest import MakeApp
from tests.ui.test_marks import press_fast

Compare = Callable[..., bool]
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)
MARKED = ("v", "j", "v", "v", "right_square_bracket", "v", "v")


def typed(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Press keys once all is up."""

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None or app.plan_desk is None:
            await pilot.pause(0.01)
        await press_fast(app, pilot, *keys)
        await pilot.pause()

    return before


def test_marks_a_range_and_a_filter(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    put(engine, plan_of(engine, {"ats-1": range(1, 5)}), "running", step(engine, "observed"),
        next_in_s=4.0, mine=True)  # fmt: skip
    before = typed(*MARKED, "slash", *"node1", "enter", "v", "j", "V", "j", "j")
    app = make_app(color="none", glyphs="ascii")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_question(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    """Small: with a danger, and words to be typed. Large: in sixteen colours, with an obstacle."""
    small = size[0] == 80
    if small:
        engine.plans.impact, engine.plans.words = DANGER, ("5 outlets",)
        app = make_app()
    else:
        engine.plans.obstacles = (
            StepObstacle(pdu="ats-1", outlet=3, label="outlet 3 db01", rule="pending",
                         reason="outlet 3 db01 still has a command (off) pending on the device"),
        )  # fmt: skip
        app = make_app(color="16", glyphs="auto", env={"TERM": "linux"})
    assert snap_compare(app, terminal_size=size, run_before=typed(*MARKED, "f"))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_plan_screen(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    """Small: one that stopped. Large: one that runs."""
    all_kinds(engine)
    before = typed("p", *(("j", "j") if size[0] == 80 else ()))
    assert snap_compare(make_app(), terminal_size=size, run_before=before)


@pytest.mark.parametrize(
    ("size", "keys"),
    [((80, 24), ("j", "j", "j", "enter")), ((120, 36), ("j", "a"))],
    ids=["resume-80x24", "approve-120x36"],
)
def test_questions_about_a_plan(
    snap_compare: Compare,
    make_app: MakeApp,
    engine: FakeEngine,
    size: tuple[int, int],
    keys: tuple[str, ...],
) -> None:
    all_kinds(engine)
    app = make_app(theme="noc-light") if size[0] == 120 else make_app()
    assert snap_compare(app, terminal_size=size, run_before=typed("p", *keys))


def test_leaving_while_a_plan_runs(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    all_kinds(engine)
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=typed("q"))
