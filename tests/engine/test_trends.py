from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.engine.trends import LENGTH_S, Row, Trends, trend_row
from pdutui.settings import FloorSettings

KEY = "outlet.1.power_w"
OFF = FloorSettings()
GAP = -(2**31)


def row(values: dict[str, int | None]) -> Row:
    return Row(tuple(values), [GAP if value is None else value for value in values.values()])


def test_every_drawn_series_of_a_reading() -> None:
    reading = Reading(
        pdu="a",
        time=datetime(2026, 1, 1, tzinfo=UTC),
        inlets=(Inlet(number=1, name="I1", voltage_v=230.12, frequency_hz=50.0),),
        phases=(Phase(number=2003, name="L3", current_a=7.1, module=2),),
        banks=(Bank(number=2, name="B", current_a=1.234),),
        outlets=(Outlet(number=3, name="o", power_w=104.4, state="on", energy_kwh=3.0),),
        ats=Ats(sources=(Source(id="A", name="A", voltage_v=float("nan")),)),
        sensors=(Sensor(name="T", kind="temperature", value=20.7),),
    )
    found = trend_row(reading)
    assert found.known() == {
        "inlet.1.voltage_v": 23012,
        "inlet.1.frequency_hz": 5000,
        "phase.2003.current_a": 7100,
        "bank.2.current_a": 1234,
        "outlet.3.power_w": 1044,
        "sensor.temperature_t.value": 2070,
    }
    assert "source.A.voltage_v" in found.keys
    assert "inlet.1.power_w" in found.keys
    assert not any("energy" in key or "state" in key for key in found.keys)
    assert trend_row(reading).keys is found.keys


def test_jitter_of_polls_leaves_neither_gaps_nor_doubles() -> None:
    trends = Trends(start_s=0.37, interval_s=1.0)
    for k in range(30):
        trends.add(0.37 + k * 1.0, row({KEY: k * 10}))
    assert trends.window(KEY, 30, 30.2, fresh=True) == [float(k) for k in range(30)]


def test_a_missed_second_is_a_gap_and_so_is_silence() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    for k in (0, 1, 4):
        trends.add(float(k), row({KEY: k * 10}))
    assert trends.window(KEY, 6, 4.9, fresh=True) == [None, 0.0, 1.0, None, None, 4.0]
    assert trends.window(KEY, 6, 7.0, fresh=False) == [None, None, 4.0, None, None, None]


def test_a_value_that_the_device_stops_giving_is_a_gap() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    trends.add(0.0, row({KEY: 10, "bank.1.current_a": 5}))
    trends.add(1.0, row({KEY: None}))
    trends.add(2.0, row({}))
    assert trends.window(KEY, 3, 2.5, fresh=True) == [1.0, None, None]
    assert trends.window("bank.1.current_a", 3, 2.5, fresh=True) == [0.005, None, None]


def test_slow_polling_holds_a_value_until_the_next_but_not_over_an_outage() -> None:
    trends = Trends(start_s=0.0, interval_s=5.0)
    for at in (0.0, 5.0, 20.0):
        trends.add(at, row({KEY: int(at) * 10}))
    window = trends.window(KEY, 21, 20.5, fresh=True)
    assert window[:10] == [0.0] * 5 + [5.0] + [None] * 4
    assert window[20] == 20.0


def test_only_the_last_quarter_hour_is_kept_and_memory_does_not_grow() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    trends.add(0.0, row({KEY: 1}))
    size = sum(sys.getsizeof(ring) for ring in trends._rings.values())
    for k in range(1, 3000):
        trends.add(float(k), row({KEY: k}))
    assert sum(sys.getsizeof(ring) for ring in trends._rings.values()) == size < 5000
    window = trends.window(KEY, 1000, 2999.5, fresh=True)
    assert len(window) == 1000
    assert window[:100] == [None] * 100
    assert window[100:] == [k / 10 for k in range(2100, 3000)]


