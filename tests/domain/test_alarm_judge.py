"""What one reading gives to find, part by part."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.alarm_finding import Finding, Key, alarm_id
from pdutui.domain.alarm_level import Limits, standing
from pdutui.domain.alarm_loads import LoadRules, load_findings
from pdutui.domain.alarm_outlets import no_load_findings
from pdutui.domain.alarm_power import ats_findings, sensor_findings
from pdutui.domain.alarm_steps import LoadSteps
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    LoadState,
    Outlet,
    Phase,
    Reading,
    Sensor,
    SensorState,
    Source,
    SourceState,
)

T0 = datetime(2026, 11, 20, tzinfo=UTC)
NONE: frozenset[Key] = frozenset()


def reading(**parts: object) -> Reading:
    return Reading(pdu="rack1-a", time=T0, **parts)  # type: ignore[arg-type]


def bank(current_a: float | None, state: LoadState = "normal", **more: object) -> Bank:
    values: dict[str, object] = {"rating_a": 16.0, **more}
    return Bank(number=1, name="Bank 1", current_a=current_a, state=state, **values)  # type: ignore[arg-type]


def loads(one: Reading, tracked: frozenset[Key] = NONE) -> list[Finding]:
    return list(load_findings(one, LoadRules(), tracked))


# -- figures and limits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level", "holds"),
    [
        (77.5, None, None), (77.6, None, None), (79.0, None, "warning"),
        (80.0, "warning", "warning"), (97.0, "warning", "warning"),
        (97.1, "warning", "critical"), (100.0, "critical", "critical"),
    ],
)  # fmt: skip
def test_a_limit_holds_until_the_figure_is_back_by_the_hysteresis(
    value: float, level: str | None, holds: str | None
) -> None:
    where = standing(value, Limits(high_warning=80.0, high_critical=100.0))
    assert (where.level, where.holds) == (level, holds)


def test_low_limits_are_the_same_the_other_way_round() -> None:
    cold = Limits(low_warning=10.0, low_critical=-5.0, band=2.0)
    found = [standing(value, cold) for value in (-5.0, -4.0, 10.0, 11.9, 12.0)]
    assert [(one.level, one.holds) for one in found] == [
        ("critical", "critical"), ("warning", "critical"), ("warning", "warning"),
        (None, "warning"), (None, None),
    ]  # fmt: skip
    assert not found[0].high


def test_the_worse_of_too_much_and_too_little_is_told() -> None:
    both = Limits(low_warning=10.0, high_critical=10.2, band=1.0)
    assert standing(10.0, both).level == "warning"
    assert standing(10.2, both).level == "critical"


# -- loads ---------------------------------------------------------------------------------------


def test_the_devices_own_threshold_counts_before_the_rating() -> None:
    (one,) = loads(reading(banks=(bank(12.0, warning_a=10.4, critical_a=12.0),)))
    assert (one.level, one.limit) == ("critical", 12.0)
    assert one.text == "Bank 1 at 75 % of 16 A, limit 12.0 A"
    (one,) = loads(reading(banks=(bank(13.0),)))
    assert (one.level, one.limit, one.text) == ("warning", 12.8, "Bank 1 at 81 % of 16 A")
    (one,) = loads(reading(banks=(bank(11.0, rating_a=None, critical_a=10.0),)))
    assert one.text == "Bank 1 at 11.0 A, limit 10.0 A"
    assert loads(reading(banks=(bank(99.0, rating_a=None),))) == [], "there is no limit to go by"
    assert loads(reading(banks=(bank(5.0, warning_a=0.0, critical_a=0.0),))) == [], "0 is off"


def test_what_the_device_calls_a_warning_is_one() -> None:
    (one,) = loads(reading(banks=(bank(5.0, "critical"),)))
    assert (one.level, one.text) == ("critical", "Bank 1: the device says critical at 5.0 A")
    (one,) = loads(reading(banks=(bank(None, "warning"),)))
    assert (one.level, one.text) == ("warning", "Bank 1: the device says warning")
    (one,) = loads(reading(banks=(bank(13.0, "critical"),)))
    assert one.level == "critical", "the worse of the two"


def test_a_tripped_breaker_is_critical_at_once_and_no_overload() -> None:
    (one,) = loads(reading(banks=(bank(0.0, "tripped"),)))
    assert (one.kind, one.level, one.hold_s) == ("breaker_tripped", "critical", 0.0)
    tracked = frozenset[Key]({("breaker_tripped", "bank.1", ""), ("overload", "bank.1", "")})
    well = loads(reading(banks=(bank(5.0),)), tracked)
    assert {(one.kind, one.holds) for one in well} == {
        ("breaker_tripped", None),
        ("overload", None),
    }


def test_nothing_is_said_of_a_load_that_nobody_knows() -> None:
    tracked = frozenset[Key]({("overload", "bank.1", "")})
    assert loads(reading(banks=(bank(None, "unknown"),)), tracked) == []
    assert loads(reading(), tracked) == []


def test_a_cord_is_not_told_beside_its_own_line() -> None:
    cord = Inlet(number=1, name="I1", current_a=31.0, rating_a=32.0, state="warning")
    line = Phase(number=1, name="L1", current_a=27.0, state="normal")
    (one,) = loads(reading(inlets=(cord,), phases=(line,)))
    assert (one.part, one.text) == ("phase.1", "L1 at 27.0 A, limit 25.6 A")
    (one,) = loads(reading(inlets=(cord,)))
    assert one.part == "inlet.1"


# -- sources and sensors -------------------------------------------------------------------------


def ats(a: SourceState, active: str | None = "A", redundancy: str | None = "full") -> Ats:
    sources = (Source(id="A", name="A", state=a, voltage_v=198.0, frequency_hz=48.1),)
    return Ats(active=active, redundancy=redundancy, sources=sources)  # type: ignore[arg-type]


def test_a_lost_source_is_critical_at_once_one_that_is_off_a_warning_after_a_while() -> None:
    (lost,) = ats_findings(ats("lost"), 3.0, NONE)
    assert (lost.kind, lost.part, lost.level, lost.hold_s) == (
        "source_lost", "source.A", "critical", 0.0,
    )  # fmt: skip
    (low,) = ats_findings(ats("under_voltage"), 3.0, NONE)
    assert (low.level, low.hold_s, low.text) == ("warning", 3.0, "source A under voltage")
    assert (low.value, low.unit, low.series) == (198.0, "V", "source.A.voltage_v")
    (slow,) = ats_findings(ats("under_frequency"), 3.0, NONE)
    assert (slow.value, slow.unit) == (48.1, "Hz")
    assert list(ats_findings(ats("unknown", None, None), 3.0, {("source_lost", "", "")})) == []


def test_no_source_at_all_and_no_redundancy() -> None:
    found = list(ats_findings(ats("normal", "none", "lost"), 3.0, NONE))
    assert [(one.kind, one.part, one.level) for one in found] == [
        ("source_lost", "", "critical"), ("redundancy_lost", "", "critical"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("normal", None), ("unknown", None), ("open", None), ("low", "warning"),
        ("warning", "warning"), ("critical", "critical"), ("alarm", "critical"),
        ("fault", "critical"),
    ],
)  # fmt: skip
def test_a_sensor_by_its_state(state: SensorState, level: str | None) -> None:
    sensors = (Sensor(name="Env 1", kind="temperature", value=31.5, unit="degC", state=state),)
    found = list(sensor_findings(sensors, NONE))
    assert [one.level for one in found] == ([level] if level else [])
    if found:
        assert found[0].part == "sensor.Env 1.temperature"
        assert found[0].text == f"Env 1 temperature {state} at 31.5 °C"


def test_two_sensors_of_one_name_are_two() -> None:
    doors = (Sensor(name="Door", kind="contact", state="alarm"),) * 2
    parts = [one.part for one in sensor_findings(doors, NONE)]
    assert parts == ["sensor.Door.contact", "sensor.Door.contact #2"]


# -- outlets -------------------------------------------------------------------------------------


def test_only_an_outlet_that_should_draw_is_missed() -> None:
    outlets = (
        Outlet(number=1, name="db01", state="on", power_w=0.4),
        Outlet(number=2, name="spare", state="on", power_w=0.0),
        Outlet(number=3, name="off", state="off", power_w=0.0),
        Outlet(number=4, name="unmetered", state="on"),
        Outlet(number=5, name="amps", state="on", current_a=0.0),
        Outlet(number=6, name="odd", state="unknown", power_w=0.0),
        Outlet(number=7, name="busy", state="on", power_w=90.0),
    )
    asked: list[int] = []

    def expected(number: int) -> bool:
        asked.append(number)
        return number != 2

    found = list(no_load_findings(reading(outlets=outlets), 60.0, expected, {5}, NONE))
    assert [(one.part, one.level, one.hold_s) for one in found] == [
        ("outlet.1", "warning", 60.0), ("outlet.5", "critical", 60.0),
    ]  # fmt: skip
    assert asked == [1, 2, 5]
    tracked = frozenset[Key]({("outlet_no_load", f"outlet.{n}", "") for n in (3, 6, 7)})
    well = list(no_load_findings(reading(outlets=outlets), 60.0, lambda _: False, (), tracked))
    assert [(one.part, one.holds) for one in well] == [("outlet.3", None), ("outlet.7", None)]


# -- steps ---------------------------------------------------------------------------------------


def steps_of(*currents: float, explained: int = -1, gap: int = -1) -> list[tuple[int, str]]:
    """After which readings a step was told, and how."""
    steps, told, now_s = LoadSteps(30.0, 5.0), [], 100.0
    for number, current_a in enumerate(currents):
        now_s += 60.0 if number == gap else 1.0
        one = reading(banks=(bank(current_a),))
        for finding in steps.look(one, now_s, explained=number == explained):
            told.append((number, finding.text))
    return told


def test_a_step_is_told_once_even_if_a_poll_has_caught_it_half_way() -> None:
    assert steps_of(2.0, 2.0, 9.0, 9.0, 9.0) == [
        (2, "Bank 1 went from 2.0 A to 9.0 A (+44 % of 16 A)")
    ]
    assert [at for at, _ in steps_of(2.0, 2.0, 5.0, 8.0, 8.0, 8.0)] == [3]
    assert [at for at, _ in steps_of(9.0, 9.0, 2.0)] == [2]


def test_what_is_no_step() -> None:
    assert steps_of(2.0, 4.0, 6.0, 8.0, 10.0, 12.0) == [], "it grows"
    assert steps_of(2.0, 2.0, 9.0, 9.0, explained=2) == [], "an outlet was switched"
    assert steps_of(2.0, 2.0, 9.0, 9.0, gap=2) == [], "nobody was looking"


def test_a_step_behind_a_bank_is_not_told_of_its_inlet_too() -> None:
    steps = LoadSteps(30.0, 5.0)
    told = []
    for number, current_a in enumerate((1.0, 1.0, 9.0)):
        inlet = Inlet(number=1, name="I1", current_a=current_a, rating_a=16.0)
        one = reading(banks=(bank(current_a),), inlets=(inlet,))
        told += [f.part for f in steps.look(one, float(number), explained=False)]
    assert told == ["bank.1"]


def test_an_id_is_short_and_the_same_for_the_same() -> None:
    key: Key = ("overload", "bank.1", "")
    assert alarm_id("rack1-a", key) == alarm_id("rack1-a", key)
    assert len(alarm_id("rack1-a", key)) == 8
    assert alarm_id("rack1-a", key) != alarm_id("rack1-b", key)
    assert alarm_id("a", ("overload", "b", "c")) != alarm_id("a", ("overload", "bc", ""))
