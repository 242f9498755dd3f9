from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from pdutui.widgets import celldiff
from pdutui.widgets.celldiff import DiffUpdate, Shadow, rows_of
from tests.support.screen import Cell, ModelTerminal
from tests.ui.conftest import MakeApp

STYLES: list[Style | None] = [
    None,
    Style(),
    Style.parse("bold"),
    Style.parse("dim italic"),
    Style.parse("bold reverse red on blue"),
    Style.parse("#102030 on #405060"),
    Style.parse("underline #102030"),
    Style.parse("default on default"),
]
ALPHABET = "ab 漢█é⣿"
NASTY = ALPHABET + "\x1b\x07\u0301\u200d\x9b\n\u202e"


def cells_of(text: str) -> int:
    return sum(get_character_cell_size(c) for c in text if c.isprintable())


@st.composite
def strip_of(draw: st.DrawFn, width: int, alphabet: str = NASTY) -> Strip:
    """Segments of exactly `width` cells."""
    segments: list[Segment] = []
    left = width
    while left:
        text = draw(st.text(alphabet=alphabet, min_size=1, max_size=6))
        size = cells_of(text)
        if size > left or size == 0:
            text, size = "x" * left, left
        segments.append(Segment(text, draw(st.sampled_from(STYLES))))
        left -= size
    return Strip(segments, width)


@st.composite
def session(draw: st.DrawFn) -> tuple[int, int, list[list[tuple[int, int, Strip]]]]:
    """A size, and frames of (y, x, strip); the last one covers everything."""
    width, height = draw(st.integers(1, 14)), draw(st.integers(1, 4))
    frames = []
    for _ in range(draw(st.integers(0, 4))):
        frame = []
        for y in range(height):
            x = draw(st.integers(0, width - 1))
            frame.append((y, x, draw(strip_of(draw(st.integers(1, width - x))))))
        frames.append(frame)
    frames.append([(y, 0, draw(strip_of(width))) for y in range(height)])
    return width, height, frames


def wanted(strip: Strip, width: int) -> list[Cell]:
    """The cells of a strip, laid out without any cleverness."""
    row: list[Cell] = []
    for text, style, _ in strip:
        pen = celldiff._pen(style, ColorSystem.TRUECOLOR) if style else celldiff.PLAIN
        look = (tuple(sorted(pen.attributes)), pen.fore, pen.back)
        start = len(row)
        for char in text:
            if not char.isprintable() and char != "\u0301":
                continue
            size = get_character_cell_size(char)
            if size == 0:
                if len(row) > start:
                    at = len(row) - (2 if row[-1][0] == "" else 1)
                    row[at] = (row[at][0] + char, *row[at][1:])
                continue
            row.append((char, *look))
            row += [("", *look)] * (size - 1)
    return row


@settings(max_examples=300, deadline=None)
@given(session())
def test_what_is_sent_leaves_what_was_meant(
    play: tuple[int, int, list[list[tuple[int, int, Strip]]]],
) -> None:
    width, height, frames = play
    shadow, terminal = Shadow(width, height, ColorSystem.TRUECOLOR), ModelTerminal(width, height)
    for frame in frames:
        terminal.feed(shadow.paint((y, [(x, strip)]) for y, x, strip in frame))
        for y in range(height):
            for x in range(width):
                known = shadow.cell(x, y)
                if known is not None:
                    text, pen = known
                    look = (text, tuple(sorted(pen.attributes)), pen.fore, pen.back)
                    assert terminal.cells[y][x] == look, "the shadow believes what is not so"
    for y, _, strip in frames[-1]:
        assert terminal.cells[y] == wanted(strip, width)


LOOKS = [STYLES[2], STYLES[5]]


@st.composite
def lines_that_come_again(draw: st.DrawFn) -> list[list[tuple[str, Style | None]]]:
    """Lines of eight cells, of a few words, some of which were there before."""
    words = st.tuples(st.sampled_from(["a", "aa", "b", "bb", "abab", "漢", "漢a"]),
                      st.sampled_from(LOOKS))  # fmt: skip
    pool = draw(st.lists(st.lists(words, min_size=1, max_size=8), min_size=2, max_size=4))
    return draw(st.lists(st.sampled_from(pool), min_size=3, max_size=8))


