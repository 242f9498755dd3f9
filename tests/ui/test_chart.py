"""The big chart as lines of the screen: what must be seen, what must not, at any size."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pdutui.domain.history import Gap, Points, SeriesInfo
from pdutui.widgets.chart import Picture, column_at, draw, picture, plot_area, time_at
from pdutui.widgets.chart_layout import lay_out
from pdutui.widgets.chart_model import ChartLine, ChartModel, Threshold
from pdutui.widgets.chart_scale import nice_axis, traces
from pdutui.widgets.glyphs import ASCII, CONSOLE, SETS, UNICODE
from pdutui.widgets.themes import inks_of, load_themes, shipped_dir
from tests.support.charts import BANK, BERLIN, DAY, HOUR, NOON, OUTLET, STATE, points, window

THEMES = load_themes([shipped_dir()])[0]
DARK = inks_of(THEMES["noc-dark"])
PLAIN = inks_of(THEMES["noc-dark"], colorless=True)


def text(model: ChartModel, width: int = 120, height: int = 36, glyphs: object = UNICODE) -> str:
    strips = draw(model, width, height, DARK, glyphs)  # type: ignore[arg-type]
    return "\n".join(strip.text for strip in strips)


def made(model: ChartModel, width: int = 120, height: int = 36) -> Picture:
    return picture(model, width, height, DARK, UNICODE)


def cells_of(shown: Picture, column: int) -> str:
    """A column of the plot from top to bottom, without grid and rules."""
    assert shown.plot is not None
    rows = shown.strips[shown.plot.top : shown.plot.top + shown.plot.height]
    return "".join(row.text[column] for row in rows).translate(dict.fromkeys(map(ord, " ·┊┬─╌")))


def one_point(value: float = 104.0, *, ts: int = NOON - HOUR // 2) -> ChartModel:
    base = window(HOUR, kinds="W", happened=False)
    kept = Points(
        key=OUTLET.key, ts_ms=[ts], n=[1], minimum=[value], mean=[value], maximum=[value],
        last=[value], hold_ms=1750,
    )  # fmt: skip
    return replace(base, lines=(ChartLine(info=OUTLET, points=kept, slot=0),))


NOTHING = window(HOUR, kinds="", happened=False)
EMPTY = replace(
    one_point(),
    lines=(
        ChartLine(
            info=SeriesInfo(key=BANK.key, name="銀行 1", unit="A"),
            points=points(BANK.key, 0, 0, 1000, None),
            slot=2,
        ),
    ),
    oldest_ms=None,
    newest_ms=None,
)
MODELS = {
    "day": window(kinds="W"),
    "four": window(kinds="WwAV", cursor_ms=NOON - 5 * HOUR),
    "units": window(kinds="WAVC", compare=True),
    "words": window(kinds="st"),
    "mixed": window(7 * DAY, kinds="WsCk", cursor_ms=NOON - DAY),
    "compared": window(kinds="Wwst", compare=True),
    "constant": one_point(0.0),
    "single": one_point(),
    "huge": one_point(9.9e12),
    "nothing": NOTHING,
    "empty": EMPTY,
    "no history": window(kinds="W", oldest_ms=NOON - HOUR, happened=False),
}
"""`nothing` has no series, `empty` has one without a point."""


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(MODELS)),
    st.integers(0, 210),
    st.integers(0, 64),
    st.sampled_from([*SETS.values()]),
)
def test_every_line_is_exactly_as_wide_as_asked(
    name: str, width: int, height: int, glyphs: object
) -> None:
    strips = draw(MODELS[name], width, height, PLAIN, glyphs)  # type: ignore[arg-type]
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == width
        assert sum(segment.cell_length for segment in strip) == width


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("size", [(40, 8), (80, 24), (120, 36), (200, 60)])
def test_every_usual_size_shows_a_chart(name: str, size: tuple[int, int]) -> None:
    shown = text(MODELS[name], *size)
    assert "└" in shown
    if MODELS[name].lines and size != (40, 8):
        assert " a " in shown or " c " in shown, "the legend names every line"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 3 * 365 * DAY),
    st.integers(1000, 400 * DAY),
    st.integers(30, 210),
    st.integers(8, 60),
)
def test_a_column_and_its_moment_belong_together(
    begin: int, span: int, width: int, height: int
) -> None:
    step = 1000 if span < 6 * HOUR else 60_000
    model = replace(NOTHING, from_ms=begin, to_ms=begin + span, step_ms=step)
    area = plot_area(model, width, height)
    assert area is not None
    assert time_at(model, area.left - 1, width, height) is None
    assert time_at(model, area.left + area.width, width, height) is None
    assert column_at(model, begin - 1, width, height) is None
    assert column_at(model, begin + span, width, height) is None
    assert column_at(model, begin, width, height) == area.left
    assert column_at(model, begin + span - 1, width, height) == area.left + area.width - 1
    for column in range(area.left, area.left + area.width):
        ms = time_at(model, column, width, height)
        assert ms is not None
        if span >= area.width:
            assert begin <= ms < begin + span
            assert column_at(model, ms, width, height) == column


def test_a_moment_of_a_column_is_where_a_step_begins() -> None:
    model = window(DAY, kinds="W")
    shown = made(model)
    assert shown.plot is not None
    for column in range(shown.plot.left, shown.plot.left + shown.plot.width):
        ms = shown.time_at(column)
        assert ms is not None
        assert ms % model.step_ms == 0
        assert shown.column_at(ms) == column


@pytest.mark.parametrize("glyphs", SETS.values(), ids=lambda g: g.name)
def test_a_spike_of_one_second_is_seen_in_sixty_days(glyphs: object) -> None:
    model = window(60 * DAY, kinds="W", happened=False)
    at = NOON - 33 * DAY + 7_000
    spiky = points(
        OUTLET.key, model.from_ms, NOON, model.step_ms, lambda ms: 100.0, spikes=((at, 300.0),)
    )
    model = replace(model, lines=(replace(model.lines[0], points=spiky),))
    shown = picture(model, 120, 36, DARK, glyphs)  # type: ignore[arg-type]
    column = shown.column_at(at)
    assert column is not None
    assert shown.plot is not None
    assert shown.layout is not None
    panel = shown.layout.panels[0]
    top = panel.row(panel.axes[0], 290.0)
    bottom = panel.row(panel.axes[0], 120.0)
    rows = [shown.strips[y].text for y in range(top, bottom + 1)]
    assert all(row[column] not in " ·." for row in rows), "from the mean up to the peak"
    if glyphs is UNICODE:
        dots = [(ord(row[column]) - 0x2800).bit_count() for row in rows]
        assert all(count >= 4 for count in dots), "dot by dot"
    beside = [row[x] for row in rows for x in (column - 3, column + 3)]
    assert all(char in " ·.┊│:" for char in beside), "and nowhere else"
    assert "300" in shown.strips[2].text, "the legend has it as the maximum"
    without = picture(replace(model, band=False), 120, 36, DARK, glyphs)  # type: ignore[arg-type]
    assert without.layout is not None
    assert without.layout.panels[0].axes[0].scale.high < 300


def test_lost_time_stays_empty_and_is_marked_below() -> None:
    gap = Gap(NOON - 14 * HOUR, NOON - 8 * HOUR)
    model = window(kinds="W", happened=False)
    broken = points(
        OUTLET.key, model.from_ms, NOON, model.step_ms, lambda ms: 100.0 + ms % 7, gaps=(gap,)
    )
    model = replace(model, lines=(replace(model.lines[0], points=broken),), gaps=(gap,))
    shown = made(model)
    first, last = shown.column_at(gap.from_ms), shown.column_at(gap.to_ms)
    assert first is not None
    assert last is not None
    for column in range(first + 1, last):
        assert cells_of(shown, column) == "", "no line over lost time"
        assert "▒" in "".join(strip.text[column] for strip in shown.strips[-3:])
    assert cells_of(shown, first - 2) != ""
    assert cells_of(shown, last + 2) != ""
    joined = replace(model.lines[0].points, hold_ms=7 * HOUR)
    whole = made(replace(model, lines=(replace(model.lines[0], points=joined),)))
    assert cells_of(whole, first + 9) != "", "it is hold_ms that breaks the line"


def test_a_short_gap_is_marked_as_part_of_its_column() -> None:
    gap = Gap(NOON - 8 * HOUR, NOON - 8 * HOUR + 20_000)
    shown = made(replace(window(kinds="W", happened=False), gaps=(gap,)))
    column = shown.column_at(gap.from_ms)
    assert column is not None
    below = "".join(strip.text[column] for strip in shown.strips[-3:])
    assert "░" in below
    assert "▒" not in below


def test_time_before_the_first_reading_is_no_gap() -> None:
    model = window(kinds="W", happened=False)
    late = points(OUTLET.key, NOON - 6 * HOUR, NOON, model.step_ms, lambda ms: 100.0)
    model = replace(
        model, lines=(replace(model.lines[0], points=late),), oldest_ms=NOON - 6 * HOUR
    )  # fmt: skip
    assert "no history yet" in text(model)
    assert "▒" not in text(model)
    assert "no history yet" not in text(replace(model, oldest_ms=model.from_ms - 1))
    assert "no reading in this window" in text(replace(EMPTY, oldest_ms=NOON - 9 * DAY))


def test_points_of_extreme_values_and_equal_ones_have_a_scale() -> None:
    for value in (0.0, -40.0, 1e-9, 104.0, 9.9e12):
        shown = made(one_point(value))
        assert shown.layout is not None
        scale = shown.layout.panels[0].axes[0].scale
        assert scale.low <= value <= scale.high
        assert scale.high > scale.low


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0.01, 100), st.integers(1, 10))
def test_a_scale_is_round_and_holds_its_values(
    low: float, span: float, least: float, count: int
) -> None:
    scale = nice_axis(low, low + span, least, None, count)
    slack = abs(scale.high) * 1e-6 + scale.step * 1e-6
    assert scale.low <= low + slack
    assert scale.high >= low + span - slack
    steps = (scale.high - scale.low) / scale.step
    assert steps == pytest.approx(round(steps), abs=1e-3)
    assert steps <= 2.5 * count + 3


def test_units_have_panels_of_their_own_or_two_axes_where_rows_are_few() -> None:
    high = lay_out(window(kinds="WV", happened=False), 120, 36)
    low = lay_out(window(kinds="WV", happened=False), 80, 20)
    assert high is not None
    assert low is not None
    assert [len(panel.axes) for panel in high.panels] == [1, 1]
    assert [len(panel.axes) for panel in low.panels] == [2]
    shown = text(window(kinds="WV", happened=False), 80, 20)
    assert " W ┤" in shown
    assert "├ 23" in shown
    assert " V" in shown


def test_lines_are_told_apart_without_colour() -> None:
    for glyphs in SETS.values():
        strips = draw(window(kinds="Ww"), 80, 24, PLAIN, glyphs)
        for strip in strips:
            for segment in strip:
                assert segment.style is None or segment.style.color is None or (
                    segment.style.color.is_default
                )  # fmt: skip
        shown = "\n".join(strip.text for strip in strips[3:])
        assert shown.count("a") - shown.count("answers") > 2
        assert shown.count("b") > 2


def test_a_comparison_has_its_letter_and_says_how_long_before() -> None:
    shown = text(window(kinds="Ww", compare=True))
    assert "Outlet 3 db01 power, 1 d before" in shown
    assert "a'" in shown
    assert "b'" in shown
    names = [trace.letter for trace in traces(window(kinds="Ww", compare=True))]
    assert names == ["a", "a'", "b", "b'"]


def test_a_comparison_is_drawn_where_it_is_compared() -> None:
    model = window(kinds="W", compare=True, happened=False)
    bare = replace(model.lines[0], points=points(OUTLET.key, 0, 0, 1000, None))
    shown = made(replace(model, lines=(bare, model.lines[1])))
    assert shown.plot is not None
    drawn = [
        cells_of(shown, column) != ""
        for column in range(shown.plot.left, shown.plot.left + shown.plot.width)
    ]
    assert all(drawn)


@pytest.mark.parametrize(
    ("glyphs", "allowed"),
    [
        (ASCII, {chr(c) for c in range(0x20, 0x7F)}),
        (CONSOLE, {chr(c) for c in range(0x20, 0x7F)} | set("█░▒■●▲▼▶◀←↑→↓•°·×─│┌┐└┘├┤┬┴┼")),
    ],
    ids=["ascii", "console"],
)
def test_a_poor_terminal_gets_only_what_it_has(glyphs: object, allowed: set[str]) -> None:
    names = {"kinds": "WwAs", "cursor_ms": NOON - 5 * HOUR}
    for model in (window(**names), window(kinds="Ct", compare=True)):  # type: ignore[arg-type]
        for size in ((80, 24), (120, 36), (200, 60)):
            assert set(text(model, *size, glyphs=glyphs)) <= allowed | {"\n"}


def test_thresholds_are_lines_with_names_and_far_ones_are_told() -> None:
    shown = text(window(kinds="A", happened=False))
    assert "╌ Bank 1 warning 5 A ╌" in shown
    assert "↑ Bank 1 critical 16 A" in shown
    near = Threshold(value=6.0, unit="A", level="critical", text="Bank 1 critical")
    shown = text(window(kinds="A", happened=False, thresholds=(near,)))
    assert "╌ Bank 1 critical 6 A ╌" in shown
    other = Threshold(value=5.0, unit="V", level="warning", text="of another unit")
    assert "another" not in text(window(kinds="A", happened=False, thresholds=(other,)))


def test_marks_show_the_worst_of_a_column_and_how_many() -> None:
    model = window(kinds="W")
    shown = made(model, 80, 24)
    transfer = next(mark for mark in model.marks if mark.kind == "transfer")
    column = shown.column_at(transfer.ts_ms)
    assert column is not None
    lane = next(strip for strip in shown.strips if strip.text.startswith("events"))
    assert lane.text[column : column + 2] == "▲2"
    style = next(s.style for s in lane.crop(column, column + 1))
    assert style is not None
    assert style.color == DARK("critical").color


def test_the_cursor_reads_its_step_and_its_column() -> None:
    cursor = NOON - 20 * HOUR
    model = window(kinds="W", happened=False, cursor_ms=cursor)
    place = model.lines[0].points.ts_ms.index(cursor)
    sharp = replace(model.lines[0].points)
    sharp.mean[place] = 77.0
    sharp.maximum[place + 1] = 288.0
    model = replace(model, lines=(replace(model.lines[0], points=sharp),))
    shown = made(model)
    words = "\n".join(strip.text for strip in shown.strips)
    assert "at 16:00" in words
    assert "77 W" in words, "the step itself"
    assert "–288" in words, "what the band shows in that column"
    assert "Thu 19 Nov 2026 16:00 CET" in words
    column = shown.column_at(cursor)
    assert column is not None
    assert shown.strips[shown.layout.axis_row].text[column] == "↑"  # type: ignore[union-attr]


def test_few_rows_keep_the_letters_and_no_figure_without_a_heading() -> None:
    rows = text(window(kinds="WAVC", compare=True), 60, 16).splitlines()
    legend = next(row for row in rows if row.startswith(" a "))
    assert legend.split()[-2:] == ["109", "W"], "only what is now"
    plot = rows[5:12]
    for letter in "abcd":
        assert any(row.rstrip()[8:].count(letter) for row in plot), letter


def test_a_window_that_ends_before_it_begins_is_blank() -> None:
    model = window(kinds="W")
    assert text(replace(model, to_ms=model.from_ms)).strip() == ""


def test_the_cursor_in_lost_time_reads_nothing() -> None:
    model = window(kinds="W")
    middle = (model.gaps[0].from_ms + model.gaps[0].to_ms) // 2
    rows = text(replace(model, cursor_ms=middle)).splitlines()
    row = next(line for line in rows if "Outlet 3 db01 power" in line)
    assert row.split("power")[1].split()[0] == "–"


def test_a_moved_cursor_gives_the_same_picture_as_a_new_drawing() -> None:
    model = window(kinds="WwAs")
    before = made(model)
    moved = replace(model, cursor_ms=NOON - 7 * HOUR)
    again = picture(moved, 120, 36, DARK, UNICODE, before)
    assert again.curves is before.curves, "curves are drawn once"
    assert again.strips == made(moved).strips
    shorter = replace(moved, from_ms=moved.from_ms + HOUR)
    assert picture(shorter, 120, 36, DARK, UNICODE, before).strips == made(shorter).strips
    bandless = replace(moved, band=False)
    assert picture(bandless, 120, 36, DARK, UNICODE, before).strips == made(bandless).strips


def test_words_last_as_long_as_they_did_and_a_blip_is_seen() -> None:
    base = window(60 * DAY, kinds="s", happened=False)
    at = NOON - 33 * DAY
    step = base.step_ms
    kept = points(STATE.key, base.from_ms, NOON, step, lambda ms: 1.0)
    place = kept.ts_ms.index(at)
    kept.minimum[place], kept.mean[place] = 0.0, 0.99
    model = replace(base, lines=(replace(base.lines[0], points=kept),))
    shown = made(model)
    row = next(strip.text for strip in shown.strips if strip.text.lstrip().startswith("a state"))
    column = shown.column_at(at)
    assert column is not None
    assert row[column] == "┃", "off for seconds between on and on"
    assert row.count("┃") == 1
    assert " on ━" in row
    day = text(window(kinds="s", happened=False))
    assert "│off ─" in day or "│ off ─" in day


def test_what_is_old_is_not_said_to_be_now() -> None:
    model = window(kinds="W", happened=False)
    assert "● live" in text(model)
    dead = replace(model, newest_ms=NOON - 2 * HOUR)
    assert "▲ no reading since 10:00:00" in text(dead)
    assert "live" not in text(dead)
    ahead = replace(model, to_ms=NOON + HOUR, now_ms=NOON)
    assert "● live" in text(ahead), "what is still to come is not missed"
    old = text(replace(model, live=False))
    assert "live" not in old
    assert "last" in old


def test_a_zone_without_daylight_saving_and_a_quarter_zone_draw() -> None:
    for zone in (ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC"), BERLIN):
        assert "└" in text(window(kinds="W", zone=zone))
