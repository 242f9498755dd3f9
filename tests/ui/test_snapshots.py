"""Pictures of the screen. Everything in them stands still: clock, readings, trends, cursor.

After a change that is meant to be seen: `pytest tests/ui/test_snapshots.py --snapshot-update`, and
look at every picture before it is committed.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace
from textual.command import CommandList
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.commands import Intent
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import ACTOR, MakeApp

Compare = Callable[..., bool]


def ready(*keys: str, pause: float = 0.0) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Wait until the engine is up and drawn, then press keys."""

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None:
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause(pause)

    return before


pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids="{0[0]}x{0[1]}".format)
def test_metered_rack(snap_compare: Compare, make_app: MakeApp, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=ready("right_square_bracket"))


def test_light(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(theme="noc-light"), terminal_size=(120, 36), run_before=ready())


def test_dialog(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ready("j", "j", "f"))


def test_dialog_with_a_name_to_type(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(view, info=replace(view.info, protected=frozenset({1})))
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ready("f", "c", "o"))


def test_commands(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    """Under way, unconfirmed, contradicted, failed, protected."""
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(view, info=replace(view.info, protected=frozenset({1, 2})))

    def intent(outlet: int) -> Intent:
        return Intent(id="1", pdu="ats-1", outlet=outlet, action="off", actor=ACTOR)

    engine.progress(intent(3), "sent")
    engine.end(intent(4), "contradicted")
    engine.end(intent(5), "unconfirmed")
    engine.end(intent(7), "failed")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=ready())


def test_stale(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    clock.advance(3)
    engine.become("ats-1", "late", "no answer for 3 s")
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ready())


def test_lost(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    clock.advance(31)
    engine.become("ats-1", "lost", "no answer for 31 s")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=ready())


def test_lost_without_colour(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    clock.advance(31)
    engine.become("ats-1", "lost", "no answer for 31 s")
    assert snap_compare(make_app(color="none"), terminal_size=(80, 24), run_before=ready())


def test_read_only_with_a_full_disk(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    view = engine.views["ats-1"]
    info = replace(view.info, read_only=True, read_only_reason="started with --read-only")
    engine.views["ats-1"] = replace(view, info=info)
    engine.store_status.ok, engine.store_status.detail = False, "disk full"
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=ready("f"))


def test_refused(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    view = engine.views["ats-1"]
    engine.views["ats-1"] = replace(
        view, reading=None, health="refused", detail="the device answers, but not to this community"
    )
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ready())


def test_source_b_after_a_transfer(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    reading = engine.views["ats-1"].reading
    assert reading is not None
    assert reading.ats is not None
    a, b = reading.ats.sources
    down = replace(a, state="lost", voltage_v=0.0, frequency_hz=0.0)
    ats = replace(reading.ats, active="B", redundancy="lost", sources=(down, b))
    engine.read(replace(reading, ats=ats))
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=ready())


def test_help(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ready("question_mark"))


def test_palette(snap_compare: Compare, make_app: MakeApp) -> None:
    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        await ready()(pilot)
        assert app._engine is not None
        app.plans(app._engine)
        await pilot.press("colon")
        listed = app.screen.query_one(CommandList)
        count = 0
        while not count or count != listed.option_count or listed.loading:
            count = listed.option_count
            await pilot.pause(0.1)

    assert snap_compare(make_app(), terminal_size=(100, 30), run_before=before)


@pytest.mark.parametrize("size", [(40, 12), (20, 5), (60, 80)], ids="{0[0]}x{0[1]}".format)
def test_odd_sizes(snap_compare: Compare, make_app: MakeApp, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=ready())
