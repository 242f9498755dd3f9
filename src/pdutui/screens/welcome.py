"""The first screen where nothing is configured: a demo, a device, a network, a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from pdutui.engine.events import Severity
from pdutui.keys import welcome as keys
from pdutui.screens.keyed import Keyed, bindings
from pdutui.screens.welcome_view import Entry, WelcomePage, WelcomeScene, welcome_page
from pdutui.widgets.key_hints import Hint, hint_line
from pdutui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from pdutui.screens.welcome_app import WelcomeApp


def short(path: Path) -> str:
    """A path as people write it: `~` for their home, but for one that is the root, or empty."""
    try:
        home = Path.home()
        return f"~/{path.relative_to(home)}" if home != Path(home.anchor) else str(path)
    except (ValueError, RuntimeError):
        return str(path)


class WelcomeScreen(Keyed, Screen[None]):
    """The entries; each by its key, by the arrows and Enter, or by the mouse."""

    TABLE = keys.KEYS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.KEYS)
    DEFAULT_CSS = """
    WelcomeScreen { background: $background; overflow: hidden; }
    WelcomeScreen #page { width: 100%; height: 1fr; }
    WelcomeScreen #hints { width: 100%; height: 1; }
    """

    def __init__(self, app: WelcomeApp) -> None:
        super().__init__()
        self._host = app
        self._cursor = 0
        self._covered = False
        self._notice: tuple[str, Severity] = ("", "info")
        self._page = WelcomePage([], {})

    def compose(self) -> ComposeResult:
        """The page, and the keys below it."""
        yield Sheet(id="page")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Draw."""
        super().on_mount()
        self.update()

    def on_resize(self) -> None:
        """Draw for another size."""
        self.update()

    def on_screen_suspend(self) -> None:
        """A dialog opens: what would stick out behind it goes, and no key is offered."""
        self._covered = True
        self.call_later(self.update)

    def on_screen_resume(self) -> None:
        """A dialog has closed: the file may be there by now."""
        self._covered = False
        self.update()

    def say(self, text: str, severity: Severity = "info") -> None:
        """Say something until something else is said."""
        self._notice = (text, severity)
        self.update()

    def entries(self) -> list[Entry]:
        """The ways to begin, as things stand."""
        steps, keymap = self._host.steps, self.keymap
        file = short(steps.file)
        there = steps.there
        listed = [
            ("demo", "Look around", "three modelled PDUs; nothing is needed", False),
            ("host", "Try a device", "by its address: what it is, if it answers", False),
            ("search", "Search a network", "ask every address; write down the PDUs", False),
            ("template", "Write a configuration",
             f"not over {file}, which is there" if there else f"commented, to {file}", there),
            ("quit", "Quit", "", False),
        ]  # fmt: skip
        if steps.written:
            listed.insert(0, ("open", "Open the console", f"with what is in {file}", False))
        by_id = {key.id.removeprefix("welcome."): key for key in keys.ENTRIES}
        return [
            Entry(name, keymap.shown(by_id[name]), label, says, off)
            for name, label, says, off in listed
        ]

    def update(self) -> None:
        """Draw everything."""
        if not self.is_mounted:
            return
        entries, app = self.entries(), self._host
        self._cursor = min(self._cursor, len(entries) - 1)
        text, severity = self._notice
        scene = WelcomeScene(
            inks=app.inks,
            glyphs=app.glyphs,
            entries=entries,
            cursor=self._cursor,
            state=app.state,
            notice=text,
            severity=severity,
        )

        def page(width: int, height: int) -> list[Strip]:
            if self._covered:
                return []
            self._page = welcome_page(scene, width, height)
            return self._page.lines

        self.query_one("#page", Sheet).paint(page, app.inks)
        moves = self.keymap.pair("move.down", "move.up")
        hints = [Hint(moves, "move", 5), Hint("Enter", "choose", 8),
                 Hint(self.keymap.shown("help"), "help", 4),
                 Hint(self.keymap.shown(keys.LEAVE), "quit", 9)]  # fmt: skip
        offered = [hint for hint in hints if hint.key and not self._covered]
        self.query_one("#hints", Sheet).paint(
            lambda width, height: [hint_line(app.inks, offered, width)], app.inks
        )

    def first(self) -> None:
        """Put the cursor on the first entry."""
        self._cursor = 0
        self.update()

    def action_step(self, by: int) -> None:
        """Another entry, stopping at the ends."""
        self._cursor = max(0, min(len(self.entries()) - 1, self._cursor + by))
        self.update()

    def action_take(self) -> None:
        """The one under the cursor."""
        self.action_choose(self.entries()[self._cursor].id)

    def on_click(self, event: events.Click) -> None:
        """The one that is pointed at."""
        entry = self._page.rows.get(event.screen_y)
        if entry is not None:
            self._cursor = entry
            self.update()
            self.action_take()

    def action_choose(self, name: str) -> None:
        """One by its name."""
        entries = self.entries()
        place = next((at for at, entry in enumerate(entries) if entry.id == name), None)
        if place is None:
            return
        self._cursor = place
        self.update()
        self._host.chosen(name)
