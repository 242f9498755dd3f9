"""Other settings for a running engine: what changes at once, what goes on, what is in the way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.commands import Intent
from pdutui.domain.secret import Secret
from pdutui.engine.events import ReadingArrived
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.reload import NotNow, Taken, compare, in_the_way, later, policy_differs
from pdutui.settings import (
    ControlSettings,
    HistorySettings,
    OutletSettings,
    PduSettings,
    PollSettings,
    Settings,
    TrapSettings,
)
from tests.engine.conftest import MakeRig
from tests.engine.helpers import ALICE, FakePdu, Rig
from tests.engine.plans.helpers import wish


def mock(name: str, **said: Any) -> PduSettings:
    return PduSettings(name=name, backend="mock", **said)


async def take(r: Rig, wanted: Settings) -> Taken:
    """Have it taken, with fake devices for what is new."""

    def build(pdu: PduSettings) -> FakePdu:
        r.devices[pdu.name] = FakePdu(pdu.name, r.clock)
        return r.devices[pdu.name]

    taken = await r.engine.take(wanted, build)
    r.settings = wanted
    return taken


def with_pdus(r: Rig, *pdus: PduSettings) -> Settings:
    return msgspec.structs.replace(r.settings, pdus=pdus)


def tightened(r: Rig, **said: Any) -> Settings:
    control = msgspec.structs.replace(r.settings.control, **said)
    return msgspec.structs.replace(r.settings, control=control)


# -- PDUs come and go ------------------------------------------------------------------------


async def test_pdus_that_nobody_changed_do_not_notice(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b", "rack1-c"))
    r.pdu.set_outlet(3, power_w=250.0)
    await r.clock.run(5)
    same, gone = r.devices["rack1-b"], r.devices["rack1-a"]
    watch = r.engine._fleet["rack1-b"].watch
    taken = await take(r, with_pdus(r, mock("rack2-a"), mock("rack1-b"), mock("rack1-c", seed=7)))
    assert (taken.changes.added, taken.changes.removed) == (("rack2-a",), ("rack1-a",))
    assert taken.changes.moved == ("rack1-c",)
    assert r.engine.pdus == ("rack2-a", "rack1-b", "rack1-c")
    assert gone.closed == 1
    assert r.engine.view("rack1-c").reading is None  # another device: nothing of the old one
    await r.clock.run(10)
    assert {r.engine.view(name).health for name in r.engine.pdus} == {"live"}
    gaps = [b - a for a, b in zip(same.polled_at[1:], same.polled_at[2:], strict=False)]
    assert len(same.polled_at) >= 15
    assert gaps == pytest.approx([1.0] * len(gaps))
    assert None not in r.engine.trend("rack1-b", "outlet.3.power_w", 12)
    assert r.engine._fleet["rack1-b"].watch is watch
    assert same.closed == 0
    polls = len(gone.polled_at)
    await r.clock.run(3)
    assert len(gone.polled_at) == polls


async def test_a_pdu_that_is_gone_is_called_so_wherever_it_is_still_shown(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    await take(r, with_pdus(r, mock("rack1-b")))
    view = r.engine.view("rack1-a")
    assert (view.health, view.detail) == ("lost", "not configured any more")
    assert view.reading is not None
    assert (view.info.read_only, view.info.read_only_reason) == (True, "not configured any more")
    assert r.engine.trend("rack1-a", "outlet.3.power_w", 3) == [None] * 3
    r.engine.acknowledge("rack1-a", 3)
    assert r.gate.check("rack1-a", 3, "off").rule == "unknown_pdu"
    assert ("rack1-a", "stopped") in [(pdu, health) for pdu, health, _ in r.store.health]
    with pytest.raises(KeyError):
        r.engine.view("never-there")
    await take(r, with_pdus(r, mock("rack1-b"), mock("rack1-a")))
    assert r.engine.view("rack1-a").health == "connecting"


async def test_the_same_device_asked_in_another_way_keeps_what_is_known(rig: MakeRig) -> None:
    r = await rig()
    before, poller = r.pdu, r.engine._roster.pollers["rack1-a"]
    taken = await take(r, with_pdus(r, mock("rack1-a", community=Secret("other"))))
    assert taken.changes.rewired == ("rack1-a",)
    assert before.closed == 1
    assert r.engine.view("rack1-a").reading is not None
    assert r.engine._roster.pollers["rack1-a"] is not poller
    polls = len(before.polled_at)
    await r.clock.run(3)
    assert len(before.polled_at) == polls
    assert len(r.devices["rack1-a"].polled_at) >= 3
    assert r.engine.view("rack1-a").health == "live"


async def test_what_is_said_of_a_pdu_holds_at_once(rig: MakeRig) -> None:
    r = await rig()
    named = {3: OutletSettings(name="web01")}
    taken = await take(
        r, with_pdus(r, mock("rack1-a", outlets=named, feed="B", protected=frozenset({3})))
    )
    assert taken.changes.retold == ("rack1-a",)
    view = r.engine.view("rack1-a")
    assert view.reading is not None
    outlet = view.reading.outlet(3)
    assert outlet is not None
    assert (outlet.name, view.info.feed, view.info.protected) == ("web01", "B", frozenset({3}))
    assert r.gate.check("rack1-a", 3, "off").needs_name
    await take(r, tightened(r, read_only=True))
    assert r.engine.view("rack1-a").info.read_only


async def test_another_interval_is_gone_by_at_once_and_every_tick_counts(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"), interval_s=60.0)
    await r.clock.run(20)
    assert len(r.pdu.polled_at) == 1
    await take(r, msgspec.structs.replace(r.settings, poll=PollSettings(interval_s=2.0)))
    await r.clock.run(20.5)
    assert len(r.pdu.polled_at) == 1 + 10
    assert r.engine.view("rack1-b").health == "live"
    await take(r, msgspec.structs.replace(r.settings, poll=PollSettings(interval_s=1.0)))
    await r.clock.run(5)
    tally = r.engine.tally("rack1-a")
    assert tally.ticks == tally.polled + tally.missed + tally.paused + tally.connecting
    assert tally.missed == 0


async def test_a_device_that_is_away_is_left_in_peace_by_another_interval(rig: MakeRig) -> None:
    from pdutui.backends.base import Unreachable

    r = await rig()
    r.pdu.poll_error = Unreachable("no answer")
    await r.clock.run(40)
    polls = len(r.pdu.polled_at)
    await take(r, msgspec.structs.replace(r.settings, poll=PollSettings(interval_s=0.5)))
    await r.clock.run(3)
    assert len(r.pdu.polled_at) <= polls + 1


_NAMES = ("a", "b", "c", "d")
_FLEETS = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(
        *(st.builds(mock, st.just(n), seed=st.integers(1, 2), feed=st.sampled_from("AB"))
          for n in names)
    )
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(_FLEETS, min_size=2, max_size=5))
async def test_whatever_comes_and_goes_each_pdu_has_one_poller_and_no_backend_is_left(
    tmp_path_factory: pytest.TempPathFactory, fleets: list[tuple[PduSettings, ...]]
) -> None:
    r = Rig(Path("/nowhere"), tuple(p.name for p in fleets[0]), store=None, history=False)
    await r.engine.start()
    made: list[FakePdu] = list(r.devices.values())
    try:
        for fleet in fleets:
            before = {n: r.engine._fleet[n].backend for n in r.engine.pdus}
            changes = (await take(r, with_pdus(r, *fleet))).changes
            made += [d for d in r.devices.values() if d not in made]
            assert r.engine.pdus == tuple(pdu.name for pdu in fleet)
            for name in r.engine.pdus:
                anew = name in (*changes.added, *changes.moved)
                assert (r.engine._fleet[name].backend is before.get(name)) != anew
            await r.clock.run(1.3)
            assert all(r.engine.view(name).health == "live" for name in r.engine.pdus)
        there = [r.engine._fleet[n].backend for n in r.engine.pdus]
        assert [d.closed for d in made] == [0 if d in there else 1 for d in made]
        polling = r.engine._roster._polling
        assert set(polling) == set(r.engine.pdus)
    finally:
        await r.engine.stop()


async def test_traps_are_listened_for_as_long_as_they_are_wanted(rig: MakeRig) -> None:
    r = await rig()
    wanted = TrapSettings(enabled=True, host="127.0.0.1", port=0)
    assert r.engine.trap_status is None
    await take(r, msgspec.structs.replace(r.settings, traps=wanted))
    first = r.engine._traps.desk
    assert first is not None
    await take(r, with_pdus(r, mock("rack1-a"), mock("rack1-b")))
    assert r.engine._traps.desk is first
    await take(r, msgspec.structs.replace(r.settings, traps=TrapSettings()))
    assert r.engine.trap_status is None


# -- commands --------------------------------------------------------------------------------


async def ask(r: Rig, outlet: int = 3) -> Intent:
    return r.gate.new_intent("rack1-a", outlet, "off", ALICE, "because")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ControlSettings(), ControlSettings(read_only=True)),
        (ControlSettings(reason="required"), ControlSettings()),
        (ControlSettings(outlet_per_minute=1), ControlSettings(outlet_per_minute=0)),
    ],
)  # fmt: skip
async def test_a_question_is_void_when_the_rules_have_changed_either_way(
    rig: MakeRig, before: ControlSettings, after: ControlSettings
) -> None:
    r = await rig(control=before)
    intent = await ask(r)
    await take(r, msgspec.structs.replace(r.settings, control=after))
    async with asyncio.timeout(2):
        result = await r.gate.switch(intent, confirmed=True)
    assert result.outcome == "refused"
    assert "configuration was read again" in result.detail
    assert r.pdu.commands == []
    assert r.store.outcomes[-1] == "refused"
    anew = await r.switch(3, "off")
    assert anew.outcome == ("refused" if after.read_only else "observed")


async def test_a_question_stands_when_no_rule_has_changed(rig: MakeRig) -> None:
    r = await rig()
    intent = await ask(r)
    ui = msgspec.structs.replace(r.settings.ui, theme="noc-light")
    await take(r, msgspec.structs.replace(r.settings, ui=ui))
    assert r.gate.check("rack1-a", 3, "off").allowed
    r.pdu.acts = False
    r.pdu.set_outlet(3, state="on")
    await r.gate.refuse(intent, "cancelled")
    assert r.store.records[-1].detail == "cancelled"


async def test_what_was_switched_counts_on_over_other_limits(rig: MakeRig) -> None:
    r = await rig(control=ControlSettings(outlet_per_minute=0))
    assert (await r.switch(3, "off")).outcome == "observed"
    await take(r, tightened(r, outlet_per_minute=1))
    result = await r.switch(3, "on", wait=5)
    assert (result.outcome, "within a minute" in result.detail) == ("refused", True)


async def test_nothing_changes_under_a_command_that_is_under_way(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    r.pdu.relay_s = 3.0
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    assert not task.done()
    for wanted in (
        with_pdus(r, mock("rack1-b")),
        with_pdus(r, mock("rack1-a", seed=9), mock("rack1-b")),
        with_pdus(r, mock("rack1-a", community=Secret("x")), mock("rack1-b")),
    ):
        with pytest.raises(NotNow, match=r"a command \(off\) is under way on rack1-a: let it end"):
            await take(r, wanted)
    assert r.engine.pdus == ("rack1-a", "rack1-b")
    assert r.pdu.closed == 0
    await take(r, with_pdus(r, mock("rack1-a", feed="B"), mock("rack1-b", seed=3)))
    await r.clock.run(5)
    assert task.result().outcome == "observed"


async def test_a_rule_that_comes_while_a_command_waits_still_holds_for_it(rig: MakeRig) -> None:
    r = await rig()
    await r.engine._fleet["rack1-a"].lock.acquire()
    task = r.switching(3, "off")
    await r.clock.run(0.5)
    await take(r, tightened(r, read_only=True))
    r.engine._fleet["rack1-a"].lock.release()
    await r.clock.run(2)
    assert (task.result().outcome, r.pdu.commands) == ("refused", [])


def test_a_plan_that_runs_here_is_in_the_way(tmp_path: Path) -> None:
    new = Settings(pdus=(mock("rack1-a"),), state_dir=tmp_path)
    for state, mine, stops in (
        ("running", True, True), ("pausing", True, True), ("running", False, False),
        ("paused", True, False),
    ):  # fmt: skip
        view = SimpleNamespace(plan=SimpleNamespace(id="K7Q2MX"), state=state, mine=mine)
        plans: Any = SimpleNamespace(plans=lambda view=view: (view,))
        why = in_the_way(new, compare(new, new), {}, plans)
        assert ("plan K7Q2MX is running: pause it" in why) == stops


async def test_a_plan_is_not_agreed_to_by_rules_that_hold_no_more(
    rig: MakeRig,
) -> None:
    r = await rig(control=ControlSettings(reason="required"))
    draft = r.engine.plans.draft([wish(3)], ALICE, reason="because")
    await r.clock.run(1)
    await take(r, tightened(r, reason="optional"))
    with pytest.raises(PlanTrouble, match="configuration was read again"):
        await r.engine.plans.keep(draft, confirmed=True, typed=draft.words)
    await r.clock.run(1)
    assert not r.engine.plans.draft([wish(3)], ALICE).problem


# -- what is said of it ----------------------------------------------------------------------


def test_no_pdu_at_all_is_no_configuration(tmp_path: Path) -> None:
    old = Settings(pdus=(mock("rack1-a"),), state_dir=tmp_path)
    new = msgspec.structs.replace(old, pdus=())
    assert in_the_way(new, compare(old, new), {}, None).startswith("it names no PDU")


def test_what_holds_from_the_next_start_on_is_named(tmp_path: Path) -> None:
    old = Settings(pdus=(mock("rack1-a"),), state_dir=tmp_path)
    new = msgspec.structs.replace(
        old,
        history=HistorySettings(path=tmp_path / "x.db", retention_days=9),
        ui=msgspec.structs.replace(old.ui, glyphs="ascii", theme="noc-light"),
    )
    assert later(old, new) == ("history.path", "history.retention_days", "ui.glyphs")
    words = Taken(changes=compare(old, new), later=later(old, new)).words
    assert words == (
        "configuration read again: in force; takes effect at the next start: "
        "history.path, history.retention_days, ui.glyphs"
    )
    assert not policy_differs(old, new)
    assert policy_differs(old, msgspec.structs.replace(old, pdus=(mock("rack1-a", feed="A"),)))


def test_changes_are_told_in_a_line(tmp_path: Path) -> None:
    names = [f"r{n}" for n in range(6)]
    old = Settings(pdus=tuple(mock(n) for n in names), state_dir=tmp_path)
    new = msgspec.structs.replace(old, pdus=(mock("r0", feed="B"), mock("new")))
    assert (
        compare(old, new).words == "1 PDU added (new), 5 gone (r1, r2, r3, r4, ...), 1 changed (r0)"
    )
    same = Taken(changes=compare(old, old), same=True)
    assert same.words == "configuration read again: it says what it said before"


async def test_listeners_hear_no_reading_of_a_pdu_that_is_gone(rig: MakeRig) -> None:
    r = await rig(("rack1-a", "rack1-b"))
    r.devices["rack1-a"].poll_takes = [5.0]
    await r.clock.run(1.5)
    r.events.clear()
    await take(r, with_pdus(r, mock("rack1-b")))
    await r.clock.run(8)
    assert {e.pdu for e in r.of(ReadingArrived)} == {"rack1-b"}  # type: ignore[attr-defined]
