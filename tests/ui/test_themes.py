from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from pdutui.widgets.celldiff import nearest_256, rgb_of_256
from pdutui.widgets.inks import INKS, MEANINGS, TEXT_MEANINGS, Ground
from pdutui.widgets.themes import (
    ANSI_THEME,
    DEFAULT_THEME,
    PREFIX,
    ThemeError,
    inks_of,
    load_theme,
    load_themes,
    shipped_dir,
)

SHIPPED, PROBLEMS = load_themes([shipped_dir()])
RGB = [theme for theme in SHIPPED.values() if not theme.ansi]


def luminance(color: Color) -> float:
    """Relative luminance of WCAG 2."""
    parts = [c / 255 for c in (color.r, color.g, color.b)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_shipped_themes_load() -> None:
    assert PROBLEMS == []
    assert {DEFAULT_THEME, "noc-light", ANSI_THEME} <= set(SHIPPED)
    assert SHIPPED[ANSI_THEME].ansi
    assert not SHIPPED["noc-light"].dark


@pytest.mark.parametrize("theme", RGB, ids=lambda t: t.name)
def test_every_text_colour_is_readable_on_every_ground(theme: Theme) -> None:
    variables = theme.variables
    assert theme.background
    grounds = [theme.background, variables["pdu-cursor"], variables["pdu-bar"]]
    assert theme.panel
    for meaning in TEXT_MEANINGS:
        for ground in grounds:
            ratio = contrast(variables[PREFIX + meaning], ground)
            assert ratio >= 4.5, f"{meaning} on {ground}: {ratio:.2f}"
    assert contrast(str(theme.foreground), theme.panel) >= 4.5, "typed text in its field"


def in_256(color: str) -> str:
    parsed = Color.parse(color)
    red, green, blue = rgb_of_256(nearest_256(parsed.r, parsed.g, parsed.b))
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("theme", RGB, ids=lambda t: t.name)
def test_with_256_colours_text_is_readable_too_and_the_cursor_row_is_seen(theme: Theme) -> None:
    variables = theme.variables
    assert theme.background
    grounds = {in_256(c) for c in (theme.background, variables["pdu-cursor"], variables["pdu-bar"])}
    assert in_256(theme.background) != in_256(variables["pdu-cursor"])
    assert in_256(theme.background) != in_256(variables["pdu-rule"])
    for meaning in TEXT_MEANINGS:
        for ground in grounds:
            ratio = contrast(in_256(variables[PREFIX + meaning]), ground)
            assert ratio >= 4.5, f"{meaning} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("theme", RGB, ids=lambda t: t.name)
def test_states_differ_from_each_other(theme: Theme) -> None:
    colors = {theme.variables[PREFIX + m] for m in ("on", "unknown", "warning", "critical")}
    assert len(colors) == 4


@pytest.mark.parametrize(
    "theme", [*SHIPPED.values(), *BUILTIN_THEMES.values()], ids=lambda t: t.name
)
@pytest.mark.parametrize("colorless", [False, True])
def test_every_ink_exists_under_every_theme(theme: Theme, colorless: bool) -> None:
    inks = inks_of(theme, colorless=colorless)
    grounds: tuple[Ground, ...] = ("base", "cursor", "bar")
    for ink in INKS:
        for ground in grounds:
            style = inks(ink, ground)
            if colorless:
                assert style.color is None or style.color.is_default
                assert style.bgcolor is None or style.bgcolor.is_default
            elif style.color == style.bgcolor:
                assert style.color is None or style.color.is_default, f"{ink} is invisible"


def test_sixteen_colours_hide_nothing() -> None:
    inks = inks_of(SHIPPED[ANSI_THEME])
    for ink in INKS:
        style = inks(ink)
        assert style.bgcolor is None or style.bgcolor.is_default, "only the terminal's own ground"
        number = style.color.number if style.color else None
        assert number is None or 0 < number < 8, "black and bright colours vanish or collapse"
        assert inks(ink, "cursor").reverse


def test_without_colour_alarms_still_differ() -> None:
    inks = inks_of(SHIPPED[ANSI_THEME], colorless=True)
    seen = {inks(ink) for ink in ("text", "on", "warning", "critical", "stale")}
    assert len(seen) == 5


GOOD = 'dark = true\n[colors]\nprimary = "#336699"\n'


def test_a_small_theme_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    theme = load_theme(path)
    assert theme.name == "mine"
    inks = inks_of(theme)
    assert all(inks(ink) is not None for ink in INKS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dark = tru", "mine.toml"),
        ("dark = 1", "dark: 1"),
        ('name = "No Good"\n' + GOOD, "name"),
        ("[colors]", "primary is required"),
        (GOOD + 'acent = "#111111"', "did you mean colors.accent"),
        (GOOD + "[pdutui]\nof = '#111111'", "did you mean pdutui.off"),
        (GOOD + 'error = "redd"', "colors.error"),
        (GOOD + 'error = "#ff0000 50%"', "colors.error"),
        (GOOD + 'error = "#ff000080"', "transparent"),
        (GOOD + 'error = "ansi_red"', "ansi = false"),
        (GOOD + "error = 3", "no colour"),
        ("ansi = true\n" + GOOD, "ansi = true"),
        ("colors = 3", "table"),
        ("[kolors]", "did you mean colors"),
    ],
)
def test_a_bad_theme_says_where_and_is_left_out(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ThemeError, match=r"mine\.toml"):
        load_theme(tmp_path / "mine.toml")
    themes, problems = load_themes([shipped_dir(), tmp_path])
    assert set(themes) == set(SHIPPED)
    assert len(problems) == 1
    assert says in problems[0]


def test_a_file_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    themes, problems = load_themes([tmp_path])
    assert themes == {}
    assert len(problems) == 1


def test_meanings_are_all_given_by_the_shipped_themes() -> None:
    for theme in SHIPPED.values():
        assert {PREFIX + meaning for meaning in MEANINGS} <= set(theme.variables)
