"""Search a network for PDUs: what answers is listed as it does, and written down if that is wanted.

Nothing is written to any device, and nothing to the configuration unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from pdutui.backends.snmp.discovery_scan import Found, ScanError
from pdutui.config_env import FACTORY_COMMUNITY
from pdutui.config_errors import ConfigError
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret
from pdutui.engine.search import EXAMPLE, Search, own_network
from pdutui.keys.dialogs import FORM
from pdutui.screens.dialog import Choice, Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.screens.secret_field import SecretField
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, cut, pad

_LABEL = 17
_FIELDS = (
    ("network", "network"), ("community", "community"), ("write_community", "write community"),
)  # fmt: skip
_CHOICES = ("go", "write", "close")
_BAR = 24
_MOST_ROWS = 18
"""Of what was found, and how far it is."""


class SearchScreen(Dialog[None]):
    """Dismissed with None.

    Args:
        clock: For the pace.
        config_path: The configuration file, there or not.
        profile_dir: The user's own profiles.
        env: The environment.
        written: Called with the names of the PDUs that were written down.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 92
    AUTO_FOCUS = "#network"
    TABLE = FORM
    BINDINGS = bindings(FORM)

    def __init__(
        self,
        *,
        clock: Clock,
        config_path: Path,
        profile_dir: Path | None,
        env: Mapping[str, str],
        written: Callable[[list[str]], object],
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs)
        self._clock, self._config, self._profile_dir = clock, config_path, profile_dir
        self._env, self._written = env, written
        self._search: Search | None = None
        self._worker: Worker[None] | None = None
        self._wrong = ""

    def controls(self) -> ComposeResult:
        """The fields and the buttons."""
        network = Input(own_network(), id="network", placeholder=f"as {EXAMPLE}, or an address")
        mark = self.glyphs.point
        hints = (f"empty: {FACTORY_COMMUNITY}", "empty: the PDUs are read only here")
        secrets = [
            SecretField(mark, id=name, max_length=128, placeholder=hint)
            for (name, _), hint in zip(_FIELDS[1:], hints, strict=True)
        ]
        for field in (network, *secrets):
            field.cursor_blink = False
            yield field
        yield Choice("Search", self.inks, id="go")
        yield Choice("Add to the configuration", self.inks, id="write")
        yield Choice("Close", self.inks, id="close")

    def on_mount(self) -> None:
        """Nothing is there to be written yet."""
        self.query_one("#write", Choice).display = False
        super().on_mount()

    @property
    def heading(self) -> str:
        """What it is."""
        return "Search a network"

    @property
    def _searching(self) -> bool:
        return self._search is not None and not self._search.over and not self._wrong

    # what is shown

    def rows(self, width: int, height: int) -> list[Row]:
        """Labels, how far it is, what answered, and the row of the buttons."""
        labels: list[Row] = [[(label.ljust(_LABEL), "muted")] for _, label in _FIELDS]
        room = min(_MOST_ROWS, max(0, height - len(labels) - 2))
        told = self._told(width, room)
        return [*labels, [], *told, []][:height]

    def _told(self, width: int, room: int) -> list[Row]:
        if self._wrong:
            rows = [*paragraph(self._wrong, width, "warning"), []]
        elif self._search is None:
            text = (
                "Every address is asked once, gently, what it is; nothing is written to a device."
            )
            rows = [*paragraph(text, width, "muted"), []]
        else:
            rows = [self._progress(self._search)]
        found = self._search.found if self._search is not None else []
        # PDUs first: what is none of them matters where there is room for it.
        listed = sorted(found, key=lambda one: one.status != "pdu")
        left = max(0, room - len(rows) - 1)
        shown = listed if len(listed) <= left else listed[: max(0, left - 1)]
        rows += [self._line(one, width) for one in shown]
        if len(shown) < len(listed):
            rows.append([(f"and {len(listed) - len(shown)} more", "muted")])
        # As high as it is going to be: a card that grows with every line is hard to read.
        return (rows + [[]] * room)[:room]

    def _progress(self, search: Search) -> Row:
        glyphs = self.glyphs
        part = search.done / search.count if search.count else 0.0
        full = int(_BAR * part)
        pdus = len(search.pdus)
        words = f"{pdus} PDU{'' if pdus == 1 else 's'}"
        end = "done" if search.over and search.done >= search.count else search.at
        if search.over and search.done < search.count:
            end = "stopped"
        return [
            (glyphs.bar_full * full, "on"), (glyphs.bar_track * (_BAR - full), "rule"),
            (f"  {search.done} of {search.count or '?'}  ", "value"), (words, "strong"),
            (f"  {clean(end)}", "muted"),
        ]  # fmt: skip

    def _line(self, found: Found, width: int) -> Row:
        glyphs = self.glyphs
        plain = glyphs.ascii_only
        address = pad(clean(found.place.address, plain), 22)
        if found.status != "pdu":
            words = {
                "refused": "answers, but not to this community", "other": "no PDU that is known",
                "failed": "answers, but cannot be read",
            }.get(found.status, found.detail)  # fmt: skip
            room = width - 24
            return [(f"{glyphs.unknown} ", "unknown"), (address, "muted"),
                    (cut(words, room, glyphs.ellipsis), "muted")]  # fmt: skip
        model = clean(" ".join(p for p in (found.vendor, found.model) if p), plain)
        outlets = f"{found.outlets} outlets" if found.outlets else ""
        name = clean(found.name or "", plain)
        model_room = 24
        rest = "  ".join(part for part in (name, outlets) if part)
        return [
            (f"{glyphs.on} ", "on"),
            (address, "text"),
            (pad(cut(model, model_room, glyphs.ellipsis), model_room + 1), "strong"),
            (cut(rest, max(0, width - 24 - model_room - 1), glyphs.ellipsis), "muted"),
        ]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """A field stands in the row of its label, the buttons below everything."""
        name = child.id or ""
        if isinstance(child, Choice):
            x = card.x + 3
            for other in _CHOICES[: _CHOICES.index(name)]:
                before = self.query_one(f"#{other}", Choice)
                x += before.cells + 2 if before.display else 0
            row = card.bottom - 2 - self._air
            return Region(x, row, max(0, min(child.cells, card.right - 2 - x)), 1)
        place = [field for field, _ in _FIELDS].index(name)
        row = card.y + self.first_row + place
        x = card.x + 3 + _LABEL
        return Region(x, row, max(1, card.right - 3 - x), 1) if row < card.bottom - 2 else None

    # what happens

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._begin()

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        focused = self.focused.id if self.focused is not None else ""
        if focused == "go":
            if self._searching:
                self._stop()
            else:
                self._begin()
        elif focused == "write":
            self._write()
        else:
            self.action_close()

    def _begin(self) -> None:
        if self._searching:
            return
        self._wrong = ""
        self._search = Search(
            community=self._secret("community"),
            write_community=self._secret("write_community"),
            clock=self._clock,
            profile_dir=self._profile_dir,
            changed=self._changed,
        )
        text = self.query_one("#network", Input).value
        self._worker = self.run_worker(
            self._run(self._search, text), name="search", description="search", exclusive=True
        )
        self._changed()

    async def _run(self, search: Search, text: str) -> None:
        try:
            await search.run(text)
        except ScanError as error:
            self._wrong = str(error)
            self._search = None
            self.query_one("#network", Input).focus()
        self._changed()

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()

    def _secret(self, name: str) -> Secret:
        return Secret(self.query_one(f"#{name}", Input).value)

    def _changed(self) -> None:
        """Something was found, or it is over."""
        if not self.is_mounted:
            return
        self.query_one("#go", Choice).say("Stop" if self._searching else "Search")
        found = self._search is not None and bool(self._search.pdus)
        write = self.query_one("#write", Choice)
        if write.display != found:
            write.display = found
            self._card.refresh(layout=True)
        self.update()

    def _write(self) -> None:
        search = self._search
        if search is None:
            return
        self._stop()
        try:
            names = search.keep(self._config, self._env)
        except ConfigError as error:
            self._wrong = error.problems[0]
            self.update()
            return
        self.dismiss(None)
        self._written(names)

    def action_close(self) -> None:
        """Away with it; what is still being asked is left alone."""
        self._stop()
        self.dismiss(None)
