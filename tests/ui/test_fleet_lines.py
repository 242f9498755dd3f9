"""Lines and cards of the fleet at every size: whole words, exact widths, words beside colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace
from textual.strip import Strip

from pdutui.domain.fleet import FleetLoad, FleetRow
from pdutui.domain.fleet_groups import Grouping, Section, Totals, sections_of, totals_of
from pdutui.domain.fleet_sort import sorted_rows
from pdutui.screens.fleet_view import FleetFrame, places, top_line
from pdutui.widgets.fleet_cards import LOW, card, deck, fleet_cards
from pdutui.widgets.fleet_list import Drawn, fleet_list, heading, listing, window
from pdutui.widgets.fleet_pane import auto_view
from pdutui.widgets.fleet_scene import FleetScene, outlet_pieces
from pdutui.widgets.glyphs import ASCII, CONSOLE, UNICODE, GlyphSet
from pdutui.widgets.inks import MEANINGS, Inks
from pdutui.widgets.text import width_of

NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)
INKS = Inks(dict.fromkeys(MEANINGS, "#808080"), "#000000", "none")


def row(pdu: str, **said: Any) -> FleetRow:
    return FleetRow(**{"pdu": pdu, "health": "live", "age_s": 0.0, **said})


ROOM: tuple[FleetRow, ...] = (
    row("rack1-a", location="Row 3 / Rack 1", feed="A", power_w=2580.0, current_a=12.0,
        rating_a=32.0, percent=37.5, outlets_on=22, outlets_off=2, critical=2, warning=1,
        worst=FleetLoad(name="OCP C3", percent=82.0, state="warning")),
    row("rack1-b", location="Row 3 / Rack 1", feed="B", health="lost", age_s=125.0, power_w=812.0,
        current_a=3.5, percent=11.0, detail="rack1-b: no answer within 2 s", outlets_on=24,
        worst=FleetLoad(name="C1", percent=9.0)),
    row("ats-1", location="Row 3 / Rack 2", has_ats=True, active="B", preferred="A",
        redundancy="full", power_w=None, apparent_power_va=371.0, current_a=3.1, percent=104.0,
        worst=FleetLoad(name="Bank 1", percent=0.0, state="tripped"), outlets_on=7,
        outlets_unknown=3, quiet=1),
    row("ats-2", has_ats=True, active="none", redundancy="lost"),
    row("new", health="connecting", age_s=None),
    row("odd", health="unsupported", age_s=None, detail="odd: no family knows this device"),
    row("late-one", health="late", age_s=3.0, power_w=100.0),
    row("bad\x1b[2Jname", location="R\u202e1", feed="\x07"),
)  # fmt: skip


def scene(
    rows: Sequence[FleetRow] = ROOM, *, grouping: Grouping = "none", glyphs: GlyphSet = UNICODE,
    **said: Any,
) -> FleetScene:  # fmt: skip
    sections = sections_of(sorted_rows(rows), grouping)
    by_name = {row.pdu: row for row in rows}
    return FleetScene(
        **{
            "rows": by_name,
            "sections": sections,
            "totals": {
                (s.title, s.level): totals_of([by_name[n] for n in s.members]) for s in sections
            },
            "now": NOW,
            "inks": INKS,
            "glyphs": glyphs,
            "trend": lambda _: ([100.0 + i % 7 for i in range(60)], 1000),
            "cursor": rows[0].pdu if rows else None,
            "grouping": grouping,
            "has_ats": True,
            "has_alarms": True,
            "names": max(width_of(row.pdu) for row in rows),
            "places": 14,
            "feeds": 1,
            **said,
        }
    )


def drawn(shown: FleetScene, width: int, rows: int = 60) -> list[Strip]:
    items = listing(shown.sections)
    seen = window(items, shown.cursor, rows, 0)
    return [line for line, _ in fleet_list(shown, items, width, seen, Drawn())]


def text(strips: Sequence[Strip]) -> list[str]:
    return [strip.text for strip in strips]


@pytest.mark.parametrize("glyphs", [UNICODE, CONSOLE, ASCII], ids=lambda g: g.name)
def test_every_line_is_exactly_as_wide_as_the_screen(glyphs: GlyphSet) -> None:
    for width in (20, 33, 40, 60, 79, 80, 100, 120, 150, 200, 300):
        for grouping in ("none", "rack", "feed"):
            shown = scene(glyphs=glyphs, grouping=grouping)
            lines = [heading(shown, width), *drawn(shown, width)]
            assert {line.cell_length for line in lines} == {width}
            if glyphs is ASCII:
                assert all(line.text.isascii() for line in lines)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
def test_no_word_and_no_figure_is_cut(width: int) -> None:
    """`~` is the mark of a cut; an ellipsis stands only behind whole words."""
    lines = text([heading(scene(), width), *drawn(scene(), width)])
    assert not any("~" in line for line in lines)
    found = " ".join(lines)
    words = ["lost 2m05s", "104 %", "2 crit", "connecting", "no reading yet"]
    words += ["since 14:00:06", "NO SOURCE", "TRIP"] if width >= 80 else []
    for word in words:
        assert word in found, word


def test_what_is_wrong_stands_there_in_words() -> None:
    """Without any colour each trouble is still told apart."""
    by_name = {row.pdu: line for row, line in zip(
        sorted_rows(ROOM), text(drawn(scene(), 200)), strict=True)}  # fmt: skip
    assert "2 critical 1 warning" in by_name["rack1-a"]
    assert "OCP C3 WARNING 82 %" in by_name["rack1-a"]
    assert "Bank 1 TRIPPED" in by_name["ats-1"]
    assert "371 VA" in by_name["ats-1"]
    assert "B +A, prefers A" in by_name["ats-1"]
    assert "1 quiet" in by_name["ats-1"]
    assert "NO SOURCE" in by_name["ats-2"]
    assert "▲ lost 2m05s" in by_name["rack1-b"]
    assert "since 14:00:06, no answer within 2 s" in by_name["rack1-b"]
    assert "▲ unsupported" in by_name["odd"]
    assert "no family knows this device" in by_name["odd"]
    assert "▲ late 3s" in by_name["late-one"]
    assert "100 W" in by_name["late-one"]


def test_a_what_if_hides_neither_that_a_pdu_is_lost_nor_that_nobody_can_tell() -> None:
    rows = [
        FleetRow(pdu="gone", health="lost", age_s=125.0, detail="gone is lost", estimated=True,
                 unsure=True),
        FleetRow(pdu="ats", health="live", age_s=1.0, detail="its feed is not mapped", has_ats=True,
                 estimated=True, unsure=True),
        FleetRow(pdu="fine", health="live", age_s=1.0, power_w=100.0, estimated=True),
    ]  # fmt: skip
    gone, ats, fine = (
        next(line for line in text(drawn(scene(rows), 160)) if line[1:].startswith(row.pdu))
        for row in rows
    )
    assert "▲ lost 2m05s" in gone
    assert "? not known" in ats
    assert "its feed is not mapped" in ats
    assert "estimated" in fine
    assert "estimated" not in gone + ats


def test_what_is_not_known_is_a_dash_and_no_zero() -> None:
    line = next(line for line in text(drawn(scene(), 160)) if "ats-2" in line)
    assert " 0 W" not in line
    assert "0 %" not in line
    assert line.count("–") == 3


def test_figures_that_are_stale_look_it_whatever_they_say() -> None:
    late = next(line for line in drawn(scene(), 160) if "late-one" in line.text)
    stale = INKS("stale")
    figures = [seg for seg in late if "100" in seg.text]
    assert figures
    assert all(seg.style == stale for seg in figures)


def test_names_cannot_drive_the_terminal() -> None:
    for line in text(drawn(scene(grouping="rack"), 200)):
        assert line.isprintable()


def test_a_row_that_says_the_same_is_not_drawn_again() -> None:
    asked: list[str] = []
    samples = ([1.0] * 60, 1000)

    def trend(pdu: str) -> tuple[list[float], int]:
        asked.append(pdu)
        return samples

    kept, items = Drawn(), listing(scene().sections)
    seen = window(items, None, 20, 0)
    first = fleet_list(scene(trend=trend), items, 120, seen, kept)
    again = fleet_list(scene(trend=trend), items, 120, seen, kept)
    assert all(a is b for (a, _), (b, _) in zip(first, again, strict=True))
    moved = fleet_list(scene(trend=trend, cursor="late-one"), items, 120, seen, kept)
    other = [a is not b for (a, _), (b, _) in zip(first, moved, strict=True)]
    assert sum(other) == 2, "the one with the cursor, and the one without it"


def test_the_cursor_is_seen_and_its_group_with_it() -> None:
    many = [row(f"p{n:02d}", location=f"Rack {n // 3}") for n in range(30)]
    items = listing(sections_of(many, "location", "name"))
    shown = window(items, "p29", 10, 0)
    assert items[shown.first + shown.rows - 1] == "p29"
    back = window(items, "p15", 10, shown.first)
    assert items[back.first] != "p15", "the head of its group is above it"
    assert not isinstance(items[back.first], str)
    assert window(items, "p16", 10, back.first) == back
    assert window(items, "gone", 10, 25).first == 0


def test_a_group_says_what_it_carries_and_how_much_of_it_is_known() -> None:
    head = next(
        line for line in text(drawn(scene(grouping="rack"), 100)) if " Row 3 / Rack 1 " in line
    )
    assert "2.6 kW of 1/2" in head
    assert "1 not live" in head
    assert "2 critical 1 warning" in head
    narrow = text(drawn(scene(grouping="rack"), 40))
    assert any("Row 3 / Rack 1" in line for line in narrow)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60), (300, 100)])
def test_cards_fill_the_width_and_say_the_same(size: tuple[int, int]) -> None:
    width, height = size
    shown = scene()
    cards = deck(shown.sections, width, height)
    made = fleet_cards(shown, cards, width, height, 0)
    assert len(made) <= height
    assert {line.cell_length for line, _ in made} == {width}
    assert not any("~" in line.text for line, _ in made)
    if cards.total <= height:
        found = "\n".join(line.text for line, _ in made)
        assert all(word in found for word in ("TRIPPED", "NO SOURCE", "lost 2m05s", "104 % "))
    names = [name for line, hits in made[:1] for _, _, name in hits]
    assert names == [r.pdu for r in sorted_rows(ROOM)][: len(names)]


def test_cards_are_shown_where_all_of_them_fit_and_lines_where_they_do_not() -> None:
    few, many = scene(ROOM[:3]).sections, scene().sections
    assert auto_view(few, 120, 33) == "cards"
    assert auto_view(few, 80, 21) == "cards"
    assert auto_view(many, 80, 21) == "list"
    assert auto_view(few, 40, 100) == "list"
    assert deck(few, 120, 33).height > LOW


def test_cards_fill_a_high_screen_rather_than_a_wide_row() -> None:
    def of(count: int) -> list[Section]:
        names = tuple(f"p{number}" for number in range(count))
        return [Section(title="", level=0, members=names, listed=True)]

    thirteen = of(13)
    cards = deck(thirteen, 200, 57)
    assert (cards.columns, cards.total) == (4, 56), "five columns would leave a quarter empty"
    assert deck(thirteen, 200, 57, LOW).height == LOW
    assert deck(of(6), 120, 33).columns == 3, "nearly full as it is"


def test_without_glyphs_of_their_own_outlets_are_counted_in_words() -> None:
    some = replace(ROOM[0], outlets_on=7, outlets_off=2, outlets_unknown=1)

    def said(glyphs: GlyphSet, room: int) -> str:
        shown = replace(scene(), glyphs=glyphs)
        return "".join(text for text, _ in outlet_pieces(shown, some, room))

    assert said(UNICODE, 20) == "7 on 2 off 1 unknown"
    assert said(ASCII, 19) == said(UNICODE, 19) == "7 on 2 off 1 ?"
    assert said(UNICODE, 12) == "●7 ○2 ?1"
    assert said(ASCII, 12) == said(CONSOLE, 12) == "7on 2off 1?", "-2 would be a figure"


def test_what_is_asked_has_no_last_minute() -> None:
    shown = scene()
    estimated = replace(ROOM[0], estimated=True)
    drawn = [strip.text for strip in card(shown, ROOM[0], 60, 14)]
    assert any("last minute" in text for text in drawn)
    asked = [strip.text for strip in card(shown, estimated, 60, 14)]
    assert not any("last minute" in text for text in asked)
    assert not any(0x2800 < ord(char) < 0x2900 for text in asked for char in text)


def test_the_top_line_keeps_what_matters_most() -> None:
    frame = FleetFrame(
        totals=totals_of(ROOM), shown=len(ROOM), now=NOW, inks=INKS, glyphs=UNICODE, held=True
    )
    wide = top_line(frame, 160).text
    assert "8 PDUs" in wide
    assert "4 live" in wide
    assert "1 lost" in wide
    assert "2.6 kW of 1/8" in wide
    assert "worst first, held" in wide
    assert "14:02:11" in wide
    for width in (20, 40, 60, 80, 120):
        line = top_line(frame, width)
        assert line.cell_length == width
        assert "~" not in line.text
    assert "1 lost" in top_line(frame, 40).text
    empty = FleetFrame(totals=Totals(), shown=0, now=NOW, inks=INKS, glyphs=UNICODE)
    assert "0 PDUs" in top_line(empty, 120).text


def test_the_list_has_all_the_room_that_nothing_else_needs() -> None:
    for height in range(1, 40):
        for over in (False, True):
            found = places(80, height, over=over)
            rows = sorted((rect.y, rect.height) for rect in found.values())
            assert sum(h for _, h in rows) == height
            assert all(a[0] + a[1] == b[0] for a, b in pairwise(rows))
            assert height < 3 or "list" in found
