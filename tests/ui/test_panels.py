"""The panels as pure functions: what stands on them, at any size, for any device."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.strip import Strip

from pdutui.domain.commands import Actor, CommandResult, Intent
from pdutui.domain.reading import Ats, Outlet, Reading, Sensor, Source
from pdutui.engine.events import Logged
from pdutui.engine.view import InFlight, PduInfo, PduView
from pdutui.widgets.bank_meter import load_panel, meters
from pdutui.widgets.event_line import events
from pdutui.widgets.glyphs import ASCII, CONSOLE, SETS, UNICODE
from pdutui.widgets.key_hints import Hint, hint_line
from pdutui.widgets.outlet_grid import OutletGrid, window
from pdutui.widgets.outlet_marks import said_of
from pdutui.widgets.scene import Marked, Notice, Scene
from pdutui.widgets.sensors import sensor_panel
from pdutui.widgets.source_panel import source_panel
from pdutui.widgets.status_line import status
from pdutui.widgets.themes import inks_of, load_themes, shipped_dir
from pdutui.widgets.trend import trend_panel
from tests.support.clock import ManualClock
from tests.support.scenes import NOW, ats_reading, demo_engine, px_reading, wave

THEMES = load_themes([shipped_dir()])[0]
DARK, LIGHT = inks_of(THEMES["noc-dark"]), inks_of(THEMES["noc-light"])
INFO = PduInfo(name="ats-1", address="192.0.2.1", feed="A", location="Row 3")
ACTOR = Actor(user="ada")


def scene(reading: Reading | None = None, **more: object) -> Scene:
    made = reading if reading is not None else ats_reading()
    view = PduView(info=INFO, reading=made, health="live", age_s=0.4)
    fields = {
        "view": view, "now": NOW, "inks": DARK, "glyphs": UNICODE, "cursor": 1,
        "second": int(NOW.timestamp()), **more,
    }  # fmt: skip
    return Scene(**fields)  # type: ignore[arg-type]


def aged(health: str, age_s: float | None, reading: Reading | None = None) -> Scene:
    made = scene(reading)
    return replace(made, view=replace(made.view, health=health, age_s=age_s))


def words(lines: list[Strip]) -> str:
    return "\n".join(line.text for line in lines)


def outlets(made: Scene, width: int = 118, height: int = 12) -> list[Strip]:
    return OutletGrid(id="outlets").draw(made, width, height, True)


def everything(made: Scene, width: int, height: int) -> list[Strip]:
    lines = [status(made, width)]
    lines += outlets(made, width, height)
    for panel in (source_panel, sensor_panel, events):
        lines += panel(made, width, height)
    lines += load_panel(made, width, height, False)
    lines += trend_panel(made, width, height, False)
    return lines


def trend(_key: str, seconds: int) -> list[float | None]:
    return wave(120.0, 3.0)[-seconds:]


DEVICES = [ats_reading(), px_reading(), px_reading(outlets=1), Reading(pdu="x", time=NOW)]


@pytest.mark.parametrize("glyphs", SETS.values(), ids=lambda g: g.name)
@pytest.mark.parametrize("reading", DEVICES, ids=["ats", "px3", "one", "bare"])
def test_every_line_is_exactly_as_wide_as_its_panel(reading: Reading, glyphs: object) -> None:
    made = replace(scene(reading), glyphs=glyphs, trend=trend)
    for width in (1, 2, 5, 9, 20, 33, 39, 40, 58, 59, 60, 80, 119, 200):
        for height in (1, 2, 3, 4, 5, 8, 13, 40):
            for line in everything(made, width, height):
                assert line.cell_length == width
                if glyphs is ASCII:
                    assert line.text.isascii(), line.text


HOSTILE = "\x1b]0;owned\x07[red]漢字\u202e\u0301" * 5


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.integers(1, 130), st.integers(1, 20))
def test_hostile_names_stay_names(name: str, width: int, height: int) -> None:
    reading = ats_reading()
    nasty = replace(
        reading,
        model=name + HOSTILE,
        inlets=tuple(replace(i, name=name + HOSTILE) for i in reading.inlets),
        banks=tuple(replace(b, name=HOSTILE) for b in reading.banks),
        outlets=tuple(replace(o, name=HOSTILE + name) for o in reading.outlets),
        sensors=(Sensor(name=HOSTILE, kind=name, value=1.0, unit=name),),
        ats=Ats(active="A", sensitivity=HOSTILE,
                sources=(Source(id="A", name=HOSTILE), Source(id="B", name=name))),
    )  # fmt: skip
    for line in everything(scene(nasty), width, height):
        assert line.cell_length == width
        assert all(c.isprintable() for c in line.text), repr(line.text)


def test_markup_is_not_interpreted() -> None:
    reading = ats_reading()
    named = replace(reading, outlets=(replace(reading.outlets[0], name="[b]x[/b]"),))
    assert "[b]x[/b]" in words(outlets(scene(named)))


# unknown is unknown


def test_what_the_device_does_not_say_is_a_dash_and_never_zero() -> None:
    metered = Outlet(number=8, name="db01", state="on", current_a=1.0, power_w=230.0)
    made = scene(replace(ats_reading(), outlets=(metered, Outlet(number=9, name="nas-1"))))
    row = outlets(made)[2].text
    assert "unknown" in row
    assert "?" in row
    assert "0" not in row
    assert row.count("–") >= 2
    assert " A" not in row
    assert " W" not in row


def test_where_no_outlet_is_metered_the_head_says_so_in_place_of_columns_of_dashes() -> None:
    bare = (Outlet(number=1, name="db01", state="on"), Outlet(number=2, name="db02", state="off"))
    head, *rows = [line.text for line in outlets(scene(replace(ats_reading(), outlets=bare)))]
    assert "outlets not metered" in head
    assert not any("–" in row or " W" in row for row in rows)


def test_unmetered_banks_and_inlets_show_dashes() -> None:
    text = words(load_panel(scene(), 118, 4, False))
    assert "– VA" in text
    assert "– PF" in text
    bare = replace(ats_reading().banks[0], current_a=None, rating_a=None, critical_a=None)
    lines = load_panel(scene(replace(ats_reading(), inlets=(), banks=(bare,))), 118, 2, False)
    assert "no rating" in lines[1].text
    assert "–" in lines[1].text
    assert "%" not in lines[1].text


def test_total_that_is_not_known_is_a_dash() -> None:
    reading = replace(ats_reading(), inlets=())
    line = status(scene(reading), 120).text
    assert "– W" in line
    assert "– A" in line
    assert "%" not in line


def test_an_unknown_source_is_said_to_be_unknown() -> None:
    made = scene(replace(ats_reading(), ats=Ats()))
    assert "source unknown" in status(made, 120).text
    assert "not reported" in words(source_panel(made, 60, 9))
    assert "carries" not in words(source_panel(made, 60, 9))
    dark = scene(replace(ats_reading(), ats=replace(ats_reading().ats, active="none")))
    assert "NO SOURCE" in status(dark, 120).text
    assert "NO SOURCE" in words(source_panel(dark, 60, 9))


# stale is stale


@pytest.mark.parametrize(
    ("health", "word"),
    [("late", "STALE 7s"), ("lost", "LOST 7s"), ("refused", "REFUSED 7s")],
)
def test_stale_figures_are_marked_by_word_on_every_panel(health: str, word: str) -> None:
    made = aged(health, 7.0)
    for lines in (outlets(made), load_panel(made, 60, 8, False), source_panel(made, 60, 9),
                  trend_panel(made, 120, 9, False)):  # fmt: skip
        assert word in lines[0].text
    assert health.upper() in status(made, 120).text
    assert "7s" in status(made, 120).text


def test_no_figure_escapes_the_stale_ink() -> None:
    made = aged("lost", 31.0)
    fine = {DARK("stale"), DARK("stale", "cursor"), DARK("stale", "bar")}
    badge = {DARK("badge-critical"), DARK("badge-critical", "bar")}
    clock = "14:02:11"
    lines = [
        *outlets(made)[1:], *load_panel(made, 60, 8, False)[1:], *source_panel(made, 60, 9)[1:],
        sensor_panel(made, 60, 1)[0], status(made, 120),
    ]  # fmt: skip
    for line in lines:
        for text, style, _ in line:
            if any(c.isdigit() for c in text) and style not in fine | badge:
                left = text.replace(clock, "")
                number = text.strip()
                ok = not any(c.isdigit() for c in left) or number in ("ats-1", "PDU44001", "Row 3")
                ok = ok or style in (DARK("muted"), DARK("muted", "cursor"))
                assert ok or "PDU44001" in text or "ats-1" in text, (text, style)


def test_live_figures_are_not_marked_stale() -> None:
    text = words(everything(scene(), 120, 12))
    assert "STALE" not in text
    assert "LOST" not in text


def test_before_the_first_reading_it_says_what_it_waits_for() -> None:
    empty = replace(scene(), view=PduView(info=INFO))
    assert "Connecting to 192.0.2.1" in words(outlets(empty))
    assert "CONNECTING" in status(empty, 120).text
    view = PduView(info=INFO, health="refused", detail="wrong community or no access")
    refused = replace(scene(), view=view)
    assert "Refused by 192.0.2.1" in words(outlets(refused))
    assert "wrong community" in words(outlets(refused, 40, 12))


# the outlets


def flight(stage: str, action: str = "off") -> Scene:
    made = scene()
    intent = Intent(id="1", pdu="ats-1", outlet=3, action=action, actor=ACTOR)  # type: ignore[arg-type]
    return replace(
        made,
        view=replace(made.view, in_flight={3: InFlight(intent=intent, stage=stage)}),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("width", [39, 59, 80, 118])
@pytest.mark.parametrize("stage", ["requested", "confirmed", "sent", "accepted"])
@pytest.mark.parametrize("action", ["on", "off", "reboot"])
def test_every_stage_is_readable_on_the_row(stage: str, action: str, width: int) -> None:
    row = outlets(flight(stage, action), width)[3].text
    assert f"{action}: {stage}" in row


@pytest.mark.parametrize("width", [39, 59, 80, 118])
@pytest.mark.parametrize("outcome", ["unconfirmed", "contradicted", "failed"])
def test_a_bad_end_stays_on_the_row(outcome: str, width: int) -> None:
    made = scene()
    intent = Intent(id="1", pdu="ats-1", outlet=3, action="off", actor=ACTOR)
    result = CommandResult(
        intent=intent, outcome=outcome, detail="", outlet_name="db01", before="on", after="on",  # type: ignore[arg-type]
        ended=NOW,
    )  # fmt: skip
    marked = replace(made, view=replace(made.view, results={3: result}))
    assert outcome.upper() in outlets(marked, width)[3].text


def test_pending_protected_and_fixed_outlets_are_marked() -> None:
    reading = ats_reading()
    changed = (
        replace(reading.outlets[0], pending="off"),
        reading.outlets[1],
        replace(reading.outlets[2], switchable=False),
        replace(reading.outlets[3], pending="unspecified"),
    )
    made = scene(replace(reading, outlets=changed))
    made = replace(made, view=replace(made.view, info=replace(INFO, protected=frozenset({2}))))
    marks = [said_of(made, o).within(16) for o in changed]
    assert marks == ["→ off pending", "protected", "not switched", "→ pending"]
    text = words(outlets(made))
    assert UNICODE.protected in text
    assert UNICODE.fixed in text


def test_a_pdu_that_cannot_switch_says_so_once() -> None:
    reading = ats_reading()
    fixed = tuple(replace(o, switchable=False) for o in reading.outlets)
    text = words(outlets(scene(replace(reading, outlets=fixed))))
    assert text.count("not switch") == 1


def test_state_has_glyph_and_word() -> None:
    for glyphs in (UNICODE, CONSOLE, ASCII):
        rows = outlets(replace(scene(), glyphs=glyphs))
        assert f"{glyphs.on} on" in rows[1].text
        assert f"{glyphs.off} off" in rows[6].text
        assert f"{glyphs.unknown} unknown" in rows[9].text


@given(st.integers(1, 60), st.integers(1, 130), st.integers(1, 20), st.data())
@settings(deadline=None, max_examples=100)
def test_the_cursor_is_always_in_sight(
    count: int, width: int, height: int, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(1, count))
    first = data.draw(st.integers(0, 60))
    made = replace(scene(px_reading(outlets=count)), cursor=cursor)
    shown = window(made, width, height, first)
    row = (cursor - 1) % shown.total_rows
    assert shown.first <= row < shown.first + shown.rows
    assert shown.columns * shown.total_rows >= count


def test_a_longer_word_than_its_column_takes_from_the_name_not_from_the_figures() -> None:
    narrow = outlets(scene(), 39)
    widths = {row.text.index(" W") for row in narrow[1:9] if " W" in row.text}
    assert len(widths) == 1, "figures stay in their column"
    assert "unknown" in narrow[9].text


# load


def test_bars_are_as_long_as_the_load_and_marked_where_the_device_says() -> None:
    lines = load_panel(scene(), 118, 4, False)
    bars = [line.text.count(UNICODE.bar_full) for line in lines[1:]]
    assert bars[2] > bars[0] > 0
    assert lines[2].text.count(UNICODE.bar_warning) == 2, "warning and critical"
    assert "WARNING" in lines[3].text
    inks = {t: s for t, s, _ in lines[3] if UNICODE.bar_full in t}
    assert set(inks.values()) == {DARK("fill-warning")}


def test_a_little_load_is_not_drawn_as_none() -> None:
    reading = ats_reading()
    little = replace(reading.inlets[0], current_a=0.01)
    text = load_panel(scene(replace(reading, inlets=(little,))), 60, 4, False)[1].text
    assert UNICODE.bar_parts in text or UNICODE.bar_full in text
    none = replace(reading.inlets[0], current_a=0.0)
    text = load_panel(scene(replace(reading, inlets=(none,))), 60, 4, False)[1].text
    assert UNICODE.bar_parts not in text
    assert UNICODE.bar_full not in text


def test_overload_fills_the_bar_and_is_critical() -> None:
    reading = ats_reading()
    over = replace(reading.banks[0], current_a=99.0, state="critical")
    line = load_panel(scene(replace(reading, inlets=(), banks=(over,))), 118, 2, False)[1]
    assert "CRITICAL" in line.text
    assert UNICODE.bar_track not in line.text
    assert "619 %" in line.text


def test_the_total_is_the_inlet_and_not_a_sum_with_the_banks() -> None:
    line = status(scene(), 120).text
    assert "361 W" in line
    assert [m.name for m in meters(ats_reading())] == ["Inlet I1", "Bank 1", "Bank 2"]


# sources


@pytest.mark.parametrize(("width", "height"), [(80, 3), (40, 5), (60, 9), (90, 12)])
@pytest.mark.parametrize("active", ["A", "B"])
def test_which_source_carries_the_load_is_said_in_words(
    width: int, height: int, active: str
) -> None:
    reading = ats_reading()
    assert reading.ats is not None
    made = scene(replace(reading, ats=replace(reading.ats, active=active)))
    lines = source_panel(made, width, height)
    text = words(lines)
    assert "carries" in text
    assert "120.9 V" in text
    assert "121.4 V" in text
    tagged = [t.strip() for line in lines for t, s, _ in line if s == DARK("badge-source")]
    assert active in tagged
    assert {"A", "B"} - {active} not in [set(tagged)]


def test_a_lost_source_and_lost_redundancy_are_alarms() -> None:
    reading = ats_reading()
    assert reading.ats is not None
    down = replace(reading.ats.sources[0], state="lost", voltage_v=0.0)
    ats = replace(
        reading.ats, active="B", redundancy="lost", sources=(down, reading.ats.sources[1])
    )
    text = words(source_panel(scene(replace(reading, ats=ats)), 60, 9))
    assert "REDUNDANCY LOST" in text
    assert "LOST" in text.replace("REDUNDANCY LOST", "")
    assert "no standby" in text
    assert "0.0 V" in text


# trends, events, hints, status


def test_a_trend_without_samples_says_so_and_draws_no_axis() -> None:
    text = words(trend_panel(scene(), 120, 10, False))
    assert "no voltage recorded" in text
    assert "┤" not in text


def test_trends_label_their_axis_and_leave_gaps() -> None:
    made = replace(scene(), trend=trend)
    text = words(trend_panel(made, 120, 12, False))
    assert "Voltage  120.9 V" in text
    assert "┤" in text
    assert any(chr(0x2800) < c <= chr(0x28FF) for c in text)
    empty = replace(scene(), trend=lambda key, s: [None] * (s - 1) + [0.0])
    assert any(chr(0x2800) < c <= chr(0x28FF) for c in words(trend_panel(empty, 120, 12, False)))


@pytest.mark.parametrize("width", range(8, 121, 4))
def test_a_chart_title_shows_whole_figures_or_none(width: int) -> None:
    text = words(trend_panel(replace(scene(), trend=trend), width, 6, False))
    assert "3.1 A" not in text
    assert "12 V" not in text


def test_events_show_the_newest_and_a_notice_takes_the_last_line() -> None:
    clock = ManualClock()
    log = demo_engine(clock).log
    one = words(events(replace(scene(), log=log), 80, 1))
    assert "outlet 8 spare: off observed" in one
    three = events(
        replace(scene(), log=log, notice=Notice("Not switched: stale", "warning")), 80, 4
    )
    assert [line.text.split()[-1] for line in three[1:]] == ["A", "observed", "stale"]
    later = replace(scene(), now=NOW + timedelta(hours=1), log=log)
    assert words(events(later, 80, 1)) == one, "an event keeps its own time"


@pytest.mark.parametrize(
    ("event", "alarm", "once"),
    [
        ("source A lost, was normal", "source A lost", True),
        ("C2 load warning, was normal", "C2 at 72 % of 16 A, limit 11.2 A", True),
        ("C2 load critical, was normal", "C2: breaker tripped", True),
        ("C2 load warning, was normal", "C20 at 72 % of 16 A", False),
        ("source B lost, was normal", "source A lost", False),
    ],
)
def test_what_a_notice_says_of_an_alarm_no_event_says_beside_it(
    event: str, alarm: str, once: bool
) -> None:
    def lines(pdu: str, notice: str, time: datetime = NOW) -> int:
        log = (Logged(time=time, pdu=pdu, severity="warning", text=event),)
        return len(events(replace(scene(), log=log, notice=Notice(notice, "warning")), 80, 4)) - 1

    assert lines("rack1-a", f"Alarm: rack1-a: {alarm}  +1") == (1 if once else 2)
    assert lines("rack1-b", f"Alarm: rack1-a: {alarm}") == 2, "of another PDU"
    assert lines("rack1-a", f"Alarm: rack1-a: {alarm}", NOW - timedelta(minutes=1)) == 2
    assert lines("rack1-a", f"Not switched: {alarm}") == 2


def test_hints_are_whole_and_help_and_quit_go_last() -> None:
    hints = [Hint("o", "on"), Hint("n", "name", 1), Hint("?", "help", 8), Hint("q", "quit", 7)]
    assert hint_line(scene().inks, hints, 60).text.split() == [
        "o",
        "on",
        "n",
        "name",
        "?",
        "help",
        "q",
        "quit",
    ]
    assert hint_line(scene().inks, hints, 24).text.split() == ["o", "on", "?", "help", "q", "quit"]
    assert hint_line(scene().inks, hints, 9).text.split() == ["?", "help"]
    assert hint_line(scene().inks, hints, 3).text.strip() == ""


def test_the_status_line_gives_way_by_worth() -> None:
    wide = status(scene(), 200).text
    for word in ("ats-1", "LIVE 0s", "PDU44001", "Row 3", "feed A", "12 ms", "source A", "361 W",
                 "3.10 A", "16 %", "of 20 A", "14:02:11"):  # fmt: skip
        assert word in wide
    assert status(scene(), 20).text.split() == ["ats-1", "●", "LIVE", "0s"]
    assert "361 W" in status(scene(), 32).text


def test_read_only_and_store_trouble_are_on_the_status_line() -> None:
    made = scene()
    made = replace(
        made,
        view=replace(made.view, info=replace(INFO, read_only=True)),
        store_ok=False,
        store_detail="disk full",
    )
    line = status(made, 200).text
    assert "READ-ONLY" in line
    assert "HISTORY" in line
    assert "disk full" in line
    assert "READ-ONLY" in status(made, 60).text


def test_sensors_in_one_line_put_alarms_first() -> None:
    sensors = (
        Sensor(name="Front", kind="temperature", value=22.0, unit="degC", state="normal"),
        Sensor(name="Door", kind="contact", state="open"),
        Sensor(name="Leak", kind="contact", state="alarm"),
        Sensor(name="Back", kind="temperature", value=None, unit="degC", state="unknown"),
    )
    made = scene(replace(ats_reading(), sensors=sensors))
    line = sensor_panel(made, 120, 1)[0].text
    assert line.index("Leak  ALARM") < line.index("Front  22.0 °C")
    assert "Door  open" in line
    assert "Back  –" in line
    assert "+3" in sensor_panel(made, 24, 1)[0].text
    assert "2 of 4" in words(sensor_panel(made, 40, 3)), "what is not shown is counted"
    assert "Leak" in words(sensor_panel(made, 40, 3)), "alarms stay"


def test_an_outlet_without_a_name_is_called_by_its_number() -> None:
    nameless = Outlet(number=4, name="", state="on", current_a=1.0, power_w=230.0)
    row = outlets(scene(replace(ats_reading(), outlets=(nameless,))))[1].text
    assert "Outlet 4" in row


def test_charts_below_each_other_are_of_one_height_and_of_as_many_parts_as_fit() -> None:
    reading = px_reading()
    banks = tuple(replace(bank, voltage_v=None, power_w=None) for bank in reading.banks)
    made = scene(replace(reading, banks=banks))
    lines = [strip.text for strip in trend_panel(made, 60, 50, False)]
    titles = [y for y, text in enumerate(lines) if " · " in text]
    assert len(titles) == 6, "three of the inlet, and the current of each bank"
    heights = [b - a for a, b in pairwise([*titles, len(lines)])]
    assert max(heights) - min(heights) <= 2
    few = words(trend_panel(made, 60, 40, False))
    assert ("C2 ·" in few, "C3 ·" in few) == (True, False), "a chart that is too low says nothing"


def test_why_a_pdu_is_lost_is_said_without_its_name_twice() -> None:
    made = aged("lost", 90.0)
    lost = replace(made, view=replace(made.view, detail="ats-1: no answer within 2 s"))
    text = status(lost, 160).text
    assert "no answer within 2 s" in text
    assert text.count("ats-1") == 1


def test_a_grid_draws_what_another_would_that_has_drawn_nothing_before() -> None:
    reading = ats_reading()
    first = reading.outlets[0]
    intent = Intent(id="1", pdu="ats-1", outlet=4, action="off", actor=ACTOR)
    badly = CommandResult(
        intent=intent, outcome="unconfirmed", detail="", outlet_name="db02", before="on",
        after="on", ended=NOW,
    )  # fmt: skip
    scenes = [scene(replace(reading, outlets=(other, *reading.outlets[1:]))) for other in (
        first, replace(first, state="off"), replace(first, name="another"),
        replace(first, name=None), replace(first, label="9"), replace(first, bank=2),
        replace(first, module=2), replace(first, module=3), replace(first, switchable=False),
        replace(first, power_w=3.0, energy_kwh=1.5),
    )]  # fmt: skip
    usual = scenes[0]
    scenes += [
        aged("late", 8.0), replace(usual, cursor=2), replace(usual, inks=LIGHT),
        replace(usual, glyphs=ASCII), replace(usual, marked=Marked(here=frozenset({1, 3}))),
        replace(usual, marked=Marked(ranged=frozenset({1, 2}))),
        replace(usual, view=replace(usual.view, results={4: badly})),
        replace(usual, view=replace(usual.view, info=replace(INFO, protected=frozenset({1})))),
        replace(usual, trend=trend), replace(usual, filter="db", shown=reading.outlets[2:4]),
    ]  # fmt: skip
    for width, focused in ((118, True), (44, False), (44, True)):
        fresh = [OutletGrid(id="outlets").draw(one, width, 12, focused) for one in scenes]
        kept = OutletGrid(id="outlets")
        for before in scenes[:: 1 if width == 118 else 4]:
            for after, lines in zip(scenes, fresh, strict=True):
                kept.draw(before, width, 12, focused)
                assert kept.draw(after, width, 12, focused) == lines
