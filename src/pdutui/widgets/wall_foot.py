"""The foot of a wall: what is wrong with the console itself, which page it is, its keys."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual.strip import Strip

from pdutui.widgets.bar import Item, bar
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.text import clean, cut

_LONGEST_NAME = 32
_LONGEST_DETAIL = 60
_ROOMY = 48
"""Narrower than this, it is not said when the next page comes."""


class Trouble(Struct, frozen=True):
    """Something of the console itself that does not work."""

    word: str
    """`HISTORY NOT WRITTEN`; it stays on the screen whatever else has to go."""
    detail: str = ""


class Foot(Struct, frozen=True, kw_only=True):
    """What stands there."""

    name: str
    """Of the page."""
    place: int = 1
    count: int = 1
    left_s: float | None = None
    """Until another page comes; None where none does."""
    still: bool = False
    """It is the only page, and it is shown: there is nothing to stop or to go to."""
    paused: bool = False
    alarm: bool = False
    """The page is that of an alarm."""
    over: bool = False
    """Nothing critical of it holds any more."""
    waiting: int = 0
    """So many alarms come after it."""
    troubles: tuple[Trouble, ...] = ()


def wall_foot(foot: Foot, hints: Sequence[Hint], inks: Inks, glyphs: GlyphSet, width: int) -> Strip:
    """The line in exactly `width` cells: `fleet · 2/7 · next in 12 s`, keys at the right."""
    alert, dot = glyphs.alert, f" {glyphs.dot} "
    left: list[Item] = []
    for rank, trouble in enumerate(reversed(foot.troubles)):
        left.insert(0, Item(90 + rank, [(f" {alert} {trouble.word} ", "badge-warning")]))
    if foot.troubles and foot.troubles[0].detail:
        detail = clean(foot.troubles[0].detail, glyphs.ascii_only)
        left.insert(1, Item(20, [(cut(detail, _LONGEST_DETAIL, glyphs.ellipsis), "warning")]))
    name = cut(clean(foot.name, glyphs.ascii_only), _LONGEST_NAME, glyphs.ellipsis)
    soon = _soon(foot) if width >= _ROOMY else ""
    if foot.alarm:
        word, ink = ("ALARM OVER", "badge-warning") if foot.over else ("ALARM", "badge-critical")
        left.append(Item(85, [(f" {alert} {word} ", ink), (f" {name}", "strong")]))
        place = soon
    else:
        if foot.paused:
            left.append(Item(88, [(" PAUSED ", "badge-warning")]))
        shown = f"{foot.place}/{foot.count}" if foot.count > 1 else ""
        place = dot.join(part for part in (name, shown, soon) if part)
    if place:
        left.append(Item(80, [("" if left else " ", "muted"), (place, "text")]))
    right = [
        Item(10 + hint.rank, [(hint.key, "key"), (f" {hint.does}", "muted")]) for hint in hints
    ]
    return bar(inks, left, right, width)


def _soon(foot: Foot) -> str:
    if foot.left_s is None:
        return ""
    # A minute and more is told in minutes: a foot that changes each second says no more by it.
    seconds = round(foot.left_s)
    span = f"{seconds} s" if seconds < 60 else f"{-(-seconds // 60)} min"
    if foot.alarm:
        more = f", {foot.waiting} more after it" if foot.waiting else ""
        return f"stays {span}{more}"
    return f"goes on in {span}" if foot.paused else f"next in {span}"
