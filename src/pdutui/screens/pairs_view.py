"""What stands on the screen of rack pairs as pure functions: blocks, top line, what is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.fleet_groups import Totals
from pdutui.domain.impact import LEVELS, ImpactLine, Level
from pdutui.domain.impact_text import in_order
from pdutui.domain.margin import RackMargins, RiskyDevice
from pdutui.domain.whatif_text import device_lines, pdu_lines
from pdutui.engine.events import Logged
from pdutui.screens.pairs_desk import Item, PairsDesk
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item as BarItem
from pdutui.widgets.bar import bar
from pdutui.widgets.fleet_scene import total_words
from pdutui.widgets.frame import frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.pair_block import Block, Cell
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut

MOST_RISKS = 4
"""So many devices at risk are named in a block; the key for all shows the others."""
_ROOMY = 130
"""Columns from which on it is said what the parts of a sum are."""
_SEVERITY = {"info": "text", "warning": "warning", "critical": "critical"}
_COUNTS: tuple[tuple[Level, str, str, str], ...] = (
    ("danger", "without margin", "over or dark", "critical"),
    ("caution", "near the limit", "affected", "warning"),
    ("unknown", "not known", "not known", "unknown"),
    ("clear", "fine", "fine", "fine"),
)
"""Words of racks by how bad they are, now and in a what-if, and the ink."""


class PairsFrame(Struct, frozen=True, kw_only=True):
    """All that top line and event line may look at."""

    racks: int
    shown: int
    unpaired: int
    counts: dict[Level, int]
    """Of the racks that are shown, by how bad they are."""
    totals: Totals
    """Of the PDUs of the racks that are shown."""
    now: datetime
    inks: Inks
    glyphs: GlyphSet
    filter: str = ""
    more: str = ""
    by_row: bool = False
    what_if: bool = False
    held: bool = False
    alarms: Standing = NOTHING
    rights: Rights = Rights()
    history_off: str = ""
    notice: Notice | None = None
    log: Logged | None = None

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def places(width: int, height: int, *, over: bool) -> dict[str, Rect]:
    """Where the panels are: bar, over (what a what-if says), list, said, hints."""
    out, room = frame(width, height)
    top = 1
    if over and room > 1:
        out["over"] = Rect(0, top, width, 1)
        top, room = top + 1, room - 1
    if room > 0:
        out["list"] = Rect(0, top, width, room)
    return out


def top_line(scene: PairsFrame, width: int) -> Strip:
    """How many racks there are, and how much they have to spare."""
    count = "1 rack" if scene.racks == 1 else f"{scene.racks} racks"
    left = [BarItem(100, [(" Rack pairs ", "badge-text")]), BarItem(50, [(count, "text")])]
    for rank, (level, now, then, ink) in enumerate(_COUNTS):
        number = scene.counts.get(level, 0)
        if number:
            words = f"{number} {then if scene.what_if else now}"
            left.append(BarItem(85 - 8 * rank, [(words, ink)]))
    left += badge(scene.alarms, scene.glyphs, width)
    left += badges(scene.rights)
    if scene.history_off:
        left.append(BarItem(74, [(f" {scene.glyphs.alert} HISTORY ", "badge-warning")]))
    if scene.filter:
        text = cut(scene.clean(scene.filter), 24, scene.glyphs.ellipsis)
        left.append(BarItem(89, [(f"{scene.shown} with ", "muted"), (text, "strong")]))
    about = "about " if scene.totals.estimated else ""
    total = total_words(scene.totals, scene.glyphs.dash, " PDUs" if width >= _ROOMY else "")
    right = [BarItem(70, [(about, "muted"), (total, "strong")])] if scene.racks else []
    words = "by row" if scene.by_row else "worst first"
    right.append(BarItem(35, [(words, "text"), (", held" if scene.held else "", "key")]))
    if scene.unpaired:
        right.append(BarItem(30, [(f"{scene.unpaired} not paired", "muted")]))
    right += [BarItem(84, [(scene.more.strip(), "text")])] if scene.more.strip() else []
    right.append(BarItem(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


def said_line(scene: PairsFrame, width: int) -> Strip:
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


def block_of(desk: PairsDesk, item: Item, *, all_key: str) -> Block:
    """A rack, or a PDU that stands alone, with what is to be said of it.

    Args:
        desk: Knows it.
        item: Which.
        all_key: The key that shows what there is no room for.
    """
    if item.is_head:
        return _row_head(desk, item)
    cells = {pdu: Cell(row=desk.row(pdu), after=desk.after(item, pdu)) for pdu in item.key}
    said: list[ImpactLine] = []
    more = ""
    found = desk.margins_of(item)
    what_if = desk.what_if.loss is not None
    if what_if:
        said, more = _in_what_if(desk, item, all_key)
    elif found is not None:
        said, more = _of_margins(found, all_key)
    elif item.lone is not None:
        said = [ImpactLine(level="clear", text=f"not paired: {item.lone.why}")]
        said += [ImpactLine(level=_source_level(text), text=text)
                 for text in desk.sources(item.lone.pdu)]  # fmt: skip
    if item.rack is None:
        sides: tuple[tuple[Cell, ...], ...] = (tuple(cells.values()),)
        title = item.location or "no location"
    else:
        sides = tuple(tuple(cells[pdu] for pdu in side.pdus) for side in item.rack.sides)
        title = item.rack.location
    return Block(
        title=title,
        level=desk.level_of(item),
        total=_total(desk, item),
        sides=sides,
        said=tuple((line.level, line.text) for line in said),
        more=more,
        waiting=desk.what_if.found is None if what_if else item.rack is not None and found is None,
    )


def _row_head(desk: PairsDesk, item: Item) -> Block:
    """A row of racks: how many there are, how bad they are, what they carry."""
    members = [Item(rack=rack) for rack in item.racks]
    counts = counts_of([desk.level_of(one) for one in members])
    lost = desk.what_if.loss is not None
    told = [
        f"{counts[level]} {then if lost else now}"
        for level, now, then, _ in _COUNTS
        if counts[level]
    ]
    racks = "1 rack" if len(members) == 1 else f"{len(members)} racks"
    title = f"{item.row}: {racks}, {', '.join(told)}"
    return Block(title=title, level=desk.level_of(item), total=_total(desk, item))


def _total(desk: PairsDesk, item: Item) -> str:
    """What the racks of a block carry, as far as it is known; of what is no rack nothing."""
    totals = desk.totals([item])
    about = "about " if totals.estimated else ""
    return f"{about}{total_words(totals, '', ' PDUs')}" if totals.count else ""


def _source_level(text: str) -> Level:
    if "goes dark" in text:
        return "danger"
    return "unknown" if "not known" in text else "clear"


def _in_what_if(desk: PairsDesk, item: Item, all_key: str) -> tuple[list[ImpactLine], str]:
    afters = [one for pdu in item.key if (one := desk.what_if.after(pdu)) is not None]
    lines = list(in_order([*device_lines(desk.devices(item)), *pdu_lines(afters)]))
    kept = lines[: MOST_RISKS + 2]
    gone = len(lines) - len(kept)
    return kept, f"+{gone} more: {all_key} shows all" if gone else ""


def _of_margins(found: RackMargins, all_key: str) -> tuple[list[ImpactLine], str]:
    lines = [ImpactLine(level=one.level, text=one.text) for one in found.margins]
    shown = found.risks[:MOST_RISKS]
    lines += [ImpactLine(level=risk_level(one), text=risk_words(one)) for one in shown]
    gone = len(found.risks) - len(shown)
    told = [f"+{gone} more at risk"] if gone else []
    if found.single:
        more = "more " if found.risks else ""
        word = "device has" if found.single == 1 else "devices have"
        told.append(f"{found.single} {more}{word} one cord")
    if not told or not all_key:
        return lines, ", ".join(told)
    return lines, f"{', '.join(told)}: {all_key} shows all"


def risk_level(one: RiskyDevice) -> Level:
    """How bad it is."""
    return "danger" if one.sure else "unknown"


def risk_words(one: RiskyDevice) -> str:
    """`backup01 goes dark without A: its cord B (rack1-b outlet 20) is on, but draws 0 W`."""
    critical = " (critical)" if one.critical else ""
    verb = "goes" if one.sure else "may go"
    return f"{one.device}{critical} {verb} dark without {' or '.join(one.feeds)}: {one.why}"


def counts_of(levels: Sequence[Level]) -> dict[Level, int]:
    """How many there are of each."""
    return {level: levels.count(level) for level in LEVELS}
