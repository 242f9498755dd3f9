"""The command palette of a replay: its keys by name, PDUs, themes. Nothing that switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from pdutui.screens.replay_keys import KEYS
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.replay import ReplayScreen

_LISTED = ("replay.", "help", "repaint")


class ReplayCommands(Provider):
    """Finds commands."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for text, run in self._commands():
            yield DiscoveryHit(Content(text), run, text)

    async def search(self, query: str) -> Hits:
        """What matches, the best first."""
        matcher = self.matcher(query)
        for text, run in self._commands():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, Content(text), run, text)

    def _commands(self) -> Iterator[tuple[str, Callable[[], object]]]:
        app, screen = cast("PduApp", self.app), cast("ReplayScreen", self.screen)
        for key in KEYS:
            if key.id.startswith(_LISTED) and key.id != "replay.palette":
                text = f"{key.helps[:1].upper()}{key.helps[1:]} ({key.shown})"
                yield text, partial(app.call_later, screen.run_action, key.action)
        for pdu in screen.pdus:
            if pdu != screen.pdu:
                text = f"Replay of PDU {clean(pdu, app.glyphs.ascii_only)}"
                yield text, partial(app.call_later, screen.go, pdu)
        for theme in app.theme_names:
            if theme != app.theme:
                yield f"Theme {theme}", partial(app.wear, theme)