@given(lines_that_come_again())
@settings(max_examples=150, deadline=None)
def test_a_line_that_comes_again_is_sent_again(
    lines: list[list[tuple[str, Style | None]]],
) -> None:
    shadow, terminal = Shadow(8, 1, ColorSystem.TRUECOLOR), ModelTerminal(8, 1)
    for line in lines:
        segments: list[Segment] = []
        left = 8
        for text, style in line:
            if cells_of(text) <= left:
                segments.append(Segment(text, style))
                left -= cells_of(text)
        strip = Strip([*segments, Segment(" " * left)], 8)
        terminal.feed(shadow.paint([(0, [(0, strip)])]))
        assert terminal.cells[0] == wanted(strip, 8)


@given(session())
@settings(max_examples=60, deadline=None)
def test_nothing_is_sent_twice(
    play: tuple[int, int, list[list[tuple[int, int, Strip]]]],
) -> None:
    width, height, frames = play
    shadow = Shadow(width, height, ColorSystem.TRUECOLOR)
    last = [(y, [(x, strip)]) for y, x, strip in frames[-1]]
    shadow.paint(last)
    assert shadow.paint(last) == ""


@given(session(), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_slices_of_frames_add_up_to_what_was_meant(
    play: tuple[int, int, list[list[tuple[int, int, Strip]]]], room: int
) -> None:
    """Each frame is sent as far as there is room; the last one until nothing is left."""
    width, height, frames = play
    shadow, terminal = Shadow(width, height, ColorSystem.TRUECOLOR), ModelTerminal(width, height)
    for frame in [*frames, *[frames[-1]] * (height + 1)]:
        rows = [(y, [(x, strip)]) for y, x, strip in frame]
        start = shadow.left or 0
        rows = rows[start:] + rows[:start]
        terminal.feed(shadow.paint(rows, room))
    assert shadow.left is None
    for y, _, strip in frames[-1]:
        assert terminal.cells[y] == wanted(strip, width)


def test_of_a_cleared_terminal_blanks_are_known() -> None:
    line = Strip([Segment("  a "), Segment("    ", Style.parse("on blue"))], 8)
    sent = Shadow(8, 1, ColorSystem.STANDARD, cleared=True).paint([(0, [(0, line)])])
    assert sent == "\x1b[1;3Ha \x1b[44m    \x1b[0m"


class SlowLine:
    """A terminal that takes frames when the test says so."""

    def __init__(self) -> None:
        self.ready = False
        self.room: int | None = None
        self.keys = 0

    def wait(self) -> float | None:
        return 0.0 if self.ready else None

    def sent(self, size: int) -> None: ...

    def touched(self) -> None:
        self.keys += 1


async def test_what_a_slow_terminal_does_not_take_is_in_the_next_frame(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        line = app.line = SlowLine()
        shown = Shadow(100, 30, ColorSystem.TRUECOLOR)
        whole = app.screen._compositor.render_full_update()
        assert app._held(whole)
        assert app._held(ChopsUpdate([{}], [(0, 0, 1)], [[1]]))
        await pilot.press("j")
        assert line.keys == 1
        assert app._echo, "the rows that the key changed go first"
        first = min(app._echo - {0})
        line.ready = True
        assert not app._held(whole)
        line.room = 200
        app._shadow = None
        rows = list(rows_of(app.screen._compositor.render_full_update()))
        echoed = [y for y, _ in app._by_rank(rows)][1]
        assert echoed == first
        model = ModelTerminal(100, 30)
        for sent in range(100):  # noqa: B007
            model.feed(app._paint(rows))
            if not app._behind:
                break
        assert sent > 5, "in many slices"
        shown.paint(rows)
        for y, row in enumerate(model.cells):
            assert [cell[0] for cell in row if cell] == [
                known[0] for known in shown._rows[y] if known
            ]
        app.line = None


async def test_no_figure_of_a_page_stands_below_the_name_of_another_on_a_slow_line(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        line = app.line = SlowLine()
        line.ready, line.room = True, 200
        seen = []

        def page() -> str:
            """What of another page is drawn next: it is cleared first, or not."""
            update = app.screen._compositor.render_full_update()
            app._display(app.screen, update)
            seen.append(app._page)
            if app._clear_first:
                assert app._go_on_at == 0, "from its top on"
            cleared = app._paint(list(rows_of(update))).startswith("\x1b[0m\x1b[2J")
            return "cleared" if cleared else "gone on with"

        page()
        assert page() == "gone on with"
        app.console_screen.go("rack1-b")
        assert page() == "cleared"
        await pilot.press("0")
        assert page() == "cleared"
        await pilot.press("question_mark")
        assert page() == "gone on with", "for what lies on it"
        line.room = None
        await pilot.press("escape", "escape")
        assert page() == "gone on with", "a frame that is sent at once is all of it"
        assert seen == [("", "ats-1")] * 2 + [("", "rack1-b")] + [("fleet", "")] * 2 + [
            ("", "rack1-b")
        ]
        app.line = None


def test_one_figure_costs_a_few_bytes() -> None:
    shadow = Shadow(120, 1, ColorSystem.TRUECOLOR)
    style = Style.parse("#c9d3dc on #0c1116")
    text = "361 W".ljust(120)
    shadow.paint([(0, [(0, Strip([Segment(text, style)]))])])
    sent = shadow.paint([(0, [(0, Strip([Segment(text.replace("361", "362"), style)]))])])
    assert "2" in sent
    assert "3" not in sent.replace("38;2", "")[:-4].split("m")[-1]
    assert len(sent) < 60


def test_colours_are_left_out_where_there_are_none() -> None:
    sent = Shadow(3, 1, None).paint([(0, [(0, Strip([Segment("abc", Style.parse("bold red"))]))])])
    assert sent == "\x1b[1H\x1b[1mabc\x1b[0m"


def test_updates_of_textual_are_read_as_textual_reads_them() -> None:
    a, b = Strip([Segment("aaaa")], 4), Strip([Segment("bbbb")], 4)
    layout = LayoutUpdate([[a, b], [b, a]], Region(0, 0, 8, 2))
    assert list(rows_of(layout)) == [(0, [(0, a), (4, b)]), (1, [(0, b), (4, a)])]
    chops = ChopsUpdate([{0: a, 4: b}], [(0, 4, 6)], [[4, 8]])
    [(y, strips)] = list(rows_of(chops))
    assert (y, [(x, s.text) for x, s in strips]) == (0, [(4, "bb")])
    terminal, stock = ModelTerminal(8, 1), ModelTerminal(8, 1)
    console = Console(force_terminal=True, color_system="truecolor")
    stock.feed(chops.render_segments(console))
    terminal.feed(Shadow(8, 1, ColorSystem.TRUECOLOR).paint(rows_of(chops)))
    assert terminal.text() == stock.text()


def test_an_update_of_another_kind_falls_back_to_stock_and_says_so_once() -> None:
    class Other(CompositorUpdate):
        def render_segments(self, console: Console) -> str:
            return "stock"

    said: list[Exception] = []
    update = DiffUpdate(Other(), Shadow(1, 1, None).paint, said.append)
    assert update.render_segments(Console()) == "stock"
    assert len(said) == 1


def test_a_strange_update_is_sent_by_textual_itself() -> None:
    said: list[Exception] = []
    broken = LayoutUpdate([[Strip([Segment("ok")], 2)]], Region(0, 0, 2, 1))
    shadow = Shadow(2, 1, None)
    shadow._rows = []
    sent = DiffUpdate(broken, shadow.paint, said.append).render_segments(Console())
    assert "ok" in sent
    assert [type(e) for e in said] == [IndexError]


def test_this_textual_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    assert celldiff.supported()

    class Changed(CompositorUpdate):
        def __init__(self, lines: object) -> None: ...

    monkeypatch.setattr(celldiff, "LayoutUpdate", Changed)
    assert not celldiff.supported()


async def test_the_app_does_without_when_the_diff_fails(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    async with app.run_test():
        with caplog.at_level(logging.WARNING, "pdutui.console"):
            app._diff_failed(TypeError("changed"))
            app._diff_failed(TypeError("changed"))
        assert not app._diffing
        assert len(caplog.records) == 1
