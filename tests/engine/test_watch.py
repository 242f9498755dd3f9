from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from pdutui.domain.commands import CommandResult, Intent, Outcome, OutletAction
from pdutui.domain.reading import Ats, Bank, Outlet, Phase, Reading, Sensor, Source
from pdutui.engine.watch import UPTIME_WRAP_S, Note, Watch
from tests.engine.helpers import ALICE

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def base() -> Reading:
    return Reading(
        pdu="a",
        time=T0,
        serial="S1",
        uptime_s=1000,
        banks=(Bank(number=1, name="Bank 1", state="normal"),),
        outlets=(
            Outlet(number=1, name="", state="on"),
            Outlet(number=3, name="db01", state="on"),
        ),
        ats=Ats(
            active="A",
            redundancy="full",
            sources=(
                Source(id="A", name="A", state="normal"),
                Source(id="B", name="B", state="normal"),
            ),
        ),
        sensors=(Sensor(name="Env 1", kind="temperature", state="normal"),),
    )


class Story:
    def __init__(self) -> None:
        self.watch = Watch()
        self.now = 100.0
        self.reading = base()
        self.tell()

    def tell(
        self, *, passed: float = 1.0, began: float | None = None,
        in_flight: frozenset[int] = frozenset(), **values: object,
    ) -> list[Note]:  # fmt: skip
        self.now += passed
        uptime = {"uptime_s": (self.reading.uptime_s or 0) + int(passed)}
        self.reading = msgspec.structs.replace(self.reading, **{**uptime, **values})
        return self.watch.compare(
            self.reading,
            began_s=self.now - 0.1 if began is None else began,
            ended_s=self.now,
            in_flight=in_flight,
        )

    def outlet(self, number: int, state: str, **how: object) -> list[Note]:
        outlets = tuple(
            msgspec.structs.replace(o, state=state) if o.number == number else o
            for o in self.reading.outlets
        )
        return self.tell(outlets=outlets, **how)  # type: ignore[arg-type]

    def ended(self, outlet: int, action: OutletAction, outcome: Outcome, after: str) -> None:
        self.watch.ended(
            CommandResult(
                intent=Intent(id="i", pdu="a", outlet=outlet, action=action, actor=ALICE),
                outcome=outcome, detail="", outlet_name="", before="on", after=after, ended=T0,
            ),
            self.now,
            [outlet],
        )  # fmt: skip


def texts(notes: list[Note]) -> list[str]:
    return [note.text for note in notes]


def test_the_first_reading_and_an_equal_one_say_nothing() -> None:
    assert Watch().compare(base(), began_s=0, ended_s=1, in_flight=frozenset()) == []
    assert Story().tell() == []


def test_an_outlet_switched_by_somebody_else_is_told_once() -> None:
    story = Story()
    assert story.outlet(3, "off") == [
        Note("warning", "outlet 3 db01 turned off, not by this console")
    ]
    assert story.tell() == []
    assert texts(story.outlet(3, "on")) == ["outlet 3 db01 turned on, not by this console"]


def test_a_spell_of_not_knowing_is_no_change() -> None:
    story = Story()
    assert story.outlet(3, "unknown") == []
    assert story.outlet(3, "on") == []
    story.outlet(3, "unknown")
    assert texts(story.outlet(3, "off")) == ["outlet 3 db01 turned off, not by this console"]


def blind(ats: Ats) -> Ats:
    """A transfer switch whose card has lost it for a poll."""
    return msgspec.structs.replace(
        ats, active=None, redundancy=None,
        sources=tuple(msgspec.structs.replace(s, state="unknown") for s in ats.sources),
    )  # fmt: skip


@pytest.mark.parametrize("gone", [False, True], ids=["unknown", "not there"])
def test_an_outage_behind_a_spell_of_not_knowing_is_told(gone: bool) -> None:
    story = Story()
    ats = base().ats
    assert ats is not None
    bank = base().banks[0]
    unsure = msgspec.structs.replace(bank, state="unknown")
    assert story.tell(ats=None if gone else blind(ats), banks=() if gone else (unsure,)) == []
    dead = (
        msgspec.structs.replace(ats.sources[0], state="lost"),
        ats.sources[1],
    )
    tripped = msgspec.structs.replace(bank, state="tripped")
    after = msgspec.structs.replace(ats, active="B", redundancy="lost", sources=dead)
    assert story.tell(ats=after, banks=(tripped,)) == [
        Note("warning", "transferred from A to source B"),
        Note("critical", "source A lost, was normal"),
        Note("critical", "redundancy lost"),
        Note("critical", "Bank 1 load tripped, was normal"),
    ]
    assert story.tell() == []


