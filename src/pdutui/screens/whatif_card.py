"""What becomes of a PDU, or all that is to be said of a rack, to be scrolled through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pdutui.domain.impact import ImpactLine, Level
from pdutui.domain.margin import RackMargins
from pdutui.domain.whatif import DeviceAfter, PduAfter, WhatIf
from pdutui.domain.whatif_text import device_lines, pdu_lines
from pdutui.keys.pairs import AFTER
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.impact_rows import sentence_rows
from pdutui.screens.keyed import bindings
from pdutui.screens.pairs_view import risk_level, risk_words
from pdutui.widgets.figures import watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Piece, pieces_width
from pdutui.widgets.pair_bars import part_bar, part_figures
from pdutui.widgets.text import clean, fit, width_of, wrap

WIDE = 96
_BAR = 30


class AfterScreen(Dialog[bool]):
    """Dismissed with True where the PDU is to be shown on its own screen.

    Args:
        title: What it is about.
        text: The rows for a width, asked anew each second.
        can_open: Whether there is a PDU to be shown.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = WIDE
    TABLE = AFTER
    BINDINGS = bindings(AFTER)

    def __init__(
        self,
        title: str,
        text: Callable[[int], list[Row]],
        *,
        can_open: bool,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs, "replay")
        self._title, self._text, self._can_open = title, text, can_open
        self._first = self._last = 0

    def on_mount(self) -> None:
        """What it tells of goes on."""
        self.set_interval(1.0, self.update)
        super().on_mount()

    @property
    def heading(self) -> str:
        """What it is about."""
        return self._title

    def rows(self, width: int, height: int) -> list[Row]:
        """The part that is scrolled to, and how to go on."""
        text = self._text(width)
        room = max(1, height - 2)
        self._last = max(0, len(text) - room)
        self._first = max(0, min(self._first, self._last))
        shown = text[self._first : self._first + room]
        offered = [("list.pick", "show the PDU")] if self._can_open else []
        foot = self.keys_row(*offered, ("dialog.close", "close"))
        if len(text) > room:
            last = self._first + len(shown)
            foot += [("   up down", "key"), (f" scroll ({last} of {len(text)})", "muted")]
        return [*shown, [], foot][:height]

    def action_scroll(self, by: int) -> None:
        """Scroll by so many rows."""
        self._first = max(0, min(self._first + by, self._last))
        self.update()

    def action_open(self) -> None:
        """Show the PDU."""
        if self._can_open:
            self.dismiss(True)

    def action_close(self) -> None:
        """Back to where one was."""
        self.dismiss(False)


def pdu_rows(found: WhatIf | None, pdu: str, glyphs: GlyphSet, width: int) -> list[Row]:
    """What becomes of a PDU in a what-if: its loads, its devices, its sentences."""
    if found is None:
        return [[("Not worked out yet.", "muted")]]
    after = found.of(pdu)
    if after is None:
        return [[("Nothing changes for it.", "text")]]
    rows = _fate(after, glyphs, width)
    if after.parts:
        rows += [[], *_parts(after, glyphs, width)]
    devices = [one for one in found.devices if any(cord.pdu == pdu for cord in one.cords)]
    lines = pdu_lines([after])
    # What the first row says needs not be said again.
    lines = [line for line in lines if line.level != "clear" or after.fate == "takes"]
    if lines:
        rows += [[], *_sentences(lines, width, glyphs)]
    return rows + _devices(devices, glyphs, width)


