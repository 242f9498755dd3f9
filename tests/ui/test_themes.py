from __future__ import annotations

import math
import os
from itertools import combinations
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from pdutui.widgets.celldiff import nearest_256, rgb_of_256
from pdutui.widgets.contrast import contrast, faults
from pdutui.widgets.inks import INKS, MEANINGS, TEXT_MEANINGS, Ground
from pdutui.widgets.themes import (
    ANSI_THEME,
    PREFIX,
    FileTheme,
    ThemeError,
    inks_of,
    load_theme,
    load_themes,
    shipped_dir,
)
from pdutui.widgets.wardrobe import News, Wardrobe
from tests.support.frames import SIXTEEN

GROUNDS: tuple[Ground, ...] = ("base", "cursor", "bar")
SHIPPED, PROBLEMS = load_themes([shipped_dir()])
RGB = [theme for theme in SHIPPED.values() if not theme.ansi]


def test_shipped_themes_load() -> None:
    assert PROBLEMS == []
    assert set(SHIPPED) == {
        "noc-dark", "noc-light", "noc-16", "high-contrast-dark", "high-contrast-light",
        "colorblind-dark", "colorblind-light", "ansi-16", "mono", "amber",
    }  # fmt: skip
    assert all((shipped_dir() / f"{name}.toml").is_file() for name in SHIPPED), "found at once"
    assert SHIPPED[ANSI_THEME].ansi
    assert not SHIPPED["noc-light"].dark


@pytest.mark.parametrize("theme", RGB, ids=lambda t: t.name)
def test_everything_is_readable_on_every_ground(theme: FileTheme) -> None:
    """WCAG 2 level AA: words, badges, banners, curves, and Textual's own widgets."""
    assert [str(fault) for fault in faults(theme)] == []
    # By other arithmetic than the product's: Textual's own.
    inks = inks_of(theme)
    for ink in INKS - {"rule", "faint1", "faint2", "faint3", "faint4"}:
        for ground in GROUNDS:
            style = inks(ink, ground)
            assert style.color is not None
            assert style.bgcolor is not None
            fore, back = (Color.from_rich_color(c) for c in (style.color, style.bgcolor))
            light, dark = sorted((fore.brightness, back.brightness), reverse=True)
            assert light - dark > 0.2, f"{ink} on {ground}"


@pytest.mark.parametrize("name", ["high-contrast-dark", "high-contrast-light"])
def test_high_contrast_is_more_than_that(name: str) -> None:
    inks = inks_of(SHIPPED[name])
    for meaning in TEXT_MEANINGS:
        for ground in GROUNDS:
            assert contrast(inks.meaning(meaning), inks.ground(ground)) >= 7, f"{meaning} {ground}"
    assert contrast(inks.meaning("rule"), inks.ground()) >= 3


# Machado, Oliveira, Fernandes 2009: what is seen without one kind of cones, in linear RGB.
WITHOUT = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
            (-0.003882, -0.048116, 1.051998)),
    "green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
              (-0.011820, 0.042940, 0.968881)),
    "blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
             (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)  # fmt: skip
Vector = tuple[float, float, float]


def times(matrix: tuple[Vector, ...], v: Vector) -> Vector:
    x, y, z = (row[0] * v[0] + row[1] * v[1] + row[2] * v[2] for row in matrix)
    return x, y, z


