"""Configured thresholds, health and the clock: what they give to find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pdutui.domain.alarm_finding import Finding, Key
from pdutui.domain.health import Health
from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.engine.alarms.health import CLOCK_STAYS_S, ClockWatch, health_findings
from pdutui.engine.alarms.thresholds import Thresholds, age_findings, rules_of
from pdutui.settings import AlarmSettings, ThresholdSettings
from tests.support.clock import ManualClock

T0 = datetime(2026, 11, 20, tzinfo=UTC)
NONE: frozenset[Key] = frozenset()
READING = Reading(
    pdu="rack1-a",
    time=T0,
    inlets=(
        Inlet(
            number=1, name="I1", current_a=10.0, power_w=2300.0, rating_a=16.0, frequency_hz=49.1
        ),
        Inlet(number=2, name="I2", current_a=4.0, power_w=900.0, rating_a=16.0),
    ),
    banks=(Bank(number=1, name="Bank 1", current_a=8.0, critical_a=16.0),),
    phases=(Phase(number=1, name="L1", current_a=9.0, rating_a=20.0, voltage_v=229.0),),
    outlets=(
        Outlet(number=1, name="db01", power_w=104.0),
        Outlet(number=2, name="web01", power_w=None),
        Outlet(number=2005, name="db02", power_w=250.0),
    ),
    ats=Ats(sources=(Source(id="A", name="Utility", voltage_v=203.0),)),
    sensors=(
        Sensor(name="Env 1", kind="temperature", value=31.5, unit="degC"),
        Sensor(name="Env 1", kind="humidity", value=28.0, unit="percent"),
    ),
)  # fmt: skip


def judged(tracked: frozenset[Key] = NONE, **rule: object) -> list[Finding]:
    settings = ThresholdSettings(**{"name": "my rule", **rule})  # type: ignore[arg-type]
    rules = rules_of("rack1-a", AlarmSettings(thresholds=(settings,)))
    return list(Thresholds(rules).look(READING, tracked))


@pytest.mark.parametrize(
    ("rule", "parts", "text"),
    [
        ({"of": "outlet", "measure": "power_w", "high_warning": 100.0}, ["outlet.1", "outlet.2005"],
         "outlet 1 db01 104 W, above 100 W (my rule)"),
        ({"of": "outlet", "measure": "power_w", "high_warning": 100.0, "parts": ("db0[2-9]",)},
         ["outlet.2005"], "outlet 2.5 db02 250 W, above 100 W (my rule)"),
        ({"of": "outlet", "measure": "power_w", "high_warning": 100.0, "parts": ("2.5",)},
         ["outlet.2005"], None),
        ({"of": "outlet", "measure": "power_w", "high_warning": 100.0, "parts": ("1",)},
         ["outlet.1"], None),
        ({"of": "bank", "measure": "percent", "high_warning": 50.0}, ["bank.1"],
         "Bank 1 50 %, above 50 % (my rule)"),
        ({"of": "inlet", "measure": "frequency_hz", "low_warning": 49.5}, ["inlet.1"],
         "I1 49.1 Hz, below 49.5 Hz (my rule)"),
        ({"of": "phase", "measure": "percent", "high_critical": 45.0}, ["phase.1"], None),
        ({"of": "source", "measure": "voltage_v", "low_critical": 207.0, "parts": ("A",)},
         ["source.A"], "source A 203 V, below 207 V (my rule)"),
        ({"of": "sensor", "measure": "value", "high_warning": 27.0, "parts": ("temperature",)},
         ["sensor.Env 1.temperature"], "Env 1 temperature 31.5 °C, above 27 °C (my rule)"),
        ({"of": "sensor", "measure": "value", "low_warning": 30.0, "parts": ("Env 1.humidity",)},
         ["sensor.Env 1.humidity"], None),
        ({"of": "pdu", "measure": "power_w", "high_warning": 3000.0}, [""],
         "the PDU 3200 W, above 3000 W (my rule)"),
        ({"of": "pdu", "measure": "apparent_power_va", "high_warning": 1.0}, [], None),
        ({"of": "outlet", "measure": "power_w", "high_warning": 1.0, "pdus": ("rack2-*",)}, [],
         None),
    ],
)  # fmt: skip
def test_a_threshold_finds_its_parts(
    rule: dict[str, object], parts: list[str], text: str | None
) -> None:
    found = judged(**rule)
    assert [one.part for one in found] == parts
    assert all(one.rule == "my rule" and one.kind == "threshold" for one in found)
    if text is not None:
        assert found[0].text == text


def test_a_threshold_has_a_series_a_hold_time_and_a_hysteresis_of_its_own() -> None:
    (one,) = judged(
        of="sensor", measure="value", high_warning=32.0, high_critical=40.0, hysteresis=1.0,
        hold_s=30.0, parts=("temp*",),
    )  # fmt: skip
    assert (one.level, one.holds, one.hold_s) == (None, "warning", 30.0)
    assert one.series == "sensor.temperature_env_1.value"
    tracked = frozenset[Key]({("threshold", "outlet.1", "my rule")})
    (well,) = judged(tracked, of="outlet", measure="power_w", high_warning=500.0)
    assert (well.part, well.holds, well.known) == ("outlet.1", None, True)


def test_a_threshold_learns_of_new_names() -> None:
    settings = ThresholdSettings(
        name="w", of="outlet", measure="power_w", high_warning=1.0, parts=("mail*",)
    )
    rules = Thresholds(rules_of("rack1-a", AlarmSettings(thresholds=(settings,))))
    assert list(rules.look(READING, NONE)) == []
    named = Reading(
        pdu="rack1-a", time=T0, outlets=(Outlet(number=1, name="mail01", power_w=104.0),)
    )
    assert [one.part for one in rules.look(named, NONE)] == ["outlet.1"]


def test_the_age_of_a_reading_is_judged_without_one() -> None:
    settings = ThresholdSettings(name="old", of="pdu", measure="age_s", high_critical=30.0)
    rules = rules_of("rack1-a", AlarmSettings(thresholds=(settings,)))
    assert list(Thresholds(rules).look(READING, NONE)) == []
    assert list(age_findings(rules, 29.0, NONE)) == []
    (one,) = age_findings(rules, 45.0, NONE)
    assert (one.level, one.text) == ("critical", "the reading is 45 s old, above 30 s (old)")


@pytest.mark.parametrize(
    ("health", "age_s", "kinds"),
    [
        ("live", 0.5, []), ("late", 9.0, []), ("late", 11.0, ["pdu_stale"]),
        ("lost", 4.0, ["pdu_lost"]), ("lost", 90.0, ["pdu_lost"]), ("refused", None, ["pdu_lost"]),
        ("unsupported", None, ["pdu_lost"]), ("connecting", None, ["pdu_stale"]),
    ],
)  # fmt: skip
def test_what_health_gives_to_find(health: Health, age_s: float | None, kinds: list[str]) -> None:
    found = list(health_findings(health, "why", age_s, 20.0, 10.0, NONE))
    assert [one.kind for one in found] == kinds
    assert all("why" in one.text for one in found)


def test_a_pdu_that_is_just_being_asked_may_be_lost_as_well_as_not() -> None:
    tracked = frozenset[Key]({("pdu_lost", "", ""), ("pdu_stale", "", "")})
    found = list(health_findings("connecting", "", None, 2.0, 10.0, tracked))
    assert [one.known for one in found] == [False, False]
    found = list(health_findings("live", "", 0.1, 2.0, 10.0, tracked))
    assert [(one.known, one.holds) for one in found] == [(True, None), (True, None)]


class JumpingClock(ManualClock):
    """Its wall clock can be set."""

    set_by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.set_by


def test_a_clock_that_jumps_is_told_until_it_has_stood_for_long() -> None:
    clock = JumpingClock()
    watch = ClockWatch(clock, 5.0)
    tracked = frozenset[Key]({("clock_off", "", "")})
    clock.advance(1)
    assert list(watch.look(NONE)) == []
    clock.set_by = timedelta(seconds=-90)
    (one,) = watch.look(NONE)
    assert (one.level, one.text) == ("warning", "the clock of this machine jumped 90 s back")
    clock.advance(CLOCK_STAYS_S - 1)
    assert [one.level for one in watch.look(tracked)] == ["warning"]
    clock.advance(2)
    assert [one.holds for one in watch.look(tracked)] == [None]
    clock.set_by += timedelta(seconds=4)
    assert [one.holds for one in watch.look(tracked)] == [None], "that is no jump"


def test_a_clock_behind_what_was_written_is_off_from_the_start() -> None:
    clock = JumpingClock()
    watch = ClockWatch(clock, 5.0)
    watch.behind(clock.now() + timedelta(hours=3))
    (one,) = watch.look(NONE)
    assert one.text == "the clock of this machine jumped 3 h back"
    assert list(ClockWatch(clock, 0.0).look(NONE)) == []
