"""Meanings made into styles: what `critical` or `stale` looks like under a theme.

Panels name an ink, never a colour. An ink is a colour of the theme plus attributes, laid on one of
three grounds: the screen, the cursor row, the bar at the top and the bottom. Where there is no
colour (NO_COLOR) the attributes alone carry the ink, and the words and glyphs beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from rich.style import Style
from textual.color import Color

Ground = Literal["base", "cursor", "bar"]
ColorMode = Literal["rgb", "ansi", "none"]

MEANINGS: dict[str, str] = {
    "text": "names and running text",
    "value": "figures",
    "muted": "units, labels, what matters less",
    "rule": "lines and the empty part of bars (no text)",
    "title": "panel titles",
    "on": "an outlet that is on, a source that is normal, a live PDU",
    "off": "an outlet that is off",
    "unknown": "what the device does not say",
    "warning": "near a limit",
    "critical": "over a limit, lost, failed",
    "stale": "figures that are older than they should be",
    "source": "the source that carries the load",
    "spark": "charts, and the first line of the big one",
    "line2": "the second line of a chart",
    "line3": "the third line of a chart",
    "line4": "the fourth line of a chart",
    "key": "keys in the hint line",
    "replay": "the banner, the heads and the lines of a replay: what is not live",
    "cursor": "ground of the cursor row",
    "bar": "ground of the top and bottom lines",
}
"""Every colour of the `[pdutui]` table of a theme, and what it means."""

GROUNDS = frozenset({"cursor", "bar"})

# ink -> (meaning, attributes under colour, attributes without colour)
_INKS: dict[str, tuple[str, str, str]] = {
    "text": ("text", "", ""),
    "strong": ("value", "bold", "bold"),
    "value": ("value", "", ""),
    "muted": ("muted", "", ""),
    "rule": ("rule", "", "dim"),
    "title": ("title", "bold", "bold"),
    "title-focus": ("value", "bold", "bold"),
    "on": ("on", "bold", "bold"),
    "fine": ("on", "", ""),
    "off": ("off", "", ""),
    "unknown": ("unknown", "bold", "bold"),
    "warning": ("warning", "bold", "bold underline"),
    "critical": ("critical", "bold", "bold reverse"),
    "text-warning": ("warning", "bold", "bold"),
    "text-critical": ("critical", "bold", "bold"),
    "limit-warning": ("warning", "", ""),
    "limit-critical": ("critical", "", ""),
    "fill-warning": ("warning", "", "bold"),
    "fill-critical": ("critical", "", "bold"),
    "stale": ("stale", "", "dim"),
    "source": ("source", "bold", "bold"),
    "spark": ("spark", "", ""),
    "line1": ("spark", "", ""),
    "line2": ("line2", "", ""),
    "line3": ("line3", "", ""),
    "line4": ("line4", "", ""),
    "faint1": ("spark", "", "dim"),
    "faint2": ("line2", "", "dim"),
    "faint3": ("line3", "", "dim"),
    "faint4": ("line4", "", "dim"),
    "letter1": ("spark", "bold", "bold"),
    "letter2": ("line2", "bold", "bold"),
    "letter3": ("line3", "bold", "bold"),
    "letter4": ("line4", "bold", "bold"),
    "key": ("key", "bold", "bold"),
    "badge-on": ("on", "bold reverse", "bold reverse"),
    "badge-source": ("source", "bold reverse", "bold reverse"),
    "badge-warning": ("warning", "bold reverse", "bold reverse"),
    "badge-critical": ("critical", "bold reverse", "bold reverse"),
    "badge-text": ("text", "bold reverse", "bold reverse"),
    "replay": ("replay", "bold", "bold"),
    "badge-replay": ("replay", "bold reverse", "bold reverse"),
}
INKS = frozenset(_INKS)
LOUD = frozenset({"warning", "critical"})
"""Inks that are underlined or reversed where there is no colour: no blank is written in them."""
FILLED = {"critical": "fill-critical", "warning": "fill-warning"}
"""In place of those for what is no word: lines are not underlined, and a reversed block is a hole.
"""
FAINT = 0.7
"""How much of its colour a faint ink keeps, the rest being the ground's: bands, comparisons."""
TEXT_MEANINGS = tuple(m for m in MEANINGS if m not in GROUNDS and m != "rule")
"""The meanings that text is written in: each must be readable on every ground."""


_PLAIN = Style(reverse=True)
_DARK = frozenset({"ansi_red", "ansi_magenta", "ansi_blue", "ansi_bright_black"})
"""Grounds that black letters are hard to read on."""