def test_a_long_outage_leaves_nothing_of_the_time_before() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    for k in range(10):
        trends.add(float(k), row({KEY: 7}))
    trends.add(10_000.0, row({KEY: 8}))
    assert trends.window(KEY, LENGTH_S, 10_000.5, fresh=True) == [None] * 899 + [0.8]
    assert trends.window(KEY, 5, 20_000.0, fresh=False) == [None] * 5


def test_unknown_keys_and_odd_lengths() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    assert trends.window(KEY, 3, 0.0, fresh=True) == [None] * 3
    trends.add(0.0, row({KEY: 10}))
    assert trends.window("outlet.9.power_w", 2, 0.0, fresh=True) == [None, None]
    assert trends.window(KEY, 0, 0.0, fresh=True) == []


def test_prefill_puts_stored_values_before_our_own_and_never_over_them() -> None:
    trends = Trends(start_s=1000.0, interval_s=1.0)
    trends.add(1000.0, row({KEY: 50}))
    trends.add(1001.0, row({KEY: 60}))
    trends.prefill(1001.4, {KEY: [1.0, None, 3.0, 99.0, 99.0]}, OFF)
    assert trends.window(KEY, 6, 1001.5, fresh=True) == [None, 1.0, None, 3.0, 5.0, 6.0]


def test_prefill_applies_the_floor_that_the_screen_applies() -> None:
    trends = Trends(start_s=1000.0, interval_s=1.0)
    trends.add(1000.0, row({KEY: 0, "outlet.1.current_a": 0}))
    stored = {KEY: [0.4, 40.0, 0.4, 0.0], "outlet.1.current_a": [0.1, 0.1, None, 0.0]}
    trends.prefill(1000.2, stored, FloorSettings(current_a=0.2, power_w=1.0))
    assert trends.window(KEY, 4, 1000.5, fresh=True) == [0.0, 40.0, 0.0, 0.0]
    assert trends.window("outlet.1.current_a", 4, 1000.5, fresh=True) == [0.0, 0.1, None, 0.0]


def test_a_series_without_a_value_takes_no_room_until_there_is_one() -> None:
    volts, more = "outlet.1.voltage_v", "outlet.1.current_a"
    trends = Trends(start_s=1000.0, interval_s=1.0)
    for second in range(3):
        trends.add(1000.0 + second, row({KEY: 10, volts: None, more: None}))
    assert list(trends._rings) == [KEY]
    # The store knows one of them, and it goes on in the place that it got then.
    trends.prefill(1002.2, {volts: [230.0, 231.0, None], more: [None, None, None]}, OFF)
    assert list(trends._rings) == [KEY, volts]
    same = row({KEY: 20, volts: 23200, more: 5000})
    trends.add(1003.0, same)
    trends.add(1004.0, Row(same.keys, [30, GAP, 6000]))
    assert trends.window(volts, 5, 1004.1, fresh=True) == [230.0, 231.0, None, 232.0, None]
    assert trends.window(more, 5, 1004.1, fresh=True) == [None, None, None, 5.0, 6.0]
    # Once it is there a reading that has none of its parts leaves a gap in it.
    trends.add(1005.0, row({KEY: 40}))
    assert trends.window(more, 2, 1005.1, fresh=True) == [6.0, None]


def test_values_come_back_as_they_were() -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    trends.add(0.0, row({"inlet.1.voltage_v": 12090}))
    assert trends.window("inlet.1.voltage_v", 1, 0.5, fresh=True) == [120.9]


@pytest.mark.parametrize("late", [3.0, 3.9])
def test_a_reading_from_the_past_changes_nothing(late: float) -> None:
    trends = Trends(start_s=0.0, interval_s=1.0)
    trends.add(5.0, row({KEY: 10}))
    trends.add(late, row({KEY: 990}))
    assert trends.window(KEY, 3, 5.5, fresh=True) == [None, None, 1.0]
