"""What stands around the list of the fleet as pure functions: places, top line, what is said."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.fleet_groups import Totals
from pdutui.domain.fleet_sort import ORDER_WORDS, Order
from pdutui.domain.health import Health
from pdutui.engine.events import Logged
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.fleet_scene import fullest_words, total_words
from pdutui.widgets.frame import frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut

_SEVERITY = {"info": "text", "warning": "warning", "critical": "critical"}
_HEALTHS: tuple[tuple[Health, str, int], ...] = (
    ("lost", "badge-critical", 90),
    ("refused", "badge-critical", 88),
    ("unsupported", "badge-critical", 87),
    ("late", "warning", 80),
    ("connecting", "warning", 79),
)
"""Those that are not live: in which ink, how much it is worth."""

_ROOMY = 110
"""Columns from which on it is said what the parts of a sum are."""


class FleetFrame(Struct, frozen=True, kw_only=True):
    """All that top line and event line of the fleet may look at."""

    totals: Totals
    """Of the whole fleet, whatever is shown of it."""
    shown: int
    """So many PDUs are shown."""
    now: datetime
    inks: Inks
    glyphs: GlyphSet
    order: Order = "worst"
    held: bool = False
    """Another order is due and waits."""
    filter: str = ""
    more: str = ""
    """Arrows where the list goes on."""
    alarms: Standing = NOTHING
    rights: Rights = Rights()
    history_off: str = ""
    """Why history is not written; empty when all is well."""
    notice: Notice | None = None
    log: Logged | None = None

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def places(width: int, height: int, *, over: bool) -> dict[str, Rect]:
    """Where the panels are: bar, over (what a what-if says), list, said, hints.

    Args:
        width: Columns.
        height: Rows.
        over: Whether there is a line above the list.
    """
    out, room = frame(width, height)
    top = 1
    if over and room > 1:
        out["over"] = Rect(0, top, width, 1)
        top, room = top + 1, room - 1
    if room > 0:
        out["list"] = Rect(0, top, width, room)
    return out


def top_line(scene: FleetFrame, width: int) -> Strip:
    """How many PDUs, how they are, what they carry, what is wrong, in which order they stand."""
    totals, glyphs = scene.totals, scene.glyphs
    count = "1 PDU" if totals.count == 1 else f"{totals.count} PDUs"
    left = [
        Item(100, [(" Fleet ", "badge-text")]),
        Item(44, [(count, "text")]),
        Item(60, [(f"{glyphs.live} {totals.healths.get('live', 0)} live", "fine")]),
    ]
    for health, ink, rank in _HEALTHS:
        number = totals.healths.get(health, 0)
        if number:
            words = f"{number} {health}"
            left.append(Item(rank, [(f" {glyphs.alert} {words} ", ink)
                                    if ink.startswith("badge") else (words, ink)]))  # fmt: skip
    left += badge(scene.alarms, glyphs, width)
    left += badges(scene.rights)
    if scene.history_off:
        left.append(Item(74, [(f" {glyphs.alert} HISTORY ", "badge-warning")]))
    if scene.filter:
        text = cut(scene.clean(scene.filter), 24, glyphs.ellipsis)
        left.append(Item(89, [(f"{scene.shown} with ", "muted"), (text, "strong")]))
    about = "about " if totals.estimated else ""
    total = total_words(totals, glyphs.dash, " PDUs" if width >= _ROOMY else "")
    right = [Item(86, [(about, "muted"), (total, "strong")])]
    full = fullest_words(totals)
    if full:
        right.append(Item(40, [(full, "text")]))
    words = ORDER_WORDS[scene.order]
    right.append(Item(55, [(words, "text"), (", held" if scene.held else "", "key")]))
    right += [Item(85, [(scene.more.strip(), "text")])] if scene.more.strip() else []
    right.append(Item(46, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


def said_line(scene: FleetFrame, width: int) -> Strip:
    """What the console has to say, else the newest event."""
    glyphs = scene.glyphs
    if scene.notice is not None:
        severity, text = scene.notice.severity, scene.notice.text
    elif scene.log is not None:
        severity = scene.log.severity
        time = scene.log.time.astimezone(scene.now.tzinfo)
        text = " ".join(filter(None, [f"{time:%H:%M:%S}", scene.log.pdu, scene.log.text]))
    else:
        return blank(scene.inks, width)
    ink = _SEVERITY[severity]
    mark = glyphs.dot if severity == "info" else glyphs.alert
    line = Line(scene.inks, width).add(f" {mark} ", ink)
    return line.add(cut(scene.clean(text), line.room - 1, glyphs.ellipsis), ink).strip()
