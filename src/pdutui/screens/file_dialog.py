"""Write something into a file: which kind, and where. What is there is never written over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.keys.dialogs import FILE
from pdutui.screens.dialog import Dialog, Row, paragraph
from pdutui.screens.keyed import bindings
from pdutui.screens.picker import Picker
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean


def working_folder() -> Path:
    """The directory that the console was started in, where names without one go."""
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path.home()


class FileDialog(Dialog[Path | None]):
    """Dismissed with the path that was written, or None. Subclasses say what is written.

    Args:
        kinds: What kinds of file there are.
        stem: The name that is offered, without its ending.
        folder: Where names without one go.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 78
    AUTO_FOCUS = "#kind"
    TABLE = FILE
    BINDINGS = bindings(FILE)

    def __init__(
        self, kinds: Sequence[str], stem: str, folder: Path, inks: Inks, glyphs: GlyphSet
    ) -> None:
        super().__init__(inks, glyphs)
        self._kinds, self._stem, self._folder = tuple(kinds), stem, folder
        self._kind = self._kinds[0]
        self._wrong = ""
        self._writing = False

    async def written(self, kind: str, folder: Path, name: str) -> Path:
        """Write it; gives where it is.

        Args:
            kind: One of the kinds.
            folder: Where it goes if `name` says nothing else.
            name: If it is taken, `-2`, `-3` ... follow it.

        Raises:
            OSError: It cannot be written.
            RuntimeError: `~` stands for nobody's home.
            ValueError: No file can be called so, or there is nothing to be had to be written.
        """
        raise NotImplementedError

    def says(self, kind: str) -> str:
        """What is in a file of a kind."""
        raise NotImplementedError

    def controls(self) -> ComposeResult:
        """The kind and the name."""
        yield Picker(self._kinds, self._kind, self.inks, id="kind")
        field = Input(f"{self._stem}.{self._kind}", id="name", max_length=250)
        field.cursor_blink = False
        yield field

    @property
    def heading(self) -> str:
        """What it is."""
        return "Export what is shown"

    def rows(self, width: int, height: int) -> list[Row]:
        """The two fields, what will be in the file, where it will be, and how to go on."""
        fields: list[Row] = [[("kind: ", "muted")], [("file: ", "muted")]]
        folder = clean(str(self._folder), self.glyphs.ascii_only)
        text = paragraph(self.says(self._kind), width, "text")
        text += paragraph(f"In {folder}; a file that is there is never written over.", width,
                          "muted")  # fmt: skip
        if self._writing:
            text = [[("writing", "warning")]]
        elif self._wrong:
            text = paragraph(clean(self._wrong, self.glyphs.ascii_only), width, "warning")
        foot = self.keys_row(
            ("space", "kind"), ("field.next", "field"), ("Enter", "write"),
            ("dialog.close", "leave"),
        )  # fmt: skip
        if height < len(text) + 5:
            return [*fields, *text[: max(0, height - 3)], foot][:height]
        return [*fields, [], *text, [], foot]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The fields stand in the first two rows."""
        row = card.y + self.first_row + (child.id == "name")
        return Region(card.x + 9, row, max(1, card.width - 12), 1)

    @on(Picker.Changed)
    def _other_kind(self) -> None:
        field, before = self.query_one(Input), self._kind
        self._kind, self._wrong = self.query_one(Picker).value, ""
        if field.value.endswith(f".{before}"):
            field.value = f"{field.value.removesuffix(before)}{self._kind}"
        self.update()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_write()

    def action_write(self) -> None:
        """Write it."""
        name = self.query_one(Input).value.strip()
        if self._writing:
            return
        if self.app.is_web:
            self._wrong = "Nothing is written from a browser: the file would be on the server."
            self.update()
            return
        if not name or name.endswith("/"):
            self._wrong = "The file needs a name."
            self.update()
            return
        self._writing = True
        self.update()
        self.run_worker(self._write(name), name="export", description="export")

    async def _write(self, name: str) -> None:
        try:
            done = await self.written(self._kind, self._folder, name)
        except (OSError, RuntimeError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            self._wrong = f"Not written: {name}: {said}"
            self._writing = False
            self.update()
            return
        self._writing, self._wrong = False, f"Written: {done}"  # where something covers this
        self.dismiss(done)

    def action_close(self) -> None:
        """Write nothing."""
        self.dismiss(None)
