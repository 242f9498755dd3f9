"""The help: every key that works here, and what the marks mean. It scrolls."""

from __future__ import annotations

from textual.events import Key, Paste

from pdutui.domain.roles import Role
from pdutui.keys.dialogs import HELP_KEYS
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Dialog, Row
from pdutui.screens.help_text import fitted, sought
from pdutui.screens.keyed import bindings
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.scene import Scene
from pdutui.widgets.text import clean

LONGEST = 40
"""Characters of what is searched for."""


class HelpScreen(Dialog[None]):
    """Dismissed with None. It scrolls, and is searched as one types.

    Args:
        text: The whole help: sections with a blank row between.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 76
    TABLE = HELP_KEYS
    BINDINGS = bindings(HELP_KEYS)

    def __init__(self, text: list[Row], inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(inks, glyphs)
        self._first = 0
        self._text = text
        self._shown: list[Row] = text
        self._room = len(self._text)
        self._sought: str | None = None
        """What is searched for; None: nothing is."""
        self._typing = False

    @property
    def heading(self) -> str:
        """What it is."""
        return "Help"

    def rows(self, width: int, height: int) -> list[Row]:
        """The part of the help that is scrolled to, and how to go on."""
        self._room = max(1, height - 2)
        everything = fitted(self._text, width)
        self._shown = fitted(sought(self._text, self._sought or ""), width)
        if not self._shown:
            self._shown = [[("Nothing here has that in it", "muted")]]
        self._first = max(0, min(self._first, len(self._shown) - self._room))
        shown = self._shown[self._first : self._first + self._room]
        if self._sought is not None:
            # As high as without a search: a card that jumps with every letter is hard to read.
            shown += [[]] * (min(self._room, len(everything)) - len(shown))
        return [*shown, [], self._foot(len(shown))][:height]

    def _foot(self, rows: int) -> Row:
        key, keymap = self.keymap.shown, self.keymap
        if self._typing:
            return [("/", "key"), (f" {self._sought}_", "strong"), ("   Enter", "key"),
                    (" keep   ", "muted"), ("esc", "key"), (" show all", "muted")]  # fmt: skip
        if self._sought:
            foot: Row = [(key("dialog.close"), "key"), (" show all", "muted")]
        else:
            foot = [(key("dialog.close"), "key"), (" close", "muted")]
        if key("filter"):
            foot += [(f"   {key('filter')}", "key"), (" search", "muted")]
        moving = keymap.pair("move.down", "move.up")
        if len(self._shown) > self._room:
            last = min(len(self._shown), self._first + rows)
            foot += [(f"   {moving}", "key"), (f" scroll ({last} of {len(self._shown)})", "muted")]
        return foot

    # searching

    def action_search(self) -> None:
        """Type what to look for."""
        self._typing, self._sought = True, self._sought or ""
        self.update()

    def on_key(self, event: Key) -> None:
        """What is typed; bindings are looked up later than this, in their order."""
        if not self._typing:
            if self.keymap.pressed("filter", event.key):
                event.stop()
                self.action_search()
            return
        event.stop()
        if event.key == "escape":
            self._typing, self._sought = False, None
        elif event.key == "enter":
            self._typing, self._sought = False, self._sought or None
        elif event.key == "backspace":
            self._sought = (self._sought or "")[:-1]
        elif event.is_printable and event.character:
            self._seek(event.character)
        self.update()

    def on_paste(self, event: Paste) -> None:
        """Typed at once."""
        if self._typing:
            event.stop()
            self._seek(clean(event.text, self.glyphs.ascii_only))
            self.update()

    def _seek(self, text: str) -> None:
        self._first, self._sought = 0, f"{self._sought or ''}{text}"[:LONGEST]

    # moving

    def action_scroll(self, by: int) -> None:
        """Scroll by so many rows."""
        self._first = max(0, min(self._first + by, len(self._shown) - self._room))
        self.update()

    def action_close(self) -> None:
        """Back; what was searched for is dropped first."""
        if self._sought is not None:
            self._sought = None
            self.update()
        else:
            self.dismiss(None)


def standing_rows(scene: Scene, keymap: Keymap = DEFAULT) -> list[Row]:
    """What may not be done here and now, and why; nothing where everything may."""
    info, rows = scene.view.info, list[Row]()
    if scene.locked:
        how = f"{keymap.said('lock')} unlocks it"
        rows.append(_standing("LOCKED", f"{scene.locked}: nothing is switched; {how}"))
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


def sign_rows(glyphs: GlyphSet, keymap: Keymap = DEFAULT) -> list[Row]:
    """What the marks of the PDU screen mean, for its help; and what works in a question."""
    key = keymap.said
    rows: list[Row] = [[("In a question", "title")]]
    told = (
        (key("dialog.yes"), "yes: the only key that switches anything"),
        (key("dialog.no"), "no; so does Enter, which is on Cancel"),
        (key("dialog.explain"), "give a reason and a ticket with it"),
        (key("dialog.all"), "show all that it will do, where there was no room"),
        (key("help"), "all keys of that question"),
    )
    rows += [[(f"  {name:<14}", "key"), (text, "text")] for name, text in told]
    rows += [[], [("Signs", "title")]]
    switches = f"{key('outlet.on')}, {key('outlet.off')} and {key('outlet.reboot')}"
    marks = [
        (f"{glyphs.on} {glyphs.off} {glyphs.unknown}", "on, off, unknown: the device does not say"),
        (glyphs.protected, "protected: its name must be typed to switch it"),
        (glyphs.fixed, "cannot be switched"),
        (glyphs.dash, "the device does not give this figure"),
        (glyphs.closed, "not to be switched by you: on nobody's list, or not on yours"),
        (glyphs.mark, f"marked: {switches} ask for all that are, on all PDUs"),
        (glyphs.ranged, "in the range that is being drawn"),
        ("off: sent", "under way: requested, confirmed, sent, accepted, observed"),
        ("UNCONFIRMED", "accepted, but the state did not follow in time"),
        ("CONTRADICTED", "the state moved the other way"),
        ("FAILED", "the device refused or did not answer"),
        (f"{glyphs.unknown} on, but ...", "done, and yet the load is not what was expected"),
        ("off in 42 s", f"pending on the device; {key('outlet.cancel')} cancels it"),
        ("STALE LOST", "the figures are old: dimmed, and nothing can be switched"),
    ]
    return rows + [[(f"  {mark:<14}", "value"), (text, "text")] for mark, text in marks]
