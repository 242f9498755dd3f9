from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from pdutui.backends.base import DeviceError, Refused, Unreachable
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import Actor
from pdutui.domain.roles import RoleSettings
from pdutui.engine.engine import Engine
from pdutui.engine.events import HealthChanged, Logged, ReadingArrived, StoreChanged
from pdutui.settings import (
    ControlSettings,
    FloorSettings,
    HistorySettings,
    OutletSettings,
    PduSettings,
    PollSettings,
    Settings,
)
from pdutui.store.history import HistoryStore, StoreStatus
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakePdu, FakeStore, Rig


def healths(rig: Rig) -> list[str]:
    return [event.health for event in rig.of(HealthChanged)]


# -- health as it is told --------------------------------------------------------------------


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.7, 0.99])
async def test_a_killed_device_is_late_then_lost_within_three_seconds(
    rig: MakeRig, phase: float
) -> None:
    r = await rig()
    start = r.clock.monotonic()
    await r.clock.run(5.0 + phase - 0.3 + 0.001)
    killed = r.clock.monotonic()
    told: list[tuple[str, float]] = []
    r.engine.subscribe(
        lambda e: (
            told.append((e.health, r.clock.monotonic() - killed))
            if isinstance(e, HealthChanged)
            else None
        )
    )

    async def silence() -> None:
        """Resends that nothing comes back for, as a client makes them."""
        for _ in range(8):
            await r.clock.sleep(0.4)
            r.pdu.unanswered += 1

    r.pdu.poll_takes = [4.0] * 9
    r.pdu.poll_error = Unreachable("no answer")
    await r.clock.run(start + 6.0 - killed)  # the next poll
    silent = asyncio.create_task(silence())
    await r.clock.run(3.3)
    assert [health for health, _ in told] == ["late", "lost"]
    assert told[1][1] <= 3.0
    view = r.engine.view("rack1-a")
    assert view.health == "lost"
    assert view.reading is not None
    assert view.age_s is not None
    assert view.age_s > 2.6
    await silent


