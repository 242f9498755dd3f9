"""Three sets of glyphs: for Unicode terminals, for the Linux console's fonts, for plain ASCII.

Every glyph is exactly one cell wide, in every set (`check` proves it), so that a set can be
exchanged without anything moving. The console set keeps to what the fonts of the Linux console
have: light box lines, full and shaded blocks, a few bullets and arrows.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, structs
from rich.cells import cell_len

GlyphName = Literal["unicode", "console", "ascii"]
Plot = Literal["braille", "block"]


class GlyphSet(Struct, frozen=True):
    """What the panels draw with. Strings are one cell each unless said otherwise."""

    name: GlyphName
    plot: Plot
    """`braille` charts have 2x4 dots a cell; `block` charts one mark a cell."""
    on: str = "●"
    off: str = "○"
    unknown: str = "?"
    cursor: str = "▶"
    protected: str = "◆"
    fixed: str = "×"
    mark: str = "■"
    """An outlet that is marked; one that a range would mark."""
    ranged: str = "□"
    done: str = "✓"
    closed: str = "⊘"
    """Not to be switched by whoever sits here."""
    live: str = "●"
    alert: str = "▲"
    arrow: str = "→"
    up: str = "↑"
    down: str = "↓"
    dot: str = "·"
    dash: str = "–"
    ellipsis: str = "…"
    degree: str = "°"
    rule: str = "─"
    bar_full: str = "━"
    bar_track: str = "─"
    bar_warning: str = "┼"
    bar_critical: str = "┼"
    bar_change: str = "╍"
    """What a switch takes from a load, or adds to it."""
    bar_parts: str = "╸"
    """Bar cells that are filled in part, more each; empty where the font has none."""
    spark: str = "▁▂▃▄▅▆▇█"
    """Sparkline levels of a `block` plot, lowest first."""
    point: str = "•"
    stem: str = "│"
    axis: str = "┤"
    path: str = "━"
    """The line of the source that carries the load, and its corners."""
    path_down: str = "┓"
    path_up: str = "┛"
    path_side: str = "┃"
    path_out_up: str = "┗"
    path_out_down: str = "┏"
    idle: str = "╌"
    """The line of the source that does not."""
    head: str = "▶"
    block: str = "█"
    """What big letters are made of."""
    box: str = "╭─╮│╰╯"
    """Top left, horizontal, top right, vertical, bottom left, bottom right."""
    tick: str = "┬"
    """Time axes: a mark, the corner below the left axis, the line between two charts."""
    corner: str = "└"
    edge: str = "├"
    axis_right: str = "├"
    level: str = "╌"
    """A threshold across a chart."""
    day_line: str = "┊"
    """A midnight across a chart."""
    grid: str = "·"
    band: str = "│"
    """Between minimum and maximum, where a chart has one mark a cell."""
    gap: str = "▒"
    """Lost time: most of a column, part of a column."""
    gap_part: str = "░"
    marks: str = "▼⇄▲■◆•"
    """What happened: command, transfer, alarm, health, identity, anything else."""
    ascii_only: bool = False


UNICODE = GlyphSet(name="unicode", plot="braille")
CONSOLE = GlyphSet(
    name="console",
    plot="block",
    off="-",
    cursor="▶",
    protected="#",
    fixed="x",
    ranged="░",
    done="•",
    closed="L",
    dash="-",
    ellipsis="~",
    bar_full="█",
    bar_change="▒",
    bar_track="░",
    bar_warning="│",
    bar_critical="│",
    bar_parts="",
    spark="_.-'",
    path="█",
    path_down="█",
    path_up="█",
    path_side="█",
    path_out_up="█",
    path_out_down="█",
    idle="─",
    box="┌─┐│└┘",
    level="─",
    day_line="│",
    marks="▼→▲■#•",
)
ASCII = GlyphSet(
    name="ascii",
    plot="block",
    on="+",
    off="-",
    cursor=">",
    protected="#",
    fixed="x",
    mark="*",
    ranged=":",
    done="=",
    closed="L",
    live="*",
    alert="!",
    arrow=">",
    up="^",
    down="v",
    dot="-",
    dash="-",
    ellipsis="~",
    degree=" ",
    rule="-",
    bar_full="#",
    bar_change="%",
    bar_track=".",
    bar_warning="|",
    bar_critical="|",
    bar_parts="",
    spark="_.-'",
    point="*",
    stem="|",
    axis="|",
    path="=",
    path_down="+",
    path_up="+",
    path_side="|",
    path_out_up="+",
    path_out_down="+",
    idle="-",
    head=">",
    block="#",
    box="+-+|++",
    tick="+",
    corner="+",
    edge="+",
    axis_right="|",
    level="-",
    day_line=":",
    grid=".",
    band=":",
    gap="%",
    gap_part=":",
    marks="CTAHIE",
    ascii_only=True,
)
SETS: dict[GlyphName, GlyphSet] = {"unicode": UNICODE, "console": CONSOLE, "ascii": ASCII}


def choose(
    wanted: Literal["auto", "unicode", "console", "ascii"],
    env: Mapping[str, str],
    encoding: str | None,
) -> GlyphSet:
    """The set for a terminal.

    Args:
        wanted: What config or command line say; anything but `auto` is taken as it is.
        env: The environment, for TERM.
        encoding: The encoding of the stream that the screen is written to.
    """
    if wanted != "auto":
        return SETS[wanted]
    try:
        utf8 = codecs.lookup(encoding or "ascii").name == "utf-8"
    except LookupError:
        utf8 = False
    if not utf8 or env.get("TERM") == "dumb":
        return ASCII
    if env.get("TERM", "").partition("-")[0] == "linux":
        return CONSOLE
    return UNICODE


_OLD = ("screen", "vt1", "vt2", "vt3", "vt4", "vt5", "ansi")
"""How the names of terminals begin that have no UTF-8 unless a locale says so. tmux, which may call
itself `screen`, goes by what it is shown on."""


def terminal_encoding(env: Mapping[str, str]) -> str:
    """The encoding of the terminal: UTF-8 only where every standard stream and the locale say so.

    Args:
        env: The environment, for the locale; empty where it is not the terminal's.
    """
    streams = (sys.__stdout__, sys.__stderr__)
    found = [stream.encoding for stream in streams if stream is not None]
    found.append(_locale_encoding(env))
    return next((e for e in found if e.lower().replace("-", "") != "utf8"), "utf-8")


def _locale_encoding(env: Mapping[str, str]) -> str:
    """What a locale that is set says; UTF-8 where none is, or one that does not say.

    But for GNU screen, and for terminals that are older than UTF-8: without a locale they take the
    bytes of a character for several, and figures end up in each other.

    Python takes a locale of `C` for UTF-8, and sets `LC_CTYPE` to that itself. A terminal that was
    said to have ASCII alone, and tmux in such a locale, print rubbish then.
    """
    mine = bool(sys.flags.utf8_mode) and env.get("LC_CTYPE") == "C.UTF-8"
    said = env.get("LC_ALL") or ("" if mine else env.get("LC_CTYPE", "")) or env.get("LANG", "")
    name, _, rest = said.partition(".")
    if rest:
        return rest.partition("@")[0]
    if not name and ("STY" in env or ("TMUX" not in env and env.get("TERM", "").startswith(_OLD))):
        return "ascii"
    return "ascii" if name in ("C", "POSIX") else "utf-8"


def check(glyphs: GlyphSet) -> list[str]:
    """What is wrong with a set: glyphs that are not one cell wide, non-ASCII in an ASCII set."""
    wrong: list[str] = []
    for field in structs.fields(glyphs):
        value = getattr(glyphs, field.name)
        if field.name in ("name", "plot") or not isinstance(value, str):
            continue
        many = field.name in ("bar_parts", "spark", "box", "marks")
        if (not many and len(value) != 1) or any(cell_len(char) != 1 for char in value):
            wrong.append(f"{field.name}: {value!r} is not one cell wide")
        if glyphs.ascii_only and not value.isascii():
            wrong.append(f"{field.name}: {value!r} is not ASCII")
    return wrong
