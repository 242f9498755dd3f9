from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.widgets import figures
from pdutui.widgets.glyphs import ASCII, CONSOLE, SETS, UNICODE, check, choose, terminal_encoding
from pdutui.widgets.inks import INKS as NAMES
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line
from pdutui.widgets.text import clean, cut, fit, lead, width_of, wrap


@given(st.text(max_size=60), st.booleans())
def test_cleaned_text_can_drive_no_terminal(text: str, ascii_only: bool) -> None:
    got = clean(text, ascii_only)
    for char in got:
        assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Mn")
    assert not ascii_only or got.isascii()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("db01", "db01"),
        ("\x1b[31mred\x1b[0m", "?[31mred?[0m"),
        ("a\u202eb", "a?b"),
        ("two\nlines\t", "two lines"),
        ("Cafe\u0301", "Café"),
        ("z\u0335\u0336algo", "zalgo"),
        ("漢字", "漢字"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
    ],
)
def test_names_keep_what_is_harmless(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_ascii_keeps_letters_without_their_accents() -> None:
    assert clean("Zürich Straße 漢", True) == "Zurich Stra?e ?"


@given(st.text(max_size=40), st.integers(0, 30))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    text = clean(text)
    assert width_of(fit(text, width)) == width
    assert width_of(cut(text, width)) <= width
    if width_of(text) <= width:
        assert fit(text, width).rstrip() == text.rstrip()


def test_a_cut_is_marked() -> None:
    assert cut("database", 5) == "data…"
    assert cut("漢字漢字", 5) == "漢字…"
    assert cut("漢字", 3) == "漢…"
    assert lead("7", 3) == "  7"


@given(st.text(alphabet="ab 漢", max_size=60), st.integers(1, 20))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    if width >= 2:
        assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (figures.amps(None), "–"),
        (figures.amps(0.0), "0.00"),
        (figures.amps(12.345), "12.35"),
        (figures.watts(None), "–"),
        (figures.watts(0.0), "0"),
        (figures.watts(6.5), "6.5"),
        (figures.watts(9.0), "9"),
        (figures.watts(1510.4), "1510"),
        (figures.energy(99_999.9), "99999.9"),
        (figures.energy(1_234_567.8), "1234568"),
        (figures.percent(0.0), "0"),
        (figures.percent(0.4), "<1"),
        (figures.percent(None), "–"),
        (figures.factor(None), "–"),
        (figures.rating(12.5), "12.5"),
        (figures.rating(16.0), "16"),
        (figures.age(0.9), "0s"),
        (figures.age(59.9), "59s"),
        (figures.age(125), "2m05s"),
        (figures.age(3 * 3600 + 720), "3h12m"),
        (figures.age(2 * 86400 + 4 * 3600), "2d04h"),
        (figures.age(None), ""),
    ],
)
def test_figures(got: str, want: str) -> None:
    assert got == want


@pytest.mark.parametrize("glyphs", SETS.values(), ids=lambda g: g.name)
def test_every_glyph_is_one_cell_wide(glyphs: object) -> None:
    assert check(glyphs) == []  # type: ignore[arg-type]


def test_the_check_finds_a_wide_glyph() -> None:
    from msgspec.structs import replace

    assert check(replace(UNICODE, on="漢")) != []
    assert check(replace(ASCII, on="●")) != []


