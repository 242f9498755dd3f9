"""Type a window: from and to, as people write times."""

from __future__ import annotations

from datetime import datetime, tzinfo

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.when import parse_when
from pdutui.keys.dialogs import FORM
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.history_state import LEAST_SPAN_MS
from pdutui.screens.keyed import bindings
from pdutui.widgets.chart_time import local
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

_HELP = (
    "Like 2026-11-20 03:12, 03:12, yesterday 14:00, -6h. 'to' may be a length, as +30min; empty, "
    "or now, it follows the present."
)


class Window(Struct, frozen=True):
    """What was typed."""

    from_ms: int
    to_ms: int | None
    """None: the present, and following it."""
    notes: tuple[str, ...] = ()
    """What was made of times that come twice or not at all."""


def parse_window(begin: str, end: str, now: datetime, zone: tzinfo) -> Window:
    """The window between two texts. Raises ValueError that says which one is wrong, and how."""
    notes: list[str] = []
    try:
        first = parse_when(begin, now, zone, note=notes.append)
    except ValueError as error:
        raise ValueError(f"from: {error}") from None
    if first >= now:
        raise ValueError(f"from: {begin.strip()!r} is not in the past")
    said = end.strip()
    if said.lower() in ("", "now"):
        if (now - first).total_seconds() * 1000 < LEAST_SPAN_MS:
            raise ValueError("from: at least 30 seconds before now")
        return Window(_ms(first), None, tuple(notes))
    if said.startswith("+"):
        try:
            last = first + (first - parse_when("-" + said[1:].strip(), first, zone))
        except ValueError:
            raise ValueError(f"to: {said!r} is no length of time (like +30min, +2h)") from None
    else:
        try:
            last = parse_when(said, now, zone, note=notes.append)
        except ValueError as error:
            raise ValueError(f"to: {error}") from None
    if last > now:
        raise ValueError("to: that is still to come; leave it empty to follow the present")
    if (last - first).total_seconds() * 1000 < LEAST_SPAN_MS:
        raise ValueError("to: it must be at least 30 seconds after from")
    return Window(_ms(first), _ms(last), tuple(notes))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class WindowScreen(Dialog[Window | None]):
    """Dismissed with the window, or None for no change.

    Args:
        from_ms: Where the window that is shown begins.
        to_ms: Where it ends; None: now.
        now: The present.
        zone: Of times that name none.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#from"
    TABLE = FORM
    BINDINGS = bindings(FORM)

    def __init__(
        self,
        from_ms: int,
        to_ms: int | None,
        now: datetime,
        zone: tzinfo,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs)
        self._from, self._to = _typed(from_ms, zone), "" if to_ms is None else _typed(to_ms, zone)
        self._now, self._zone = now, zone
        self._wrong = ""

    def controls(self) -> ComposeResult:
        """The two fields."""
        for name, value in (("from", self._from), ("to", self._to)):
            field = Input(value, id=name, max_length=40, placeholder="now" * (name == "to"))
            field.cursor_blink = False
            yield field

    @property
    def heading(self) -> str:
        """What it is."""
        return "Show from when to when"

    def rows(self, width: int, height: int) -> list[Row]:
        """The two fields' rows, what is wrong or what can be typed, and what Enter does."""
        fields: list[Row] = [[("from: ", "muted")], [("to:   ", "muted")]]
        text = paragraph(self._wrong, width, "warning") if self._wrong else paragraph(
            _HELP, width, "muted"
        )  # fmt: skip
        foot = self.keys_row(("Enter", "show"), ("dialog.close", "leave"))
        if height < len(text) + 5:
            return [*fields, *text[: max(0, height - 3)], foot][:height]
        return [*fields, [], *text, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The fields stand in the first two rows."""
        row = card.y + self.first_row + (child.id == "to")
        return Region(card.x + 9, row, max(1, card.width - 12), 1)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        begin, end = (self.query_one(f"#{name}", Input).value for name in ("from", "to"))
        try:
            self.dismiss(parse_window(begin, end, self._now, self._zone))
        except ValueError as error:
            self._wrong = str(error)
            self.update()

    def action_close(self) -> None:
        """No change."""
        self.dismiss(None)


def _typed(ms: int, zone: tzinfo) -> str:
    """A moment as it may be typed; where the clock shows it twice, with its offset."""
    at = local(ms, zone)
    text = f"{at:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if at.replace(fold=1 - at.fold).utcoffset() != at.utcoffset():
        return f"{text}{at:%z}"
    return text