class Inks:
    """The styles of one theme, made when first asked for.

    Args:
        colors: Meaning to colour, as a theme gives them (`#rrggbb` or `ansi_green`).
        background: The ground of the screen, in the same notation.
        mode: `rgb` for colours of the theme's own, `ansi` for the terminal's sixteen, `none`.
        hueless: attributes carry the meaning as where there is no colour, whatever the colours are.

    Attributes:
        hueless: Attributes carry the meaning, because there are no colours or none that differ.
    """

    def __init__(
        self, colors: Mapping[str, str], background: str, mode: ColorMode, *, hueless: bool = False
    ) -> None:
        self.mode: ColorMode = mode
        self.hueless = hueless or mode == "none"
        self._hueless = hueless
        self._colors = colors
        self._grounds: dict[Ground, str] = {
            "base": background,
            "cursor": colors.get("cursor", background),
            "bar": colors.get("bar", background),
        }
        self._pens: dict[Ground, _Pens] = {}
        self._plain: Inks | None = None

    @property
    def plain(self) -> Inks:
        """The theme itself, where these are the inks of a replay."""
        return self._plain or self

    def replayed(self) -> Inks:
        """The same theme for what is not live: heads and lines in the replay's colour.

        The grounds stay: text is readable on no others.
        """
        colors = {**self._colors, **dict.fromkeys(("rule", "title"), self._colors["replay"])}
        inks = Inks(colors, self._grounds["base"], self.mode, hueless=self._hueless)
        inks._plain = self.plain
        return inks

    def __call__(self, ink: str, ground: Ground = "base") -> Style:
        """The style of an ink on a ground. Raises KeyError for an ink that does not exist."""
        return self.pens(ground)[ink]

    def pens(self, ground: Ground = "base") -> Mapping[str, Style]:
        """The styles of all inks on a ground, made as they are asked for."""
        pens = self._pens.get(ground)
        if pens is None:
            pens = self._pens[ground] = _Pens(partial(self._make, ground=ground))
        return pens

    def color(self, ink: str, ground: Ground = "base") -> str:
        """The colour of an ink on a ground, as the theme writes it, for pictures in a file."""
        color = self._colors[_INKS[ink][0]]
        if not ink.startswith("faint") or self.mode != "rgb":
            return color
        return Color.parse(self._grounds[ground]).blend(Color.parse(color), FAINT).hex

    def meaning(self, meaning: str) -> str:
        """The colour of a meaning, as the theme writes it. Raises KeyError for an unknown one."""
        return self._colors[meaning]

    def ground(self, ground: Ground = "base") -> str:
        """The colour of a ground, as the theme writes it."""
        return self._grounds[ground]

    def _make(self, ink: str, ground: Ground) -> Style:
        meaning, attributes, colorless = _INKS[ink]
        style = Style.parse(colorless if self.hueless else attributes)
        faint = ink.startswith("faint")
        if self.mode == "ansi" and (faint or meaning in ("stale", "rule")):
            style += Style(dim=True)
        if self.mode == "rgb":
            back = self._grounds[ground]
            if self._hueless:
                style += Style(dim=False)  # its greys are as faint as they may be
            return style + _colors(self.color(ink, ground), back)
        if ground == "cursor":
            # Sixteen colours on a coloured ground collide on some terminals: the cursor row gives
            # up its colours for plain reverse video, its words and glyphs say the same. No bold and
            # no faint letters: it may be the Linux console, which makes either dark grey there, on
            # light grey, or even without the reverse.
            return _PLAIN + _colors("ansi_default", "ansi_default")
        if self.mode == "none" and style.reverse:
            style += Style(bold=False)  # as above
        if self.mode == "ansi" and style.reverse:
            return _ansi_badge(self._colors[meaning])
        if self.mode == "ansi" and meaning == "critical":
            style += Style(bold=True)  # the dark red of a console is hard to read on black
        fore = self._colors[meaning] if self.mode == "ansi" else "ansi_default"
        return style + _colors(fore, "ansi_default")


class _Pens(dict[str, Style]):
    """Styles by ink. One that is not there is made; KeyError for an ink that does not exist."""

    def __init__(self, make: Callable[[str], Style]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, ink: str) -> Style:
        style = self[ink] = self._make(ink)
        return style


def _ansi_badge(color: str) -> Style:
    """A badge in the terminal's own colours.

    No bold reverse video: the Linux console exchanges the colours first and brightens the letters
    then, so that black letters on red become dark grey on red, which nobody can read.
    """
    ground = color.replace("ansi_bright_", "ansi_")
    if ground in _DARK:
        return Style(bold=True) + _colors("ansi_white", ground)
    return Style(reverse=True) + _colors(ground, "ansi_default")


def _colors(fore: str, back: str) -> Style:
    return Style.from_color(Color.parse(fore).rich_color, Color.parse(back).rich_color)