def seen(color: str, without: str) -> Vector:
    """A colour in CIE L*a*b*, as eyes see it that lack a kind of cones."""
    c = Color.parse(color)
    parts = [v / 255 for v in (c.r, c.g, c.b)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    r, g, b = (min(1.0, max(0.0, p)) for p in times(WITHOUT[without], (r, g, b)))
    xyz = [p / w for p, w in zip(times(TO_XYZ, (r, g, b)), (0.95047, 1, 1.08883), strict=True)]
    x, y, z = (p ** (1 / 3) if p > 0.008856 else 7.787 * p + 16 / 116 for p in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, without: str) -> float:
    """How far colours are apart: 2.3 can just be told from each other side by side."""
    return math.dist(seen(one, without), seen(other, without))


STATES = ("on", "off", "warning", "critical", "unknown")
LINES = ("spark", "line2", "line3", "line4")


@pytest.mark.parametrize("name", ["colorblind-dark", "colorblind-light"])
@pytest.mark.parametrize("without", list(WITHOUT))
def test_states_stay_apart_for_colour_blind_eyes(name: str, without: str) -> None:
    inks = inks_of(SHIPPED[name])
    pairs = [(p, 18) for p in combinations(STATES, 2)] + [(p, 15) for p in combinations(LINES, 2)]
    pairs += [(("value", "stale"), 18), (("critical", "source"), 18), (("critical", "replay"), 18)]
    for (one, other), least in pairs:
        distance = apart(inks.meaning(one), inks.meaning(other), without)
        assert distance >= least, f"{one} and {other}: {distance:.1f}"


def test_the_simulation_itself_knows_what_is_hard() -> None:
    assert apart("#00a000", "#c06000", "green") < 20 < apart("#00a000", "#c06000", "all cones")
    assert apart("#000000", "#ffffff", "red") == pytest.approx(100, abs=1)


def test_mono_has_no_hue_and_says_it_by_weight() -> None:
    theme = SHIPPED["mono"]
    inks = inks_of(theme)
    for meaning in MEANINGS:
        color = Color.parse(inks.meaning(meaning))
        assert color.r == color.g == color.b
    assert inks("critical").reverse
    assert inks("warning").underline
    assert inks.replayed()("critical").reverse
    assert not inks("stale").dim, "its grey is faint enough"


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


def shown(style: Style, *, colors: int, bold_is_bright: bool) -> tuple[int, int]:
    """The numbers of the colours a terminal takes for ink and ground: 7 on 0 by default."""

    def number(color: object, default: int) -> int:
        n = getattr(color, "number", None)
        return default if n is None else n % colors

    fore, back = number(style.color, 7), number(style.bgcolor, 0)
    if style.bold and bold_is_bright and colors == 16:
        fore |= 8
    return (back, fore) if style.reverse else (fore, back)


def on_linux(style: Style) -> tuple[str, str]:
    """Letters and ground as the Linux console has them, by the order of `build_attr` in its vt.c.

    Bright letters are bold ones to it. Reverse exchanges what faint has greyed, and drops that;
    bold brightens the letters last.
    """
    names = list(SIXTEEN.values())

    def number(color: object, default: int) -> int:
        n = getattr(color, "number", None)
        return default if n is None else n

    fore, back = number(style.color, 7), number(style.bgcolor, 0)
    bold, fore, back = bool(style.bold) or fore > 7, fore % 8, back % 8
    if style.dim and not bold:
        fore = 8
    if style.reverse:
        fore, back = (fore & 8) | (back & 7), (back & 8) | (fore & 7)
    if bold:
        fore ^= 8
    return names[fore], names[back]


@pytest.mark.parametrize("name", ["noc-16", "ansi-16"])
def test_all_can_be_read_on_the_linux_console(name: str) -> None:
    """Black letters that bold makes grey, on red: an alarm that nobody sees."""
    inks = inks_of(SHIPPED[name])
    drawn = {ink for ink in INKS if ink.startswith(("rule", "limit-", "fill-", "faint"))}
    for ink in INKS - drawn | {"limit-critical", "fill-critical"}:
        for ground in GROUNDS:
            style = inks(ink, ground)
            fore, back = on_linux(style)
            least = 2.7 if style.dim else 3.0 if not ink.startswith("badge-") else 4.0
            assert contrast(fore, back) >= least, f"{ink} on {ground}: {fore} on {back}"


@pytest.mark.parametrize("name", ["noc-16", "ansi-16"])
@pytest.mark.parametrize(("colors", "bold_is_bright"), [(16, False), (16, True), (8, True)])
def test_sixteen_colours_hide_nothing(name: str, colors: int, bold_is_bright: bool) -> None:
    """Nor do eight, nor the Linux console, where bold is bright."""
    inks = inks_of(SHIPPED[name])
    for ink in INKS:
        for ground in GROUNDS:
            style = inks(ink, ground)
            fore, back = shown(style, colors=colors, bold_is_bright=bold_is_bright)
            assert fore != back, f"{ink} on {ground} cannot be seen"
            own = style.bgcolor is None or style.bgcolor.is_default
            assert own or ink.startswith("badge-"), "the terminal's own ground"
        assert inks(ink, "cursor").reverse
        number = getattr(inks(ink).color, "number", None)
        assert number is None or number % 8 != 0, "black vanishes"
        assert name != "noc-16" or number is None or number < 8, "bright colours collapse"


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
        ("dark = tru", "mine.toml:1: "),
        ('dark = true\nname = "', "mine.toml:2: "),
        ("dark = 1", "mine.toml:1: dark: 1"),
        ('name = "No Good"\n' + GOOD, "name"),
        ("# mine\n[colors]", "mine.toml:2: colors.primary is required"),
        ("dark = true", "mine.toml: colors.primary is required"),
        (GOOD + 'acent = "#111111"', "mine.toml:4: colors.acent is not known (did you mean"),
        (GOOD + "[pdutui]\nof = '#111111'", "mine.toml:5: pdutui.of is not known (did you mean"),
        (GOOD + '\n# error\nerror = "redd"', "mine.toml:6: colors.error: 'redd' is no colour"),
        ('colors.primary = "red"\ncolors.error = "redd"', "mine.toml:2: colors.error"),
        ('colors = { primary = "red", error = "redd" }', "mine.toml:1: colors.error"),
        (GOOD + "[pdutui]\n'off' = 'nope'", "mine.toml:5: pdutui.off"),
        (GOOD + "monochrome = 1", "mine.toml:4: colors.monochrome is not known"),
        ("monochrome = 1", "mine.toml:1: monochrome: 1 (true or false)"),
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


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "endless.toml").symlink_to("/dev/zero")
    themes, problems = load_themes([tmp_path])
    assert not themes
    assert problems == ["theme endless.toml: no file", "theme pipe.toml: no file"]


