"""Pictures of the questions: what they say at a glance, at the smallest size and at the usual one.

After a change that is meant to be seen: `pytest tests/ui/test_dialog_snapshots.py
--snapshot-update`, and look at every picture before it is committed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.commands import CommandResult, Intent
from pdutui.engine.view import Doubt, Due, InFlight
from pdutui.screens.approval_wait import WaitScreen
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.impacts import (
    BACKUP_ON,
    CAUTION,
    CLEAR,
    DANGER,
    MANY,
    PREFER,
    PREFER_LOST,
    UNMAPPED,
    impact,
)
from tests.support.scenes import NOW, ats_reading
from tests.ui.conftest import ACTOR, MakeApp

Compare = Callable[..., bool]
SMALL, USUAL = (80, 24), (120, 36)
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)


def asked(
    outlet: int, action: str, *keys: str, then: Callable[[PduApp], None] | None = None
) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Ask for something to be switched, then press keys."""

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None:
            await pilot.pause(0.01)
        await pilot.pause()
        app._desk.want(app._engine, "ats-1", outlet, action)  # type: ignore[arg-type]
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        if then is not None:
            then(app)
            await pilot.pause()

    return before


def test_dangerous(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    why = "db01 LOSES ITS LAST FEED: type its name"
    engine.gate.said = {"impact": DANGER, "needs_name": True, "reason": why}
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(3, "off", *"db0"))


def test_dangerous_without_colour(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {"impact": DANGER, "needs_name": True}
    app = make_app(color="none", glyphs="ascii")
    assert snap_compare(app, terminal_size=SMALL, run_before=asked(3, "off", *"db01", "enter"))


def test_dangerous_on_the_linux_console(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {"impact": CAUTION}
    app = make_app(color="16", glyphs="auto", env={"TERM": "linux"})
    assert snap_compare(app, terminal_size=USUAL, run_before=asked(3, "off"))


def test_nothing_against_it(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.said = {"impact": CLEAR}
    assert snap_compare(make_app(), terminal_size=USUAL, run_before=asked(3, "off"))


def test_caution_in_a_reboot(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.said = {"impact": CAUTION}
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(3, "reboot"))


def test_unmapped_with_a_reason_to_give(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {"impact": UNMAPPED, "needs_reason": True, "needs_ticket": True}
    keys = (*"new", "space", *"server", "enter")
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(8, "on", *keys))


def test_what_a_switch_on_adds(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {"impact": impact(outlets=(BACKUP_ON,)), "needs_approval": True}
    assert snap_compare(make_app(), terminal_size=USUAL, run_before=asked(6, "on"))


def test_more_than_there_is_room_for(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    engine.gate.said = {
        "impact": MANY, "allowed": True, "reason": "", "needs_name": True,
        "outlet_name": "ats-1", "needs_approval": True,
        "sentence": "Turn OFF ALL 10 OUTLETS of ats-1: drops the whole load of 361 W",
    }  # fmt: skip
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(0, "all_off"))


def test_all_of_it(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.said = {
        "impact": MANY,
        "allowed": True,
        "reason": "",
        "sentence": "Turn OFF ALL 10 OUTLETS of ats-1: drops the whole load of 361 W",
    }
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(0, "all_off", "i"))


def test_the_other_source(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.said = {
        "impact": PREFER, "allowed": True, "reason": "",
        "sentence": "Prefer source B on ats-1: source B is normal, the load moves there from A",
    }  # fmt: skip
    assert snap_compare(make_app(), terminal_size=USUAL, run_before=asked(0, "prefer_b"))


def test_the_other_source_is_lost(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine
) -> None:
    reading = ats_reading()
    assert reading.ats is not None
    lost = replace(reading.ats.sources[1], state="lost", voltage_v=0.0, frequency_hz=None)
    ats = replace(reading.ats, sources=(reading.ats.sources[0], lost), redundancy="lost")
    engine.read(replace(reading, ats=ats))
    engine.gate.said = {
        "impact": PREFER_LOST, "allowed": True, "outlet_name": "ats-1", "needs_name": True,
        "reason": "source B is lost: type the PDU's name, ats-1",
        "sentence": "Prefer source B on ats-1: source B is lost, the load may be lost",
    }  # fmt: skip
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(0, "prefer_b"))


def test_waiting_for_a_second_person(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    engine.plans.needs_approval = True

    async def before(pilot: Pilot[int]) -> None:
        await asked(3, "off", "n")(pilot)
        app = pilot.app
        assert isinstance(app, PduApp)
        while app.plan_desk is None:  # it comes after the first frame, and tells of plans
            await pilot.pause(0.01)
        intent = engine.gate.new_intent("ats-1", 3, "off", ACTOR, "swap the disk", ticket="CHG7")
        await asyncio.wait([asyncio.create_task(app._desk._freeze(engine, intent, None))])
        await pilot.pause()
        assert isinstance(app.screen, WaitScreen)

    assert snap_compare(make_app(), terminal_size=SMALL, run_before=before)


def test_locked(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    view = engine.views["ats-1"]
    closed = {4: "outlet 4 db02 is not yours to switch: it is for dba", 7: "for nobody"}
    engine.views["ats-1"] = replace(view, info=replace(view.info, closed=closed, role="operator"))
    engine.gate.locked = "locked by ada at 14:02"
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=asked(3, "off"))


def test_unlocking(snap_compare: Compare, make_app: MakeApp, engine: FakeEngine) -> None:
    engine.gate.locked = "locked by ada at 14:02"
    assert snap_compare(
        make_app(), terminal_size=USUAL, run_before=asked(3, "off", "L", *"wrong", "enter", *"un")
    )


@pytest.mark.parametrize("size", [SMALL, USUAL], ids="{0[0]}x{0[1]}".format)
def test_on_its_way(
    snap_compare: Compare, make_app: MakeApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    def intent(outlet: int, action: str) -> Intent:
        return Intent(id=str(outlet), pdu="ats-1", outlet=outlet, action=action, actor=ACTOR)  # type: ignore[arg-type]

    view = engine.views["ats-1"]
    assert view.reading is not None
    outlets = tuple(replace(o, pending="off") if o.number == 4 else o for o in view.reading.outlets)
    result = CommandResult(
        intent=intent(2, "off"), outcome="unconfirmed", detail="", outlet_name="core-sw-2",
        before="on", after="on", ended=NOW,
    )  # fmt: skip
    doubt = Doubt(
        text="on, but draws 0 W after 30 s (104 W expected)", since=NOW - timedelta(0, 40)
    )
    engine.views["ats-1"] = replace(
        view,
        reading=replace(view.reading, outlets=outlets),
        info=replace(view.info, role="operator", closed={10: "not on its list"},
                     actions=frozenset({"on", "off", "cancel"})),
        in_flight={1: InFlight(intent=intent(1, "off"), stage="sent"),
                   3: InFlight(intent=intent(3, "reboot"), stage="accepted")},
        results={2: result},
        doubts={7: doubt},
        due={4: Due(action="delayed_off", left_s=41.2)},
    )  # fmt: skip

    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, PduApp)
        while app._engine is None:
            await pilot.pause(0.01)
        engine.end(intent(5, "on"), "observed")
        await pilot.pause()
        app.console_screen.select(4)
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)
