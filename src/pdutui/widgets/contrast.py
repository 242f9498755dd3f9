"""Whether what a theme writes can be read: contrast as WCAG 2 counts it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from textual.color import Color
from textual.theme import Theme

from pdutui.widgets.inks import TEXT_MEANINGS, Ground
from pdutui.widgets.themes import inks_of

TEXT_AA = 4.5
"""What WCAG 2 level AA asks of text, in ratio : 1."""
GRAPHICS_AA = 3.0
"""What it asks of bars, curves and bands."""
_GROUNDS: dict[Ground, str] = {
    "base": "the screen", "cursor": "the cursor row", "bar": "the top and bottom line",
}  # fmt: skip
_FAINT = ("faint1", "faint2", "faint3", "faint4")
_WIDGETS = (
    ("foreground", "surface", "text of lists"),
    ("foreground", "panel", "typed text"),
    ("foreground", "panel-darken-1", "text of the palette"),
    ("text-disabled", "panel", "what an empty field says"),
    ("block-cursor-foreground", "block-cursor-background", "the chosen entry"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background", "the chosen entry"),
    ("input-cursor-foreground", "input-cursor-background", "the letter under the cursor"),
    ("input-selection-foreground", "input-selection-background", "marked text"),
)
"""Of Textual's own widgets: what is written, on what, and what that is."""


class Fault(Struct, frozen=True):
    """Something that is hard to read."""

    meaning: str
    color: str
    ground: str
    """What it lies on, in words."""
    ground_color: str
    ratio: float
    wanted: float

    def __str__(self) -> str:
        """For people."""
        return (
            f"{self.meaning} ({self.color}) on {self.ground} ({self.ground_color}) has a contrast "
            f"of {self.ratio:.1f}, {self.wanted:g} is readable"
        )


def luminance(color: Color) -> float:
    """Relative luminance of WCAG 2, 0 to 1."""
    parts = [c / 255 for c in (color.r, color.g, color.b)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours: 1 for the same, 21 for black and white."""
    high, low = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def faults(theme: Theme) -> list[Fault]:
    """What of a theme is below level AA, the worst first.

    Nothing for one of the terminal's own sixteen colours: what they look like, nobody here knows.
    Reverse video has the contrast of what it reverses, so badges and banners are in this too.
    """
    if theme.ansi:
        return []
    return sorted((f for f in _all(theme) if f.ratio < f.wanted), key=lambda f: f.ratio / f.wanted)


def _all(theme: Theme) -> Iterator[Fault]:
    inks = inks_of(theme)
    for ground, words in _GROUNDS.items():
        back = inks.ground(ground)
        for meaning in TEXT_MEANINGS:
            fore = inks.meaning(meaning)
            yield Fault(meaning, fore, words, back, contrast(fore, back), TEXT_AA)
    back = inks.ground()
    for ink in _FAINT:
        fore = inks.color(ink)
        yield Fault(ink, fore, _GROUNDS["base"], back, contrast(fore, back), GRAPHICS_AA)
    generated = {**theme.to_color_system().generate(), **theme.variables}
    for front, behind, words in _WIDGETS:
        # What Textual works out by itself ("auto 87%", colours that shine through) it makes
        # readable; what is said outright has to be.
        fore, back = generated[front], generated[behind]
        if all(color.startswith("#") and len(color) == 7 for color in (fore, back)):
            yield Fault(words, fore, f"${behind}", back, contrast(fore, back), TEXT_AA)