@pytest.mark.parametrize(
    ("wanted", "env", "encoding", "want"),
    [
        ("auto", {"TERM": "xterm-256color"}, "utf-8", UNICODE),
        ("auto", {"TERM": "linux"}, "UTF-8", CONSOLE),
        ("auto", {"TERM": "linux-16color"}, "utf8", CONSOLE),
        ("auto", {"TERM": "xterm"}, "iso8859-1", ASCII),
        ("auto", {"TERM": "xterm"}, "no-such-codec", ASCII),
        ("auto", {"TERM": "dumb"}, "utf-8", ASCII),
        ("auto", {}, None, ASCII),
        ("unicode", {"TERM": "linux"}, "ascii", UNICODE),
    ],
)
def test_the_terminal_chooses_its_glyphs(
    wanted: str, env: dict[str, str], encoding: str | None, want: object
) -> None:
    assert choose(wanted, env, encoding) is want  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("env", "want"),
    [
        ({}, UNICODE),
        ({"LANG": "de_DE.UTF-8"}, UNICODE),
        ({"LC_CTYPE": "UTF-8"}, UNICODE),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, UNICODE),
        ({"TERM": "screen", "TMUX": "/tmp/s,1,0"}, UNICODE),
        ({"TERM": "screen.xterm-256color", "LANG": "C.UTF-8"}, UNICODE),
        ({"TERM": "screen"}, ASCII),
        ({"TERM": "vt220", "LANG": ""}, ASCII),
        ({"TERM": "vte-256color"}, UNICODE),
        ({"TERM": "xterm", "STY": "1.tty"}, ASCII),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, ASCII),
    ],
)
def test_a_locale_that_is_not_utf8_has_ascii(env: dict[str, str], want: object) -> None:
    assert choose("auto", {"TERM": "xterm", **env}, terminal_encoding(env)) is want


INKS = Inks({}, "ansi_default", "none")


@given(st.lists(st.text(alphabet="ab1漢 ", max_size=8), max_size=8), st.integers(0, 20))
def test_a_line_is_exactly_as_wide_as_asked(parts: list[str], width: int) -> None:
    line = Line(INKS, width)
    for part in parts:
        line.add(part)
    strip = line.strip()
    assert strip.cell_length == width == width_of(strip.text)


def test_a_figure_is_never_cut_without_a_mark() -> None:
    assert Line(INKS, 3).add("361 W").strip().text == "36~"
    assert Line(INKS, 6).add("ab").right([("361 W", "text")]).strip().text == "ab361~"


def test_the_console_set_keeps_to_what_console_fonts_have() -> None:
    from msgspec.structs import fields

    known = set("█░▒■●▲▼▶◀←↑→↓•°·×") | {chr(c) for c in range(0x20, 0x7F)} | set("─│┌┐└┘├┤┬┴┼")
    for field in fields(CONSOLE):
        value = getattr(CONSOLE, field.name)
        if isinstance(value, str) and field.name not in ("name", "plot"):
            assert set(value) <= known, f"{field.name}: {value!r}"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("drops 674 W", ["drops", "674 W"]),
        ("over the 80 % limit)", ["over the", "80 %", "limit)"]),
        ("it was (0.5 A).", ["it was", "(0.5 A)."]),
        ("within 1,200 VA; so", ["within", "1,200 VA;", "so"]),
        ("outlet 3 As it", ["outlet 3", "As it"]),
    ],
)
def test_a_figure_keeps_its_unit(text: str, lines: list[str]) -> None:
    assert wrap(text, 9) == lines
    assert wrap(text, 4)[0] != "", "where there is no room for both they part"


def test_without_colours_no_blank_around_a_word_is_reversed_or_underlined() -> None:
    for ink in ("critical", "warning"):
        strip = Line(INKS, 20).add("  ").add(" LOST now  ", ink).add("x").strip()
        loud = [s.text for s in strip if s.style and (s.style.reverse or s.style.underline)]
        assert (loud, strip.text) == (["LOST now"], "   LOST now  x      ")
        assert not any(s.style.reverse for s in Line(INKS, 5).add("   ", ink).strip() if s.style)
    badge = Line(INKS, 20).add(" LOST ", "badge-critical").strip()
    assert [s.text for s in badge if s.style and s.style.reverse] == [" LOST "]
    coloured = Inks({"critical": "#ff0000", "text": "#ffffff"}, "#000000", "rgb")
    assert Line(coloured, 5).add(" hot ", "critical").strip()._segments[0].text == " hot "


def test_without_colours_nothing_reversed_is_bold_or_faint() -> None:
    for ink in sorted(NAMES):
        for ground in ("base", "cursor"):
            style = INKS(ink, ground)  # type: ignore[arg-type]
            assert not (style.reverse and (style.bold or style.dim)), (ink, ground)