def test_a_file_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    themes, problems = load_themes([tmp_path])
    assert themes == {}
    assert len(problems) == 1


def test_meanings_are_all_given_by_the_shipped_themes() -> None:
    for theme in SHIPPED.values():
        assert {PREFIX + meaning for meaning in MEANINGS} <= set(theme.variables)


def test_what_is_no_theme_by_its_size_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"#" * 100_000)
    with pytest.raises(ThemeError, match="no theme"):
        load_theme(tmp_path / "mine.toml")


def test_a_theme_that_is_hard_to_read_is_used_and_told_of(tmp_path: Path) -> None:
    text = GOOD.replace("dark = true", 'name = "dim"') + (
        'background = "#101010"\nforeground = "#e0e0e0"\n[pdutui]\nstale = "#404040"\n'
    )
    (tmp_path / "mine.toml").write_text(text)
    wardrobe = Wardrobe(shipped_dir(), tmp_path)
    news = wardrobe.look()
    assert "dim" in news.changed
    assert news.problems == ()
    said = "theme mine.toml: stale (#404040) on the screen (#101010) has a contrast of 1.8"
    assert any(warning.startswith(said) for warning in news.warnings)


def test_the_wardrobe_hears_of_what_is_saved(tmp_path: Path) -> None:
    wardrobe = Wardrobe(shipped_dir(), tmp_path)
    assert wardrobe.one("noc-dark") == SHIPPED["noc-dark"]
    assert wardrobe.one("mine") is None
    assert set(wardrobe.look().changed) == set(SHIPPED) - {"noc-dark"}
    assert wardrobe.look() == News(), "nothing is read twice"
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert wardrobe.look().changed == ("mine",)
    assert wardrobe.one("mine") is not None
    path.write_text(GOOD.replace("#336699", "#446699"))
    assert wardrobe.look().changed == ("mine",)
    worn = wardrobe.themes["mine"]
    path.write_text("primary = ")
    news = wardrobe.look()
    assert news.changed == ()
    assert news.problems[0].startswith("theme mine.toml:1: ")
    assert wardrobe.themes["mine"] is worn, "a broken save takes nothing away"
    assert wardrobe.look() == News(), "and is told once"
    path.write_text(GOOD.replace("dark = true", 'name = "noc-dark"'))
    assert wardrobe.look().changed == ("noc-dark",), "the user's wins"
    path.unlink()
    assert wardrobe.look().changed == ("noc-dark",)
    assert wardrobe.themes["noc-dark"] == SHIPPED["noc-dark"]


def test_an_own_theme_need_not_be_named_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('name = "other"\n' + GOOD)
    wardrobe = Wardrobe(shipped_dir(), tmp_path)
    assert wardrobe.one("b") is None
    assert wardrobe.one("other") is None
    wardrobe.look()
    assert wardrobe.themes["other"].name == "other"
