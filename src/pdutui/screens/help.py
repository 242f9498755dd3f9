"""The help: every key that works here, and what the marks mean. It scrolls."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from pdutui.domain.roles import Role
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.keys import KEYS
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.scene import Scene

_WHERE = {
    "anywhere": "Anywhere",
    "outlets": "In the outlets pane",
    "switch": "In the outlets pane",
}


class HelpScreen(Dialog[None]):
    """Dismissed with None.

    Args:
        text: The whole help.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 76
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,question_mark", "close", "Close"),
        ("down,j", "scroll(1)", "Down"),
        ("up,k", "scroll(-1)", "Up"),
        ("pagedown,space", "scroll(10)", "Page down"),
        ("pageup", "scroll(-10)", "Page up"),
        ("home", "scroll(-1000)", "Top"),
        ("end", "scroll(1000)", "End"),
    ]

    def __init__(self, text: list[Row], inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._first = 0
        self._text = text
        self._room = len(self._text)

    @property
    def heading(self) -> str:
        """What it is."""
        return "Help"

    def rows(self, width: int, height: int) -> list[Row]:
        """The part of the help that is scrolled to, and how to go on."""
        self._room = max(1, height - 2)
        self._first = max(0, min(self._first, len(self._text) - self._room))
        shown = self._text[self._first : self._first + self._room]
        foot: Row = [("esc", "key"), (" close", "muted")]
        if len(self._text) > self._room:
            last = self._first + len(shown)
            foot += [("   up down", "key"), (f" scroll ({last} of {len(self._text)})", "muted")]
        return [*shown, [], foot][:height]

    def action_scroll(self, by: int) -> None:
        """Scroll by so many rows."""
        self._first = max(0, min(self._first + by, len(self._text) - self._room))
        self.update()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def standing_rows(scene: Scene) -> list[Row]:
    """What may not be done here and now, and why; nothing where everything may."""
    info, rows = scene.view.info, list[Row]()
    if scene.locked:
        rows.append(_standing("LOCKED", f"{scene.locked}: nothing is switched; L unlocks it"))
    if info.read_only:
        why = scene.clean(info.read_only_reason) or "nothing is switched from here"
        rows.append(_standing("READ-ONLY", why))
    if info.role != "admin":
        rows.append(_standing(info.role.upper(), _ROLES[info.role]))
    return [[("Here and now", "title")], *rows, []] if rows else []


def _standing(word: str, text: str) -> Row:
    return [(f"  {word:<11}", "warning"), (text, "text")]


_ROLES: dict[Role, str] = {
    "viewer": "you look, and switch nothing",
    "operator": "you switch outlets, and no whole PDU",
    "admin": "",
}


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """The help of the PDU screen, with what its marks mean."""
    rows: list[Row] = []
    for title, places in (
        ("In the outlets pane", ("switch", "outlets")),
        ("Anywhere", ("anywhere",)),
    ):
        rows += [[(title, "title")]]
        rows += [
            [(f"  {key.shown:<11}", "key"), (key.helps, "text")]
            for key in KEYS
            if key.where in places
        ]
        rows.append([])
    rows += [[("In a dialog", "title")]]
    rows += [
        [("  y          ", "key"), ("yes: the only key that switches anything", "text")],
        [("  n esc      ", "key"), ("no; so does Enter, which is on Cancel", "text")],
        [("  t          ", "key"), ("give a reason and a ticket with it", "text")],
        [("  i F2       ", "key"), ("show all that it will do, where there was no room", "text")],
        [],
        [("Signs", "title")],
    ]
    marks = [
        (f"{glyphs.on} {glyphs.off} {glyphs.unknown}", "on, off, unknown: the device does not say"),
        (glyphs.protected, "protected: its name must be typed to switch it"),
        (glyphs.fixed, "cannot be switched"),
        (glyphs.dash, "the device does not give this figure"),
        (glyphs.closed, "not to be switched by you: on nobody's list, or not on yours"),
        (glyphs.mark, "marked: o, f and r ask for all that are, on all PDUs"),
        (glyphs.ranged, "in the range that is being drawn"),
        ("off: sent", "under way: requested, confirmed, sent, accepted, observed"),
        ("UNCONFIRMED", "accepted, but the state did not follow in time"),
        ("CONTRADICTED", "the state moved the other way"),
        ("FAILED", "the device refused or did not answer"),
        (f"{glyphs.unknown} on, but ...", "done, and yet the load is not what was expected"),
        ("off in 42 s", "pending on the device; x cancels it"),
        ("STALE LOST", "the figures are old: dimmed, and nothing can be switched"),
    ]
    return rows + [[(f"  {mark:<13}", "value"), (text, "text")] for mark, text in marks]
