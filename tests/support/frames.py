"""A screen as plain text that can be kept, compared and read: the words, and how each cell looks.

A frame is what Textual's compositor hands to the driver: final strips, of all layers. As text it is
the rows, a list of the styles in it, and for each row how many cells in turn have which style.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count, groupby

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.app import App

ATTRIBUTES = (
    "bold", "dim", "italic", "underline", "blink", "blink2", "reverse", "conceal", "strike",
    "underline2", "frame", "encircle", "overline",
)  # fmt: skip
STYLES, LOOKS = "-- styles", "-- looks"


@dataclass(frozen=True)
class Run:
    """Some characters in one style."""

    text: str
    style: str
    """Attributes, then the colours: `bold #ffffff on #000000`, `default on default`."""


@dataclass(frozen=True)
class Frame:
    """What stands on the screen, row by row."""

    rows: tuple[tuple[Run, ...], ...]

    @property
    def text(self) -> str:
        return "\n".join("".join(run.text for run in row) for row in self.rows)

    @property
    def styles(self) -> set[str]:
        return {run.style for row in self.rows for run in row}

    def dump(self) -> str:
        """As it is kept in a file."""
        numbers: dict[str, str] = {}
        looks = []
        for row in self.rows:
            runs = []
            for run in row:
                number = numbers.setdefault(run.style, _letters(len(numbers)))
                runs.append(f"{len(run.text)}{number}")
            looks.append(" ".join(runs))
        styles = [f"{number} {style}" for style, number in numbers.items()]
        words = [row.rstrip() for row in self.text.split("\n")]
        return "\n".join([*words, STYLES, *styles, LOOKS, *_counted(looks), ""])

    @classmethod
    def load(cls, kept: str) -> Frame:
        """From what `dump` wrote."""
        words, _, rest = kept.partition(f"\n{STYLES}\n")
        listed, _, looks = rest.partition(f"\n{LOOKS}\n")
        styles = dict(line.split(" ", 1) for line in listed.split("\n"))
        rows = []
        for text, look in zip(words.split("\n"), _told(looks), strict=True):
            runs, at = [], 0
            for each in look.split():
                found = re.fullmatch(r"(\d+)([a-z]+)", each)
                assert found is not None, each
                length = int(found[1])
                piece = text[at : at + length].ljust(length)
                runs.append(Run(piece, styles[found[2]]))
                at += length
            rows.append(tuple(runs))
        return cls(tuple(rows))


def _letters(number: int) -> str:
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(97 + number % 26)


def _counted(lines: Sequence[str]) -> Iterator[str]:
    for line, same in groupby(lines):
        times = len(list(same))
        yield line if times == 1 else f"{times}* {line}"


def _told(looks: str) -> Iterator[str]:
    for line in looks.removesuffix("\n").split("\n"):
        times, star, rest = line.partition("* ")
        yield from [rest] * int(times) if star else [line]


def look_of(style: Style | None) -> str:
    """A style in words, without what only the mouse is told by it."""
    if style is None:
        return "default on default"
    words = [name for name in ATTRIBUTES if getattr(style, name)]
    return " ".join([*words, _named(style.color), "on", _named(style.bgcolor)])


def _named(color: Color | None) -> str:
    if color is None:
        return "default"
    if color.number is not None and color.number < len(SIXTEEN):
        return list(SIXTEEN)[color.number]
    return color.name


def frame_of(app: App[object]) -> Frame:
    """What stands on the screen now."""
    rows = []
    for strip in app.screen._compositor.render_strips():
        parts = [(look_of(s.style), s.text) for s in strip if not s.control and s.text]
        runs = [
            Run("".join(text for _, text in same), style)
            for style, same in groupby(parts, key=lambda part: part[0])
        ]
        rows.append(tuple(runs))
    return Frame(tuple(rows))


# -- as a picture ------------------------------------------------------------------------------

SIXTEEN = dict(
    zip(
        ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"),
        ("#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa"),
        strict=True,
    )
) | dict(
    zip(
        (f"bright_{n}" for n in ("black", "red", "green", "yellow", "blue", "magenta", "cyan",
                                 "white")),
        ("#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"),
        strict=True,
    )
)  # fmt: skip
"""The colours of the Linux console."""
WIDE, HIGH, SIZE = 8.4, 18, 14


def _color(name: str, default: str) -> str:
    if name == "default":
        return default
    return SIXTEEN.get(name, name)


def _mix(fore: str, back: str) -> str:
    pairs = [(int(fore[i : i + 2], 16), int(back[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{(f * 3 + b * 2) // 5:02x}" for f, b in pairs)


def _row_svg(row: Sequence[Run], y: float) -> Iterator[str]:
    x = 0.0
    for run in row:
        words = run.style.split()
        fore, back = _color(words[-3], "#cccccc"), _color(words[-1], "#000000")
        if "reverse" in words:
            fore, back = back, fore
        if "dim" in words:
            fore = _mix(fore, back)
        width = cell_len(run.text) * WIDE
        yield f'<rect x="{x:.1f}" y="{y}" width="{width + 0.3:.1f}" height="{HIGH}" fill="{back}"/>'
        more = ' font-weight="bold"' if "bold" in words else ""
        more += ' text-decoration="underline"' if "underline" in words else ""
        for word in re.finditer(r"[!-~]+|[^ -~]", run.text):
            # Glyph by glyph what is not ASCII: another font's must not push the others along.
            at = x + cell_len(run.text[: word.start()]) * WIDE
            yield (
                f'<text x="{at:.1f}" y="{y + HIGH - 4}" fill="{fore}"{more}>'
                f"{escape(word[0])}</text>"
            )
        x += width


def sheet_svg(named: Sequence[tuple[str, Frame]], columns: int) -> str:
    """A contact sheet: frames beside and below one another, each with its name above it."""
    parts: list[str] = []
    top, widest = 0.0, 0.0
    for first in range(0, len(named), columns):
        left, tallest = 0.0, 0.0
        for name, frame in named[first : first + columns]:
            rows = "".join(
                piece
                for row, y in zip(frame.rows, count(HIGH, HIGH), strict=False)
                for piece in _row_svg(row, y)
            )
            parts.append(
                f'<g transform="translate({left:.1f} {top})"><text x="2" y="{HIGH - 4}" '
                f'fill="#ffffff">{escape(name)}</text>{rows}</g>'
            )
            left += max(cell_len("".join(r.text for r in row)) for row in frame.rows) * WIDE + 16
            tallest = max(tallest, (len(frame.rows) + 1.6) * HIGH)
        top, widest = top + tallest, max(widest, left)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{widest:.0f}" height="{top:.0f}" '
        f'font-family="DejaVu Sans Mono" font-size="{SIZE}">'
        f'<rect width="100%" height="100%" fill="#606060"/>{"".join(parts)}</svg>'
    )
