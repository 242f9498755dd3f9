"""The lines that there are, their names, the picker's search, typed windows, thresholds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from pdutui.domain.history import HOUR_MS, Mark, Points, SeriesInfo
from pdutui.screens.history_export import write
from pdutui.screens.history_picker import parts_of
from pdutui.screens.history_series import entries, first_of, info_of
from pdutui.screens.history_view import (
    MARKS_FROM,
    nearest_mark,
    places,
    thresholds,
)
from pdutui.screens.history_window import parse_window
from pdutui.widgets.chart_model import ChartLine, ChartModel
from pdutui.widgets.inks import Inks
from tests.support.scenes import ats_reading, px_reading

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def known(*keys: str) -> list[SeriesInfo]:
    return [SeriesInfo(key=key, name=f"recorded {key}", unit="W") for key in keys]


# what there is


def test_names_are_those_of_the_pdu_screen_and_what_is_gone_keeps_its_own() -> None:
    reading = ats_reading()
    renamed = replace(reading.outlets[2], name="database")
    reading = replace(reading, outlets=(*reading.outlets[:2], renamed, *reading.outlets[3:]))
    listed = entries(known("outlet.3.power_w", "outlet.77.power_w"), reading)
    assert info_of("outlet.3.power_w", listed).name == "Outlet 3 database"
    assert info_of("outlet.77.power_w", listed).name == "recorded outlet.77.power_w"
    assert info_of("bank.2.current_a", listed).name == "Bank 2"
    assert info_of("sensor.temperature_env_1.value", listed).unit == "°C"
    assert info_of("bank.9.current_a", listed).name == "bank 9"


def test_they_are_grouped_in_the_order_of_the_screen() -> None:
    listed = entries(known("bank.1.current_a", "outlet.77.power_w"), ats_reading())
    groups = [entry.group for entry in listed]
    order = ("outlet", "bank", "inlet", "phase", "source", "sensor", "ats")
    assert groups == sorted(groups, key=order.index)
    parts = [part.name for part in parts_of(listed) if part.group == "outlet"]
    assert parts[0] == "Outlet 1 core-sw-1"
    assert parts[-1] == "recorded outlet.77.power_w"
    units = [entry.info.unit for entry in listed if entry.key.startswith("inlet.1.")]
    assert units == ["W", "A", "V", "VA", "", "Hz", "kWh", ""]


def test_what_the_device_does_not_say_and_never_said_is_not_offered() -> None:
    keys = {entry.key for entry in entries([], ats_reading())}
    assert "outlet.1.power_w" in keys
    assert "outlet.9.power_w" not in keys, "unknown"
    assert "outlet.1.voltage_v" not in keys
    assert "outlet.1.voltage_v" in {
        entry.key for entry in entries(known("outlet.1.voltage_v"), ats_reading())
    }


def test_a_subject_is_shown_by_its_most_telling_line() -> None:
    reading = ats_reading()
    assert first_of("outlet.3", reading, ()) == "outlet.3.power_w"
    assert first_of("bank.2", reading, ()) == "bank.2.current_a"
    assert first_of("inlet.1", reading, ()) == "inlet.1.power_w"
    assert first_of("outlet.9", reading, ()) is None
    assert first_of("outlet.9", reading, ("outlet.9.state",)) == "outlet.9.state"
    assert first_of("", reading, ()) == "inlet.1.power_w"
    bare = replace(reading, inlets=(), banks=(), outlets=(), ats=None)
    assert first_of("", bare, ()) == "sensor.temperature_env_1.value"
    assert first_of("", None, ("bank.1.current_a", "bank.1.state")) == "bank.1.current_a"
    assert first_of("", None, ()) is None


# searching


def found(*words: str) -> list[str]:
    parts = parts_of(entries([], px_reading(outlets=240)))
    return [part.name for part in parts if part.matches([word.casefold() for word in words])]


def test_the_search_takes_words_of_names_groups_and_quantities() -> None:
    assert found("node17") == [
        "Outlet 17 node17",
        *(f"Outlet {n} node{n}" for n in range(170, 180)),
    ]
    assert found("OCP") == ["OCP C1", "OCP C2", "OCP C3"]
    assert found("bank", "c2") == ["OCP C2"]
    assert found("va", "inlet") == ["Inlet I1"]
    assert found("nothing") == []


def test_a_word_for_a_quantity_goes_to_its_column() -> None:
    inlet = parts_of(entries([], px_reading()))[-1]
    names = [entry.quantity for entry in inlet.entries]
    assert names[inlet.column(["inlet", "hz"])] == "Frequency"
    assert names[inlet.column(["voltage"])] == "Voltage"
    assert inlet.column(["inlet"]) == 0


# thresholds


def test_thresholds_are_those_of_the_currents_that_are_shown() -> None:
    reading = ats_reading()
    lines = thresholds(("bank.2.current_a", "bank.1.power_w", "outlet.3.power_w"), reading)
    assert [(t.value, t.level, t.text) for t in lines] == [
        (12.0, "warning", "Bank 2 warning"),
        (16.0, "critical", "Bank 2 critical"),
    ]
    inlet = thresholds(("inlet.1.current_a",), reading)
    assert [(t.value, t.level) for t in inlet] == [(20.0, "rating")]
    assert thresholds(("bank.2.current_a",), None) == ()


# a window that is typed


@pytest.mark.parametrize(
    ("begin", "end", "wanted"),
    [
        ("2026-11-20 03:12", "2026-11-20 04:12", ("2026-11-20 02:12Z", "2026-11-20 03:12Z")),
        ("03:12", "+30min", ("2026-11-20 02:12Z", "2026-11-20 02:42Z")),
        ("yesterday 14:00", "+ 1h", ("2026-11-19 13:00Z", "2026-11-19 14:00Z")),
        ("-6h", "", ("2026-11-20 08:02:11Z", None)),
        ("-6h", " NOW ", ("2026-11-20 08:02:11Z", None)),
    ],
)
def test_windows_as_people_write_them(begin: str, end: str, wanted: tuple[str, str | None]) -> None:
    window = parse_window(begin, end, NOW, BERLIN)
    assert window.from_ms == ms(wanted[0])
    assert window.to_ms == (ms(wanted[1]) if wanted[1] is not None else None)
    assert window.notes == ()


@pytest.mark.parametrize(
    ("begin", "end", "why"),
    [
        ("never", "", "from: 'never' is no time"),
        ("-1h", "soon", "to: 'soon' is no time"),
        ("", "", "from: '' is no time"),
        ("2026-11-21 03:12", "", "from: '2026-11-21 03:12' is not in the past"),
        ("-1h", "2026-11-20 23:00", "to: that is still to come"),
        ("-1h", "+3h", "to: that is still to come"),
        ("-1h", "-2h", "to: it must be at least 30 seconds after from"),
        ("-10s", "", "from: at least 30 seconds before now"),
        ("-1h", "+much", "to: '+much' is no length of time"),
    ],
)
def test_what_is_no_window_says_which_field_is_wrong(begin: str, end: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as caught:
        parse_window(begin, end, NOW, BERLIN)
    assert str(caught.value).startswith(why)


def test_a_time_that_comes_twice_is_told() -> None:
    window = parse_window("2026-10-25 02:30", "+1h", NOW, BERLIN)
    assert window.to_ms == window.from_ms + HOUR_MS
    assert "comes twice" in window.notes[0]


# places


@pytest.mark.parametrize("width", [1, 20, 60, 80, 119, 120, 200, 400])
@pytest.mark.parametrize("height", [1, 2, 5, 8, 24, 60])
def test_panels_lie_inside_and_do_not_overlap(width: int, height: int) -> None:
    seen: set[tuple[int, int]] = set()
    found = places(width, height)
    for rect in found.values():
        assert 0 <= rect.x < rect.right <= width
        assert 0 <= rect.y < rect.bottom <= height
        cells = {(x, y) for x in range(rect.x, rect.right) for y in range(rect.y, rect.bottom)}
        assert not cells & seen
        seen |= cells
    assert ("marks" in found) == (width >= MARKS_FROM and height > 1)
    assert "bar" in found


def test_the_nearest_mark() -> None:
    marks = [
        Mark(ts_ms=at, pdu="p", kind="event", level="info", text=str(at)) for at in (10, 20, 40)
    ]
    nearest = nearest_mark(marks, 29)
    assert nearest is not None
    assert nearest.ts_ms == 20
    assert nearest_mark(marks, None) is None
    assert nearest_mark([], 29) is None


# files


def model() -> ChartModel:
    points = Points(
        key="outlet.3.power_w", ts_ms=[1000, 2000], n=[1, 1], minimum=[1.0, 2.0], mean=[1.0, 2.0],
        maximum=[1.0, 2.0], last=[1.0, 2.0], hold_ms=1750,
    )  # fmt: skip
    info = SeriesInfo(key="outlet.3.power_w", name="Outlet 3 db01", unit="W")
    line = ChartLine(info=info, points=points, slot=0)
    return ChartModel(pdu="p", from_ms=0, to_ms=5000, step_ms=1000, zone=UTC, lines=(line,))


@pytest.mark.parametrize(
    ("kind", "begin"), [("csv", "time,"), ("json", "{"), ("svg", "<"),]
)  # fmt: skip
def test_each_kind_of_file_is_written_and_none_over_another(
    tmp_path: Path, kind: str, begin: str
) -> None:
    inks = Inks({}, "#000000", "none")
    first = write(model(), kind, tmp_path, f"here.{kind}", inks)
    assert first == tmp_path / f"here.{kind}"
    text = first.read_text()
    assert text.startswith(begin)
    second = write(model(), kind, tmp_path, f"here.{kind}", inks)
    assert second != first
    assert first.read_text() == text
    bare = write(model(), kind, tmp_path, str(tmp_path / "sub" / "bare"), inks)
    assert bare == tmp_path / "sub" / f"bare.{kind}"