def _fate(after: PduAfter, glyphs: GlyphSet, width: int) -> list[Row]:
    words, ink = {
        "lost": ("It is what is lost", "critical"),
        "dark": ("It goes dark", "critical"),
        "takes": ("It takes over", "strong"),
        "same": ("It carries what it carries now", "text"),
        "unknown": ("What it comes to carry is not known", "unknown"),
        "unsure": ("Whether it keeps its power is not known", "unknown"),
    }[after.fate]
    figures = ""
    if after.before_w is not None:
        figures = f": {watts(after.before_w)} W now"
        if after.after_w is not None:
            figures += f", {watts(after.after_w)} W then"
        elif after.least_w is not None and after.most_w is not None:
            figures += f", {watts(after.least_w)} to {watts(after.most_w)} W then"
        elif after.fate in ("takes", "unknown", "unsure"):
            figures += ", then not known"
    out: list[Row] = [[(words, ink), (figures, "text")]]
    if after.why:
        text = clean(after.why, glyphs.ascii_only)
        out += [[(line, "muted")] for line in wrap(text, max(1, width))]
    if after.assumed:
        text = "Assumed: some of it is in no map, and taken to move to the same place here."
        out += [[(line, "warning")] for line in wrap(text, max(1, width))]
    return out


def _parts(after: PduAfter, glyphs: GlyphSet, width: int) -> list[Row]:
    names = [clean(part.name, glyphs.ascii_only) for part in after.parts]
    room = min(max(map(width_of, names), default=0), max(8, width // 4))
    wide = width >= 66
    rows: list[Row] = []
    for part, name in zip(after.parts, names, strict=True):
        figures: list[Piece] = part_figures(part, glyphs, wide=wide)
        cells = min(_BAR, width - room - 2 - pieces_width(figures))
        bar = part_bar(part, cells, glyphs)
        rows.append([(f"{fit(name, room, glyphs.ellipsis)} ", "text"), *bar, (" ", "text"),
                     *figures])  # fmt: skip
    return rows


def _devices(devices: Sequence[DeviceAfter], glyphs: GlyphSet, width: int) -> list[Row]:
    """The devices of a PDU by their fates."""
    rows: list[Row] = []
    told: tuple[tuple[str, str, Level], ...] = (
        ("dark", "Go dark", "danger"),
        ("may_go_dark", "May go dark", "unknown"),
        ("unknown", "Not known", "unknown"),
        ("degraded", "Go on running on fewer cords", "clear"),
    )
    for fate, title, _ in told:
        members = [one for one in devices if one.fate == fate]
        if not members:
            continue
        rows += [[], [(f"{title}: {len(members)}", "title")]]
        for one in members:
            name = f"{one.device}{' (critical)' if one.critical else ''}"
            level: Level = one.level if fate != "degraded" else "clear"
            rows += sentence_rows(level, f"{name}: {one.why}", width, glyphs)
    return rows


def _sentences(lines: Sequence[ImpactLine], width: int, glyphs: GlyphSet) -> list[Row]:
    return [row for line in lines for row in sentence_rows(line.level, line.text, width, glyphs)]


def rack_rows(found: RackMargins | None, glyphs: GlyphSet, width: int) -> list[Row]:
    """All that is to be said of a rack, direction by direction."""
    if found is None:
        return [[("Not worked out yet.", "muted")]]
    rows: list[Row] = []
    if found.risks:
        rows.append([("At risk", "title")])
        lines = [ImpactLine(level=risk_level(one), text=risk_words(one)) for one in found.risks]
        rows += _sentences(lines, width, glyphs)
    for margin in found.margins:
        rows += [[]] if rows else []
        rows.append([(f"If feed {clean(margin.feed, glyphs.ascii_only)} is lost", "title")])
        rows += sentence_rows(margin.level, margin.text, width, glyphs)
        what_if = margin.what_if
        for after in what_if.pdus:
            if after.parts:
                rows += [[], [(clean(after.pdu, glyphs.ascii_only), "strong")],
                         *_parts(after, glyphs, width)]  # fmt: skip
        lines = [line for line in what_if.of_pdus if line.text != margin.text]
        lines = [line for line in lines if not any(line.text.startswith(f"{p.pdu} goes to")
                                                   for p in what_if.pdus)]  # fmt: skip
        lines += [line for line in device_lines(what_if.devices) if line.level == "clear"]
        if lines:
            rows += [[], *_sentences(lines, width, glyphs)]
        rows += _devices([d for d in what_if.devices if d.fate != "degraded"], glyphs, width)
    return rows