async def test_it_is_live_again_by_itself_and_both_are_told(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.poll_error = Unreachable("no answer from it")
    await r.clock.run(10)
    r.pdu.poll_error = None
    await r.clock.run(10)
    assert healths(r) == ["live", "late", "lost", "live"]
    assert r.texts == ["lost: no answer from it", "live again"]
    assert [line.severity for line in r.engine.recent_log(9)] == ["critical", "info"]
    assert r.engine.view("rack1-a").detail == ""


async def test_the_store_gets_every_change_of_health_between_start_and_end(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.poll_error = Refused("wrong community")
    await r.clock.run(2.0)
    r.pdu.poll_error = None
    await r.clock.run(40.0)
    await r.engine.stop()
    await r.engine.stop()
    assert r.store.health == [
        ("rack1-a", "connecting", "pdutui started"),
        ("rack1-a", "live", ""),
        ("rack1-a", "refused", "wrong community"),
        ("rack1-a", "live", ""),
        ("rack1-a", "stopped", "pdutui ended"),
    ]
    assert healths(r) == ["live", "refused", "live"], "the rest is for the history alone"


async def test_a_poll_that_hangs_does_not_stop_the_judging(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.poll_takes = [30.0]
    await r.clock.run(3.5)
    assert r.engine.view("rack1-a").health == "late"
    assert healths(r) == ["live", "late"]


async def test_a_device_that_answers_nonsense_is_late_and_never_lost(rig: MakeRig) -> None:
    r = await rig()

    async def nonsense() -> None:
        r.pdu.heard()
        raise DeviceError("what is this")

    r.pdu.poll = nonsense  # type: ignore[assignment, method-assign]
    await r.clock.run(60)
    assert healths(r) == ["live", "late"]
    assert r.engine.view("rack1-a").detail == "what is this"


async def test_refused_at_once_and_connecting_before(rig: MakeRig) -> None:
    r = await rig(live=False)
    assert r.engine.view("rack1-a").health == "connecting"
    r.pdu.poll_error = Refused("wrong community")
    await r.engine.start()
    await r.clock.run(0.1)
    assert healths(r) == ["refused"]
    assert r.texts == ["refused: wrong community"]


async def test_health_is_told_only_when_it_changes(rig: MakeRig) -> None:
    r = await rig()
    await r.clock.run(30)
    assert healths(r) == ["live"]
    assert len(r.of(ReadingArrived)) == 31


# -- defects stay where they are -------------------------------------------------------------


async def test_a_defect_in_one_backend_is_told_and_the_others_go_on(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    r.pdu.poll_error = ZeroDivisionError("oops")
    await r.clock.run(3.5)
    assert r.texts[0] == "poller of rack1-a failed and starts again: ZeroDivisionError: oops"
    assert r.engine.recent_log(9)[0].severity == "critical"
    assert r.engine.view("rack1-b").health == "live"
    r.pdu.poll_error = None
    await r.clock.run(5)
    assert r.engine.view("rack1-a").health == "live"


async def test_a_listener_that_fails_hurts_nobody(rig: MakeRig) -> None:
    r = await rig(live=False)

    def broken(event: object) -> None:
        raise RuntimeError("a widget")

    after: list[object] = []
    r.engine.subscribe(broken)
    r.engine.subscribe(after.append)
    await r.live()
    assert len(after) == len(r.events) > 0


async def test_unsubscribing(rig: MakeRig) -> None:
    r = await rig(live=False)
    seen: list[object] = []
    unsubscribe = r.engine.subscribe(seen.append)
    unsubscribe()
    unsubscribe()
    await r.live()
    assert seen == []


async def test_a_defect_in_the_store_does_not_stop_polling(rig: MakeRig) -> None:
    r = await rig()
    r.store.breaks = True
    await r.clock.run(5)
    assert r.engine.view("rack1-a").health == "live"


# -- what is shown, what is kept -------------------------------------------------------------


async def test_floor_and_names_are_for_the_screen_and_the_store_gets_the_truth(
    rig: MakeRig,
) -> None:
    r = await rig(
        live=False,
        floor=FloorSettings(current_a=0.6, power_w=70),
        outlets={3: OutletSettings(name="database"), 1: OutletSettings(device="x")},
    )
    await r.live()
    shown = r.engine.view("rack1-a").reading
    assert shown is not None
    assert [o.name for o in shown.outlets[:3]] == ["san", "", "database"]
    assert shown.outlets[0].power_w == 0.0
    assert r.store.readings[0].outlets == r.pdu.reading.outlets
    assert r.of(ReadingArrived)[0].reading == shown
    assert r.engine.trend("rack1-a", "outlet.1.power_w", 1) == [0.0]


async def test_renaming(rig: MakeRig, tmp_path: Path) -> None:
    r = await rig(outlets={3: OutletSettings(name="database")})
    r.engine.rename_outlet("rack1-a", 3, " primary\x1b  db ")
    assert r.engine.view("rack1-a").reading.outlet(3).name == "primary db"
    assert "outlet 3 primary db" in r.gate.check("rack1-a", 3, "off").sentence
    await r.clock.run(1)
    assert r.engine.view("rack1-a").reading.outlet(3).name == "primary db"
    r.engine.rename_outlet("rack1-a", 3, None)
    assert r.engine.view("rack1-a").reading.outlet(3).name == "database"
    assert r.texts == [
        "outlet 3 is called primary db now",
        "outlet 3 database has its configured name again",
    ]
    with pytest.raises(KeyError):
        r.engine.rename_outlet("nowhere", 1, "x")


async def test_a_viewer_names_nothing(rig: MakeRig, tmp_path: Path) -> None:
    control = ControlSettings(roles=RoleSettings(default="viewer"))
    r = await rig(control=control, actor=Actor(user="eva (browser at 10.0.0.3)", login="eva"))
    r.engine.rename_outlet("rack1-a", 3, "spare")
    assert r.engine.view("rack1-a").reading.outlet(3).name == "db01"
    assert r.texts == ["outlet 3 is not named: eva is a viewer, and viewers name nothing"]
    assert not (tmp_path / "names.toml").exists()


async def test_a_broken_names_file_is_told_and_left_alone(rig: MakeRig, tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text("broken = =")
    r = await rig()
    assert r.texts[0].startswith("outlet names not used:")
    r.engine.rename_outlet("rack1-a", 3, "x")
    assert r.texts[1].startswith("name of outlet 3 not kept:")
    assert r.engine.recent_log(1)[0].severity == "warning"
    assert path.read_text() == "broken = ="
    assert r.engine.view("rack1-a").reading.outlet(3).name == "db01"


async def test_somebody_else_at_the_outlet_is_logged_and_kept(rig: MakeRig) -> None:
    r = await rig()
    r.pdu.set_outlet(3, state="off")
    await r.clock.run(1)
    assert r.texts == ["outlet 3 db01 turned off, not by this console"]
    assert r.store.events == [
        ("rack1-a", "warning", "outlet 3 db01 turned off, not by this console")
    ]
    assert [line.text for line in r.of(Logged)] == r.texts


async def test_without_history_the_store_gets_audit_records_only(rig: MakeRig) -> None:
    r = await rig(history=False)
    r.pdu.set_outlet(3, state="off")
    await r.clock.run(2)
    await r.switch(3, "on")
    assert r.store.readings == []
    assert r.store.events == []
    assert r.store.health == []
    assert r.store.outcomes == ["requested", "observed"]
    assert r.engine.store_status == StoreStatus(True, "history is off")


async def test_store_trouble_is_told_at_start_and_later(rig: MakeRig) -> None:
    store = FakeStore()
    store.status = StoreStatus(False, "disk full")
    r = await rig(store=store)
    assert r.engine.store_status.detail == "disk full"
    store.status = StoreStatus(True, "")
    assert store.on_status is not None
    store.on_status(store.status)
    assert r.of(StoreChanged) == [
        StoreChanged(ok=False, detail="disk full"),
        StoreChanged(ok=True, detail=""),
    ]


async def test_trends_begin_with_what_the_store_has(rig: MakeRig) -> None:
    store = FakeStore()
    store.rows = {"outlet.3.power_w": [None] * 895 + [1.0, 2.0, 3.0, None, 104.0]}
    r = await rig(store=store)
    await r.clock.run(2)
    assert r.engine.trend("rack1-a", "outlet.3.power_w", 7) == [
        1.0, 2.0, 3.0, None, 104.0, 104.0, 104.0,
    ]  # fmt: skip
    assert r.engine.trend("rack1-a", "outlet.3.energy_kwh", 3) == [None] * 3


async def test_the_past_of_one_pdu_is_taken_in_after_that_of_another(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a hundred series is megabytes: five hundred PDUs at once would be a gigabyte."""
    store = FakeStore()
    at_once: list[int] = []
    busy = 0

    async def recent(pdu: str, keys: tuple[str, ...], seconds: float, *, hold_s: float) -> object:
        nonlocal busy
        busy += 1
        at_once.append(busy)
        await asyncio.sleep(0.02)  # a thread reads it
        busy -= 1
        return {key: [7.0] for key in keys}

    monkeypatch.setattr(store, "recent", recent)
    names = ("rack1-a", "rack1-b", "rack2-a")
    r = await rig(names=names, store=store)
    await r.clock.run(2)
    await asyncio.sleep(0.1)
    assert at_once == [1, 1, 1]


async def test_a_trend_grows_a_gap_while_the_device_is_silent(rig: MakeRig) -> None:
    r = await rig()
    await r.clock.run(2)
    r.pdu.poll_error = Unreachable("x")
    await r.clock.run(4)
    assert r.engine.trend("rack1-a", "outlet.3.power_w", 6)[-4:] == [None] * 4


async def test_info_and_missed_polls(rig: MakeRig) -> None:
    r = await rig(feed="A", location="Row 3", protected=frozenset({1}))
    info = r.engine.view("rack1-a").info
    assert (info.address, info.feed, info.location) == ("mock", "A", "Row 3")
    assert info.protected == {1}
    assert not info.read_only
    assert r.engine.view("rack1-a").info is info
    r.pdu.poll_takes = [2.5]
    await r.clock.run(5)
    assert r.engine.view("rack1-a").polls_missed == 2
    with pytest.raises(KeyError):
        r.engine.view("nowhere")


async def test_every_pdu_needs_a_backend(tmp_path: Path) -> None:
    settings = Settings(pdus=(PduSettings(name="x"),), state_dir=tmp_path)
    with pytest.raises(ValueError, match="no backend for x"):
        Engine(settings, {}, clock=SystemClock(), store=None)


# -- the end ---------------------------------------------------------------------------------


async def test_stop_leaves_nothing_behind_and_may_be_called_twice(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    r = await Rig(tmp_path, ("a", "b")).live()
    r.pdu.poll_takes = [100.0]
    await r.clock.run(2)
    await r.engine.stop()
    await r.engine.stop()
    assert [pdu.closed for pdu in r.devices.values()] == [1, 1]
    assert r.store.flushed == 1
    assert asyncio.all_tasks() == before


async def test_stop_without_start(tmp_path: Path) -> None:
    r = Rig(tmp_path)
    await r.engine.stop()
    assert r.pdu.closed == 1


async def test_a_backend_that_does_not_close_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdutui.engine.fleet.CLOSE_LIMIT_S", 0.05)
    r = await Rig(tmp_path, ("a", "b")).live()

    async def never() -> None:
        await asyncio.Event().wait()

    r.pdu.aclose = never  # type: ignore[method-assign]
    await r.engine.stop()
    assert r.devices["b"].closed == 1


# -- with the real clock and the real store --------------------------------------------------


async def test_all_of_it_in_real_time(tmp_path: Path) -> None:
    clock = SystemClock()
    pdu = FakePdu("rack1-a", clock)  # type: ignore[arg-type]
    store = await HistoryStore.open(tmp_path / "history.db", clock=clock, retention_days=1)
    settings = Settings(
        poll=PollSettings(interval_s=0.05),
        history=HistorySettings(),
        pdus=(PduSettings(name="rack1-a", backend="mock"),),
        state_dir=tmp_path,
    )
    engine = Engine(settings, {"rack1-a": pdu}, clock=clock, store=store)
    began = clock.monotonic()
    await engine.start()
    assert clock.monotonic() - began < 0.1
    await asyncio.sleep(0.3)
    gate = engine.gate
    result = await gate.switch(gate.new_intent("rack1-a", 3, "off", ALICE), confirmed=True)
    assert result.outcome == "observed"
    assert "audit" not in result.detail
    await engine.stop()
    records = await store.audit_rows(10)
    assert [record.outcome for record in records] == ["observed", "requested"]
    rows = await store.recent("rack1-a", ["outlet.3.power_w"], 3)
    assert 104.0 in rows["outlet.3.power_w"]
    await store.close()


async def test_the_view_is_cheap(rig: MakeRig) -> None:
    r = await rig()
    clock = SystemClock()
    began = clock.monotonic()
    for _ in range(1000):
        r.engine.view("rack1-a")
    assert (clock.monotonic() - began) / 1000 < 0.0005


async def test_readings_are_not_shared_with_the_raw_ones(rig: MakeRig) -> None:
    """The view's dicts are copies: a screen cannot change the engine's state."""
    r = await rig()
    view = r.engine.view("rack1-a")
    view.in_flight[3] = None  # type: ignore[assignment]
    assert r.engine.view("rack1-a").in_flight == {}
    assert msgspec.structs.asdict(view)["health"] == "live"
