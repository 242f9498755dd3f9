"""The alarms of a running engine: judged, kept, shared between programs, seen to by people."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.backends.base import Refused
from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.commands import Actor
from pdutui.domain.reading import Ats, Bank, Sensor, Source
from pdutui.domain.roles import RoleSettings
from pdutui.engine.alarms.book import Book, BookTrouble
from pdutui.engine.alarms.out import Surroundings
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.engine.events import AlarmChanged, SilenceChanged
from pdutui.settings import AlarmSettings, ControlSettings, KioskSettings, ThresholdSettings
from tests.engine.helpers import ALICE, Rig

FAST = AlarmSettings(hold_s=0.0, clear_s=2.0, load_step_percent=0.0)
"""Without steps: whether a reading came before a test sets a load is up to threads."""
CAROL = Actor(user="carol")
MakeRig = Callable[..., Awaitable[Rig]]


async def until(rig: Rig, holds: Callable[[], object], within_s: float = 30.0) -> None:
    """Let time pass, and threads do their work, until something holds."""
    for _ in range(int(within_s / 0.25)):
        if holds():
            return
        await rig.clock.run(0.25, settle=4)
        await asyncio.sleep(0.003)
    raise AssertionError(f"not within {within_s} s: {[a.text for a in rig.engine.alarms.active()]}")


async def passing(rig: Rig, seconds: float) -> None:
    """Let time pass, and threads do their work."""
    for _ in range(int(seconds / 0.25)):
        await rig.clock.run(0.25, settle=4)
        await asyncio.sleep(0.002)


@pytest.fixture
def judged(rig: MakeRig, tmp_path: Path) -> MakeRig:
    """Makes engines whose alarms are on and loaded."""

    async def make(alarms: AlarmSettings = FAST, **how: object) -> Rig:
        more = {"alarms": alarms, **how.pop("more", {})}  # type: ignore[dict-item]
        how.setdefault("backend", "snmp")
        one = await rig(more=more, **how)
        await until(one, lambda: one.engine.alarms._desk and one.engine.alarms._desk.ready)
        return one

    return make


def listed(rig: Rig) -> list[tuple[str, str, str]]:
    return [(a.kind, a.part, a.level) for a in rig.engine.alarms.active()]


def changes(rig: Rig) -> list[tuple[str, str]]:
    found = [e.entry for e in rig.of(AlarmChanged)]  # type: ignore[attr-defined]
    return [(entry.change, entry.alarm.kind) for entry in found]


def set_bank(rig: Rig, current_a: float | None, state: str = "normal") -> None:
    bank = Bank(number=1, name="Bank 1", current_a=current_a, rating_a=16.0, state=state)  # type: ignore[arg-type]
    rig.pdu.reading = msgspec.structs.replace(rig.pdu.reading, banks=(bank,))


def set_ats(rig: Rig, active: str, lost: str = "") -> None:
    sources = tuple(
        Source(id=ident, name=ident, state="lost" if ident in lost else "normal")  # type: ignore[arg-type]
        for ident in "AB"
    )
    ats = Ats(active=active, redundancy="lost" if lost else "full", sources=sources)  # type: ignore[arg-type]
    rig.pdu.reading = msgspec.structs.replace(rig.pdu.reading, ats=ats)


async def test_a_bank_near_its_rating_is_raised_told_and_over(judged: MakeRig) -> None:
    rig = await judged()
    set_bank(rig, 13.3)
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.of("rack1-a")
    assert (alarm.kind, alarm.level, alarm.text) == (
        "overload",
        "warning",
        "Bank 1 at 83 % of 16 A",
    )
    assert (alarm.value, alarm.limit, alarm.unit) == (13.3, 12.8, "A")
    assert alarm.series == "bank.1.current_a"
    assert rig.texts[-1] == "Bank 1 at 83 % of 16 A"
    set_bank(rig, 12.5)
    await passing(rig, 5)
    assert listed(rig), "inside, but not by the hysteresis"
    set_bank(rig, 12.0)
    await until(rig, lambda: not listed(rig))
    assert changes(rig) == [("raised", "overload"), ("over", "overload")]
    assert rig.texts[-1] == "over: Bank 1 at 83 % of 16 A"


async def test_what_the_watch_has_said_is_not_said_twice_in_the_log(judged: MakeRig) -> None:
    rig = await judged()
    set_ats(rig, "A")
    await passing(rig, 1.5)
    set_ats(rig, "B", lost="A")
    await until(rig, lambda: len(listed(rig)) == 3)
    assert sorted(listed(rig)) == [
        ("redundancy_lost", "", "critical"),
        ("source_lost", "source.A", "critical"),
        ("transfer", "", "warning"),
    ]
    said = [line for line in rig.texts if "lost" in line or "transfer" in line]
    assert sorted(said) == [
        "redundancy lost", "source A lost, was normal", "transferred from A to source B",
    ]  # fmt: skip


async def test_a_lost_pdu_is_an_alarm_and_its_other_alarms_are_not_known(judged: MakeRig) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    rig.pdu.poll_error = Refused("rack1-a: wrong community")
    await until(rig, lambda: ("pdu_lost", "", "critical") in listed(rig))
    await passing(rig, 1)
    (text,) = (a.text for a in rig.engine.alarms.active() if a.kind == "pdu_lost")
    assert text == "refused: wrong community", "whose alarm it is stands before it"
    known = {alarm.kind: alarm.known for alarm in rig.engine.alarms.active()}
    assert known == {"overload": False, "pdu_lost": True}
    await passing(rig, 30)
    assert ("overload", "bank.1", "critical") in listed(rig), "not knowing ends nothing"
    rig.pdu.poll_error = None
    rig.engine.poke("rack1-a")
    await until(rig, lambda: all(alarm.known for alarm in rig.engine.alarms.active()))


async def test_a_pdu_that_is_late_for_long_is_stale(judged: MakeRig) -> None:
    rig = await judged()
    rig.pdu.poll_takes = [60.0]
    await until(rig, lambda: ("pdu_stale", "", "warning") in listed(rig), within_s=20)


async def test_an_outlet_that_somebody_else_switched_is_an_alarm_and_ours_is_none(
    judged: MakeRig,
) -> None:
    rig = await judged()
    await rig.switch(3, "off")
    await passing(rig, 2)
    assert listed(rig) == []
    rig.pdu.set_outlet(1, state="off")
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.active()
    assert (alarm.kind, alarm.part) == ("outlet_changed", "outlet.1")
    assert alarm.text == "outlet 1 san turned off, not from here"
    assert alarm.over is not None


async def test_what_another_console_switches_is_nobody_elses(judged: MakeRig) -> None:
    rig = await judged()
    other = await judged()
    await other.switch(3, "off")
    rig.pdu.set_outlet(3, state="off")
    await passing(rig, 3)
    assert [one for one in listed(rig) if one[0] == "outlet_changed"] == []
    assert any("not by this console" in text for text in rig.texts), "the log goes on saying so"


async def test_an_outlet_that_stops_drawing_is_an_alarm_after_a_while(judged: MakeRig) -> None:
    rig = await judged(msgspec.structs.replace(FAST, no_load_after_s=5.0))
    rig.pdu.set_outlet(3, power_w=0.0, current_a=0.0)
    await passing(rig, 4)
    assert listed(rig) == []
    await until(rig, lambda: listed(rig) == [("outlet_no_load", "outlet.3", "warning")])
    rig.pdu.set_outlet(3, state="off")
    await until(rig, lambda: listed(rig) == [("outlet_changed", "outlet.3", "warning")])


async def test_an_acknowledgement_is_on_the_disk_when_it_is_told(
    judged: MakeRig, tmp_path: Path
) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.active()
    await rig.engine.alarms.acknowledge([alarm.id], ALICE, "on it\x1b[2J")
    (alarm,) = rig.engine.alarms.active()
    assert alarm.ack is not None
    assert (alarm.ack.by, alarm.ack.comment) == ("alice", "on it [2J")
    kept = json.loads((tmp_path / "alarms/state.json").read_bytes())
    assert kept["watched"][0]["alarm"]["ack"]["by"] == "alice"
    lines = (tmp_path / "alarms/journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["entry"]["change"] for line in lines] == ["raised", "acknowledged"]
    assert (tmp_path / "alarms/state.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "alarms").stat().st_mode & 0o777 == 0o700
    assert changes(rig)[-1] == ("acknowledged", "overload")
    assert rig.texts[-1] == "alarm acknowledged by alice: Bank 1 at 103 % of 16 A (on it [2J)"
    entries = await rig.engine.alarms.history()
    assert [(e.change, e.by, e.comment) for e in entries] == [
        ("acknowledged", "alice", "on it [2J"), ("raised", "", ""),
    ]  # fmt: skip
    assert await rig.engine.alarms.history(pdu="rack9") == []
    assert len(await rig.engine.alarms.history(text="ON IT")) == 1


async def test_alarms_survive_a_restart_with_who_has_seen_them(judged: MakeRig) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    before = rig.engine.alarms.active()[0]
    await rig.engine.alarms.acknowledge([before.id], ALICE)
    await rig.engine.stop()
    again = await judged()
    set_bank(again, 16.5)
    (alarm,) = again.engine.alarms.active()
    assert (alarm.id, alarm.since) == (before.id, before.since)
    assert alarm.ack is not None
    assert not alarm.known, "nothing was read yet"
    await until(again, lambda: again.engine.alarms.active()[0].known)
    assert again.of(AlarmChanged) == []


async def test_two_programs_share_one_list_and_one_of_them_judges(
    judged: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []

    class Way:
        problem = ""

        def __init__(self, who: str) -> None:
            self.who = who

        def tell(self, entry: AlarmEntry, *, again: bool, silenced: bool) -> None:
            told.append((self.who, entry.change))

        async def stop(self) -> None:
            pass

    names: Iterator[str] = iter(["first", "second"])

    def ways(around: Surroundings) -> tuple[Way, ...]:
        return (Way(next(names)),)

    monkeypatch.setattr("pdutui.engine.alarms.desk.outlets", ways)
    first = await judged()
    second = await judged()
    for rig in (first, second):
        set_bank(rig, 16.5)
    await until(first, lambda: listed(first))
    assert listed(second) == []
    await asyncio.sleep(0)
    await until(first, lambda: told)
    await passing(first, 1)
    await until(second, lambda: listed(second), within_s=2)
    assert second.engine.alarms.active() == first.engine.alarms.active()
    assert changes(second) == [("raised", "overload")]
    (alarm,) = second.engine.alarms.active()
    await second.engine.alarms.acknowledge([alarm.id], ALICE)
    await until(first, lambda: first.engine.alarms.active()[0].ack, within_s=2)
    assert changes(first) == [("raised", "overload"), ("acknowledged", "overload")]
    assert told == [("first", "raised"), ("first", "acknowledged")]
    await first.engine.stop()
    set_bank(second, 2.0)
    await until(second, lambda: not listed(second))
    assert told[-1] == ("second", "over")


async def test_a_silence_keeps_alarms_quiet_for_its_time(judged: MakeRig) -> None:
    rig = await judged()
    silence = await rig.engine.alarms.silence(pdu="rack1-*", for_s=20, actor=ALICE, comment="works")
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.active()
    assert not alarm.loud
    assert alarm.silenced_until == silence.until
    assert rig.engine.alarms.silences() == (silence,)
    await until(rig, lambda: rig.engine.alarms.active()[0].loud)
    assert rig.clock.now() - silence.until < timedelta(seconds=1.5)
    assert rig.engine.alarms.silences() == ()
    told = [(e.silence.id, e.ended) for e in rig.of(SilenceChanged)]  # type: ignore[attr-defined]
    assert told == [(silence.id, False), (silence.id, True)]
    assert changes(rig)[-1] == ("unsilenced", "overload")


async def test_a_silence_can_be_ended(judged: MakeRig) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    silence = await rig.engine.alarms.silence(pdu="rack1-a", for_s=600, actor=ALICE)
    assert not rig.engine.alarms.active()[0].loud
    await rig.engine.alarms.unsilence(silence.id, ALICE)
    assert rig.engine.alarms.active()[0].loud
    with pytest.raises(AlarmTrouble, match="no such silence"):
        await rig.engine.alarms.unsilence(silence.id, ALICE)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"control": ControlSettings(roles=RoleSettings(default="viewer"))},
            "alice is a viewer, and viewers acknowledge and silence nothing",
        ),
        ({"kiosk": KioskSettings(on=True)}, "this is a kiosk"),
    ],
)
async def test_who_may_not_is_told_why(judged: MakeRig, more: dict[str, object], why: str) -> None:
    control = more.pop("control", None)
    rig = await judged(more=more, **({"control": control} if control else {}))
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.active()
    with pytest.raises(AlarmTrouble, match=why):
        await rig.engine.alarms.acknowledge([alarm.id], ALICE)
    with pytest.raises(AlarmTrouble, match=why):
        await rig.engine.alarms.silence(pdu="*", for_s=60, actor=ALICE)
    assert rig.engine.alarms.active()[0].loud


async def test_a_locked_console_acknowledges_nothing(judged: MakeRig) -> None:
    rig = await judged()
    await rig.gate.lock(ALICE)
    with pytest.raises(AlarmTrouble, match="locked by alice"):
        await rig.engine.alarms.silence(pdu="*", for_s=60, actor=ALICE)


async def test_an_alarm_that_is_not_there_is_not_acknowledged(judged: MakeRig) -> None:
    rig = await judged()
    with pytest.raises(AlarmTrouble, match="no such alarm"):
        await rig.engine.alarms.acknowledge(["nothing"], ALICE)


async def test_where_nothing_can_be_written_alarms_go_on_in_memory(
    judged: MakeRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await judged()

    def full(self: Book, kept: object) -> None:
        with self._telling(self._path):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Book, "_prepare", full)
    set_bank(rig, 16.5)
    await until(rig, lambda: rig.engine.alarms.problem)
    assert listed(rig) == [("overload", "bank.1", "critical")]
    assert "No space left" in rig.engine.alarms.problem
    (alarm,) = rig.engine.alarms.active()
    with pytest.raises(AlarmTrouble, match="could not be kept"):
        await rig.engine.alarms.silence(pdu="rack1-a", for_s=60, actor=ALICE)
    await rig.engine.alarms.acknowledge([alarm.id], ALICE, "seen")
    assert not rig.engine.alarms.active()[0].loud, "a bell that nobody can stop helps nobody"
    assert any("in this console only" in text and "No space left" in text for text in rig.texts)
    assert changes(rig)[-1] == ("acknowledged", "overload")
    monkeypatch.undo()
    await until(rig, lambda: not rig.engine.alarms.problem)
    await passing(rig, 2)
    assert "alarms are kept again" in rig.texts
    kept = json.loads((tmp_path / "alarms/state.json").read_text())
    assert [one["alarm"]["ack"]["comment"] for one in kept["watched"]] == ["seen"]
    journal = (tmp_path / "alarms/journal.jsonl").read_text()
    assert [json.loads(line)["entry"]["change"] for line in journal.splitlines()] == [
        "raised", "acknowledged",
    ]  # fmt: skip


async def test_a_full_disk_at_the_start_forgets_nobody_who_has_seen_an_alarm(
    judged: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    await rig.engine.alarms.acknowledge([rig.engine.alarms.active()[0].id], ALICE)
    await rig.engine.stop()

    def full(self: object) -> None:
        raise BookTrouble("No space left on device")

    monkeypatch.setattr("pdutui.engine.alarms.lead.Lead._take", full)
    again = await judged()
    set_bank(again, 16.5)
    await passing(again, 3)
    assert [(one.known, one.loud) for one in again.engine.alarms.active()] == [(True, False)]
    assert "No space left" in again.engine.alarms.problem


async def test_other_settings_end_what_is_judged_no_more(judged: MakeRig) -> None:
    rule = ThresholdSettings(name="warm bank", of="bank", measure="current_a", high_warning=4.0)
    rig = await judged(msgspec.structs.replace(FAST, thresholds=(rule,)))
    await until(rig, lambda: not rig.engine.alarms.unjudged)
    set_bank(rig, 5.0)
    await until(rig, lambda: listed(rig) == [("threshold", "bank.1", "warning")])
    (alarm,) = rig.engine.alarms.active()
    assert alarm.text == "Bank 1 5 A, above 4 A (warm bank)"
    new = msgspec.structs.replace(rig.settings, alarms=FAST)
    await rig.engine.take(new, lambda pdu: rig.pdu)
    await until(rig, lambda: not listed(rig))
    assert changes(rig)[-1] == ("expired", "threshold")


async def test_alarms_can_be_off(rig: MakeRig) -> None:
    one = await rig()
    await passing(one, 3)
    assert one.engine.alarms.active() == ()
    assert "switched off" in one.engine.alarms.unjudged
    with pytest.raises(AlarmTrouble, match="switched off"):
        await one.engine.alarms.acknowledge(["x"], ALICE)
    assert not (one.settings.state_dir / "alarms").exists()


async def test_kinds_can_be_off(judged: MakeRig) -> None:
    rig = await judged(msgspec.structs.replace(FAST, off=("overload",)))
    set_bank(rig, 16.5)
    await passing(rig, 3)
    assert listed(rig) == []


async def test_a_book_that_could_not_be_read_at_first_is_taken_up_when_it_can(
    judged: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await judged()
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    (alarm,) = rig.engine.alarms.active()
    await rig.engine.alarms.acknowledge([alarm.id], ALICE)
    await rig.engine.stop()

    def busy(self: Book, tail: object) -> None:
        raise BookTrouble("another program holds it")

    monkeypatch.setattr(Book, "follow", busy)
    again = await judged()
    set_bank(again, 16.5)
    assert "another program holds it" in again.engine.alarms.problem
    await until(again, lambda: listed(again))
    assert again.engine.alarms.active()[0].loud, "nobody knows that it was seen"
    monkeypatch.undo()
    await until(again, lambda: not again.engine.alarms.problem)
    assert [one.ack is not None for one in again.engine.alarms.active()] == [True]


async def test_the_alarms_of_a_pdu_that_is_configured_no_more_end(judged: MakeRig) -> None:
    rig = await judged(names=("rack1-a", "rack1-b"))
    set_bank(rig, 16.5)
    await until(rig, lambda: listed(rig))
    left = msgspec.structs.replace(rig.settings, pdus=rig.settings.pdus[1:])
    await rig.engine.take(left, lambda pdu: rig.devices[pdu.name])
    await until(rig, lambda: not listed(rig))
    assert changes(rig) == [("raised", "overload"), ("expired", "overload")]


async def test_a_sensor_that_is_pulled_leaves_its_alarm_unknown_and_for_a_day(
    judged: MakeRig,
) -> None:
    rig = await judged(msgspec.structs.replace(FAST, expire_h=0.01))
    hot = Sensor(name="Env 1", kind="temperature", value=41.0, unit="degC", state="critical")
    rig.pdu.reading = msgspec.structs.replace(rig.pdu.reading, sensors=(hot,))
    await until(rig, lambda: listed(rig))
    rig.pdu.reading = msgspec.structs.replace(rig.pdu.reading, sensors=())
    await passing(rig, 30)
    (alarm,) = rig.engine.alarms.active()
    assert (alarm.known, alarm.over) == (False, None)
    await until(rig, lambda: not listed(rig), within_s=10)
    assert changes(rig)[-1] == ("expired", "sensor")


async def test_a_model_is_judged_where_it_lives(judged: MakeRig, tmp_path: Path) -> None:
    first = await judged(backend="mock")
    second = await judged(backend="mock")
    set_bank(second, 16.5)
    await until(second, lambda: listed(second))
    await passing(first, 2)
    assert listed(first) == [], "its own model is well"
    (alarm,) = second.engine.alarms.active()
    await second.engine.alarms.acknowledge([alarm.id], ALICE)
    assert second.engine.alarms.active()[0].ack is not None
    assert changes(second) == [("raised", "overload"), ("acknowledged", "overload")]
    await passing(second, 2)
    assert second.engine.alarms.active()[0].ack is not None
    assert not (tmp_path / "alarms/journal.jsonl").exists()


async def test_what_happens_between_two_programs_that_judge_is_told_once(
    judged: MakeRig,
) -> None:
    first = await judged()
    second = await judged()
    for rig in (first, second):
        set_ats(rig, "A")
        await passing(rig, 3)
    for rig in (first, second):
        set_ats(rig, "B")
        await passing(rig, 2)
    await until(second, lambda: listed(second))
    assert changes(second) == [("raised", "transfer")], "by the first, and read by the second"
    await first.engine.stop()
    # It is gone, and nobody has taken its place yet.
    set_ats(second, "A")
    await until(second, lambda: len(changes(second)) == 2)
    (alarm,) = second.engine.alarms.active()
    assert (alarm.text, alarm.times) == ("transferred from B to source A", 2)
    await passing(second, 5)
    assert len(changes(second)) == 2


async def test_a_transfer_that_another_program_has_ordered_is_no_alarm(judged: MakeRig) -> None:
    rig = await judged()
    other = await judged()
    set_ats(rig, "A")
    await passing(rig, 2)
    intent = other.engine.gate.new_intent("rack1-a", 0, "prefer_b", ALICE)
    held = await other.engine.gate._turns.take(other.engine.settings.pdus[0], 1.0)
    held.begin(intent, other.clock.now())
    held.release()
    set_ats(rig, "B")
    await passing(rig, 3)
    assert listed(rig) == []
    set_ats(rig, "A")
    await until(rig, lambda: listed(rig))
    assert listed(rig) == [("transfer", "", "warning")], "nobody has asked for that one"


async def test_a_program_that_stood_still_leaves_judging_to_the_others(judged: MakeRig) -> None:
    first = await judged()
    second = await judged()
    for rig in (first, second):
        set_bank(rig, 16.5)
    # The first does nothing while the second goes on for so long that it is taken for hung.
    await until(second, lambda: listed(second), within_s=30)
    assert changes(second) == [("raised", "overload")]
    journal = first.settings.state_dir / "alarms/journal.jsonl"
    await until(second, journal.exists)
    first.clock.advance(30)
    await passing(first, 8)
    assert listed(first) == [("overload", "bank.1", "critical")]
    assert len(journal.read_text().splitlines()) == 1, "it was raised and written once"
