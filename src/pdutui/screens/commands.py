"""What every palette is: commands by text, and the whole fleet by name.

Before anything is typed there is what can be done here; with the first letter come the PDUs, the
outlets of all of them, and the alarms that stand. A command that is not possible now stays in the
list and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from pdutui.keys.keymap import DEFAULT
from pdutui.screens.keyed import Keyed
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.finding import Find

FEW_PDUS = 20
"""So many are listed before anything is typed; of more none is."""
MOST_FINDS = 40
MOST_ALARMS = 10
_MOVES = ("move.", "page.", "palette", "jump", "find")
"""Keys that are no commands."""
_HELP = "help: what works here, and why something does not"
_FIND_SCORES = (30.0, 30.0, 25.0, 25.0, 14.0, 13.0, 9.0, 8.0)
"""By the rank of a find: a name that is what was typed comes before any command."""
_ALARM, _WORDS, _PARTS = 18.0, 20.0, 15.0
_SCATTERED = 3
"""Fewer letters, scattered over a text, would be in all of them."""


class Command(NamedTuple):
    """One entry."""

    text: str
    run: Callable[[], object]
    why: str = ""
    """Why it is not possible now; empty when it is."""


class Commands(Provider):
    """Finds commands; names of devices are plain text here as everywhere."""

    FLEET: ClassVar[bool] = True
    """Whether PDUs, outlets and alarms of the live fleet are found too."""

    @property
    def console(self) -> PduApp:
        """The app."""
        return cast("PduApp", self.app)

    def listed(self) -> Iterator[Command]:
        """What can be done here; a subclass says it."""
        yield from ()

    def keys(self, *but: str) -> Iterator[Command]:
        """The keys of the screen by what they do, with the key beside each.

        Args:
            but: Ids, or how they begin, of those that are listed in other words.
        """
        screen = self.screen
        if not isinstance(screen, Keyed):
            return
        why, done = screen.why_not(), set[str]()
        for key in screen.TABLE:
            if key.action and not key.id.startswith((*_MOVES, *but)) and key.action not in done:
                done.add(key.action)
                said = _HELP if key.id == "help" else key.helps
                text = self.with_key(f"{said[:1].upper()}{said[1:]}", key.id)
                run = partial(self.app.call_later, screen.run_action, key.action)
                yield Command(text, run, why.get(key.id, ""))

    def with_key(self, text: str, ident: str) -> str:
        """A command with its key behind it, where it has one."""
        keymap = self.screen.keymap if isinstance(self.screen, Keyed) else DEFAULT
        shown = keymap.shown(ident)
        return f"{text} ({shown})" if shown else text

    def _everything(self) -> Iterator[Command]:
        app = self.console
        yield from self.listed()
        if self.FLEET and len(app.pdus) <= FEW_PDUS:
            for pdu in app.pdus:
                if pdu != self._here:
                    text = f"Go to PDU {clean(pdu, app.glyphs.ascii_only)}"
                    yield Command(text, partial(app.call_later, _go, app, pdu, None))
        for theme in app.theme_names:
            yield Command(f"Theme {theme}", partial(app.wear, theme))
        if not any(key.id == "quit" for key in getattr(self.screen, "TABLE", ())):
            yield Command("Quit (ctrl+q)", app.action_quit)

    @property
    def _here(self) -> str | None:
        """The PDU that is on the screen, where that is one of the console."""
        return self.console.console_screen.pdu if self.screen is (
            self.console.console_screen
        ) else None  # fmt: skip

    async def startup(self) -> None:
        """Names may be others than when the palette was open last."""
        if self.FLEET and self.console.pdus:
            self.console.index.look()

    async def discover(self) -> Hits:
        """Everything that can be done, before anything is typed."""
        for command in self._everything():
            shown, run = self._entry(command)
            yield DiscoveryHit(shown, run, command.text)

    async def search(self, query: str) -> Hits:
        """What matches, the best first."""
        words, fuzzy = query.casefold().split(), self.matcher(query)
        for command in self._everything():
            score = _score(command.text.casefold(), words)
            if not score and len(query) >= _SCATTERED:
                score = _little(fuzzy.match(command.text))
            if score > 0:
                shown, run = self._entry(command)
                yield Hit(score, shown, run, command.text)
        if self.FLEET and self.console.pdus:
            for score, command in (*self._alarms(words), *self._finds(query)):
                shown, run = self._entry(command)
                yield Hit(score, shown, run, command.text)

    def _entry(self, command: Command) -> tuple[Content, Callable[[], object]]:
        """How an entry is shown, and what it does: one that is not possible says why again."""
        if not command.why:
            return Content(command.text), command.run
        why = clean(command.why, self.console.glyphs.ascii_only)
        shown = Content.assemble((command.text, "dim"), Content(f"\n  not now: {why}"))
        return shown, partial(self.console.notice, f"Not possible: {why}", "warning")

    def _finds(self, query: str) -> Iterator[tuple[float, Command]]:
        app = self.console
        for rank, find in app.index.ranked(query, MOST_FINDS):
            if find.pdu == self._here and find.outlet is not None:
                continue  # listed as such
            if find.outlet is None and len(app.pdus) <= FEW_PDUS:
                continue
            state = self._state(find)
            text = f"Go to {find.words(app.glyphs.ascii_only)}{state}"
            run = partial(app.call_later, _go, app, find.pdu, find.outlet)
            yield _FIND_SCORES[rank], Command(text, run)

    def _state(self, find: Find) -> str:
        """` (on)`, ` (lost)`: as it is now."""
        engine = self.console._engine
        if engine is None or find.pdu not in engine.pdus:
            return ""
        view = engine.view(find.pdu)
        if view.health != "live" or find.outlet is None:
            return f" ({view.health})"
        outlet = view.reading.outlet(find.outlet) if view.reading is not None else None
        return f" ({outlet.state})" if outlet is not None else ""

    def _alarms(self, words: list[str]) -> Iterator[tuple[float, Command]]:
        app, engine = self.console, self.console._engine
        count = 0
        for alarm in engine.alarms.active() if engine is not None else ():
            said = f"{alarm.level} alarm {alarm.pdu} {alarm.text}"
            if count < MOST_ALARMS and alarm.pdu and _score(said.casefold(), words):
                count += 1
                number = alarm.part.removeprefix("outlet.")
                outlet = int(number) if number.isdecimal() else None
                text = clean(f"Alarm on {alarm.pdu}: {alarm.text}", app.glyphs.ascii_only)
                run = partial(app.call_later, _go, app, alarm.pdu, outlet)
                yield _ALARM, Command(f"{text} ({alarm.level})", run)


def _go(app: PduApp, pdu: str, outlet: int | None) -> None:
    from pdutui.screens.doors import show_pdu

    show_pdu(app, pdu, outlet)


def _score(text: str, words: list[str]) -> float:
    """All words of what was typed begin words of the text, or stand in it; 0: they do not."""
    if not words or not all(word in text for word in words):
        return 0.0
    begin = all(text.startswith(word) or f" {word}" in text for word in words)
    return _WORDS if begin else _PARTS


def _little(score: float) -> float:
    """Letters that are scattered over a text: better than nothing, and worse than all else."""
    return min(score, 4.0) if score > 2.0 else 0.0