def test_another_device_is_not_compared_with_the_one_before() -> None:
    story = Story()
    ats = base().ats
    assert ats is not None
    notes = story.tell(serial="S2", ats=msgspec.structs.replace(ats, active="B"))
    assert texts(notes) == ["another device answers here: serial S2, was S1"]


def test_two_sensors_of_one_name_are_not_taken_for_one_that_changes() -> None:
    story = Story()
    doors = [Sensor(name="Door", kind="contact", state=s) for s in ("open", "closed")]
    story.tell(sensors=tuple(doors))
    assert story.tell() == []
    both = [Sensor(name="Door", kind="contact", state="closed")] * 2
    assert texts(story.tell(sensors=tuple(both))) == ["Door contact closed, was open"]


def test_our_own_command_is_not_somebody_else() -> None:
    story = Story()
    assert story.outlet(3, "off", in_flight=frozenset({3})) == []
    story.ended(3, "off", "observed", "off")
    assert story.tell() == []
    assert texts(story.outlet(3, "on")) == ["outlet 3 db01 turned on, not by this console"]


def test_a_poll_that_began_before_our_command_ended_says_nothing_about_its_outlet() -> None:
    story = Story()
    story.ended(3, "off", "observed", "off")
    assert story.outlet(3, "on", began=story.now - 0.2) == []
    assert story.outlet(3, "off") == []


def test_a_device_that_goes_back_after_our_command_is_told() -> None:
    story = Story()
    story.ended(3, "off", "observed", "off")
    assert texts(story.outlet(3, "on")) == ["outlet 3 db01 turned on, not by this console"]


def test_a_slow_relay_that_follows_an_unconfirmed_command_is_named_as_such() -> None:
    story = Story()
    story.ended(3, "off", "unconfirmed", "on")
    assert texts(story.outlet(3, "off")) == [
        "outlet 3 db01 is off now: the unconfirmed command took effect late"
    ]


def ats(story: Story, **values: object) -> list[Note]:
    assert story.reading.ats is not None
    return story.tell(ats=msgspec.structs.replace(story.reading.ats, **values))


def test_transfer_source_and_redundancy() -> None:
    story = Story()
    lost = (
        Source(id="A", name="A", state="lost"),
        Source(id="B", name="B", state="normal"),
    )
    assert ats(story, active="B", redundancy="lost", sources=lost) == [
        Note("warning", "transferred from A to source B"),
        Note("critical", "source A lost, was normal"),
        Note("critical", "redundancy lost"),
    ]
    good = base().ats
    assert good is not None
    assert [note.severity for note in ats(story, redundancy="full", sources=good.sources)] == [
        "info",
        "info",
    ]
    assert texts(ats(story, active="none")) == ["no source carries the load"]
    assert texts(ats(story, active=None)) == []


@pytest.mark.parametrize(
    ("state", "severity"),
    [("warning", "warning"), ("critical", "critical"), ("tripped", "critical"), ("low", "info")],
)
def test_bank_load(state: str, severity: str) -> None:
    story = Story()
    banks = (Bank(number=1, name="Bank 1", state=state),)  # type: ignore[arg-type]
    assert story.tell(banks=banks) == [Note(severity, f"Bank 1 load {state}, was normal")]  # type: ignore[arg-type]
    assert story.tell(banks=(Bank(number=1, name="Bank 1", state="unknown"),)) == []


def test_phase_load_names_the_unit_of_a_chain() -> None:
    story = Story()
    story.tell(phases=(Phase(number=2002, name="L2", module=2, state="normal"),))
    over = (Phase(number=2002, name="L2", module=2, state="critical"),)
    assert story.tell(phases=over) == [Note("critical", "L2 of unit 2 load critical, was normal")]


