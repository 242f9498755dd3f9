"""Pictures of a replay, which nobody must take for the live console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.engine.events import Logged
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.past import ats_past
from tests.support.scenes import NOW
from tests.ui.conftest import MakeApp
from tests.ui.replay_apps import replay_app, run, settle, shown

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 60)], ids="{0[0]}x{0[1]}".format
)


def ready(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def before(pilot: Pilot[int]) -> None:
        await shown(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return before


def test_playing(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 650, clock, tmp_path, playing=True, speed=10)

    async def before(pilot: Pilot[int]) -> None:
        await shown(pilot)
        await run(pilot, clock, 3)

    assert snap_compare(app, terminal_size=(120, 36), run_before=before)


def test_lost_then(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 915, clock, tmp_path)
    assert snap_compare(app, terminal_size=(120, 36), run_before=ready())


def test_the_end(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 1199, clock, tmp_path)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready("}", "space"))


def test_another_pdu_light(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 1000, clock, tmp_path, theme="noc-light")
    assert snap_compare(app, terminal_size=(120, 36), run_before=ready("]"))


@pytest.mark.parametrize("size", [(40, 12), (80, 24)], ids="{0[0]}x{0[1]}".format)
def test_ascii(
    snap_compare: Compare, clock: ManualClock, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = replay_app(ats_past(), 720, clock, tmp_path, color="none", glyphs="ascii")
    assert snap_compare(app, terminal_size=size, run_before=ready())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_the_chart_up_to_the_moment(
    snap_compare: Compare, clock: ManualClock, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = replay_app(ats_past(), 720, clock, tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        await ready("tab", "g")(pilot)
        await pilot.pause(0.3)

    assert snap_compare(app, terminal_size=size, run_before=before)


def test_going_to_a_time(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 720, clock, tmp_path)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready(":", "n", "o", "enter"))


def test_help(snap_compare: Compare, clock: ManualClock, tmp_path: Path) -> None:
    app = replay_app(ats_past(), 720, clock, tmp_path)
    assert snap_compare(app, terminal_size=(120, 60), run_before=ready("?"))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_an_alarm_of_the_live_fleet(
    snap_compare: Compare,
    make_app: MakeApp,
    engine: FakeEngine,
    clock: ManualClock,
    size: tuple[int, int],
) -> None:
    engine.reader = ats_past()

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None:
            await pilot.pause(0.01)
        from pdutui.screens.history import HistoryScreen

        await pilot.press("g")
        await pilot.pause(0.3)
        at_ms = round((NOW - timedelta(minutes=8)).timestamp() * 1000)
        app.screen.post_message(HistoryScreen.ReplayWanted("ats-1", at_ms))
        screen = await shown(pilot)
        assert screen._player is not None
        screen._player.pause()
        engine.say(
            Logged(time=clock.now(), pdu="rack1-b", severity="critical", text="lost: no answer")
        )
        await settle(pilot)

    assert snap_compare(make_app(), terminal_size=size, run_before=before)