def test_sensor_fault_follows_the_sensor_not_its_place() -> None:
    story = Story()
    new = Sensor(name="Env 0", kind="humidity", state="alarm")
    faulty = Sensor(name="Env 1", kind="temperature", state="fault")
    assert story.tell(sensors=(new, faulty)) == [
        Note("critical", "Env 1 temperature fault, was normal")
    ]


def test_a_restart_shows_by_its_uptime() -> None:
    assert texts(Story().tell(uptime_s=12)) == ["the device restarted; it has been up for 12 s"]
    # It restarted early in a long gap, and has been up for longer than before.
    assert texts(Story().tell(passed=9000.0, uptime_s=7000)) == [
        "the device restarted; it has been up for 117 min"
    ]


def test_what_is_no_restart() -> None:
    assert Story().tell(passed=9000.0) == []
    assert Story().tell(passed=100.0, uptime_s=1060) == []  # an uptime that lags
    assert Story().tell(passed=9000.0, uptime_s=1001) == []  # one that stands still
    assert Story().tell(uptime_s=990) == []  # one that jitters
    assert Story().tell(uptime_s=None) == []
    story = Story()
    story.tell(passed=0.0, uptime_s=UPTIME_WRAP_S - 1)
    assert story.tell(passed=2.0, uptime_s=1) == []


def test_another_device_at_the_address_is_told_and_starts_afresh() -> None:
    story = Story()
    outlets = (Outlet(number=1, name="", state="off"), Outlet(number=3, name="x", state="off"))
    notes = story.tell(serial="S2", uptime_s=3, outlets=outlets)
    assert notes == [Note("critical", "another device answers here: serial S2, was S1")]


# -- delayed commands and commands on all outlets ------------------------------------------------


def delayed(story: Story, action: OutletAction, outcome: Outcome, *, delay_s: int | None) -> None:
    story.watch.ended(
        CommandResult(
            intent=Intent(
                id="i", pdu="a", outlet=3, action=action, actor=ALICE, delay_s=delay_s
            ),
            outcome=outcome, detail="", outlet_name="", before="on", after="on", pending=True,
            ended=T0,
        ),
        story.now,
        [3],
    )  # fmt: skip


def pending(story: Story, what: str | None, *, passed: float = 1.0) -> list[Note]:
    outlets = tuple(
        msgspec.structs.replace(o, pending=what if o.number == 3 else None)
        for o in story.reading.outlets
    )
    return story.tell(outlets=outlets, passed=passed)


@pytest.mark.parametrize("outcome", ["failed", "unconfirmed"])
def test_a_cancel_that_did_not_work_does_not_disown_the_delayed_command(outcome: Outcome) -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=None)
    story.tell()
    story.ended(3, "cancel", outcome, "on")
    story.tell()
    assert texts(story.outlet(3, "off")) == [
        "outlet 3 db01 is off now: the delayed command was due"
    ]


def test_a_delayed_command_that_was_cancelled_is_not_expected_any_more() -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=None)
    story.tell()
    story.ended(3, "cancel", "observed", "on")
    story.tell()
    assert texts(story.outlet(3, "off")) == ["outlet 3 db01 turned off, not by this console"]


def test_a_delay_longer_than_two_hours_is_remembered_for_as_long() -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=86_400)
    pending(story, "off", passed=86_390.0)
    assert texts(story.outlet(3, "off", passed=11.0)) == [
        "outlet 3 db01 is off now: the delayed command was due"
    ]


def test_a_switch_long_before_a_delayed_command_is_due_is_somebody_elses() -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=3600)
    story.tell()
    assert texts(story.outlet(3, "off", passed=60.0)) == [
        "outlet 3 db01 turned off, not by this console"
    ]


def test_a_pending_command_that_somebody_takes_back_excuses_nothing_later() -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=None)
    pending(story, "unspecified")
    pending(story, None)
    pending(story, None, passed=30.0)
    assert texts(story.outlet(3, "off")) == ["outlet 3 db01 turned off, not by this console"]


def test_a_relay_that_lags_behind_its_pending_mark_is_still_ours() -> None:
    story = Story()
    delayed(story, "delayed_off", "observed", delay_s=None)
    pending(story, "unspecified")
    pending(story, None)
    assert texts(story.outlet(3, "off")) == [
        "outlet 3 db01 is off now: the delayed command was due"
    ]
