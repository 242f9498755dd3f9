"""Write the records that are shown into a file, all of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pdutui.domain.audit import StoredAudit
from pdutui.domain.audit_export import audit_csv, audit_json
from pdutui.screens.audit_desk import AuditDesk
from pdutui.screens.file_dialog import FileDialog
from pdutui.widgets.chart_files import write_new
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

KINDS = ("csv", "json")
_SAY = {
    "csv": "A line per record with all that it says, its number and its hashes; oldest first.",
    "json": "A list of objects with all that a record says, its number and its hashes.",
}


def write(rows: list[StoredAudit], kind: str, folder: Path, name: str) -> Path:
    """Write records; returns where they are. To be called in a thread.

    Args:
        rows: Oldest first.
        kind: One of `KINDS`.
        folder: Where it goes if `name` says nothing else.
        name: If it is taken, `-2`, `-3` ... follow it.

    Raises:
        OSError: It cannot be written.
        RuntimeError: `~` stands for nobody's home.
        ValueError: No file can be called so.
    """
    path = folder / Path(name).expanduser()
    text = audit_csv(rows) if kind == "csv" else audit_json(rows)
    return write_new(path.parent, path.stem, path.suffix or f".{kind}", text)


class AuditExport(FileDialog):
    """Dismissed with the path that was written, or None.

    Args:
        desk: Has the records, also those that are not on the screen yet.
        folder: Where names without one go.
        inks: The colours.
        glyphs: What is drawn with.
    """

    def __init__(self, desk: AuditDesk, folder: Path, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(KINDS, f"audit_{desk.now:%Y%m%d-%H%M}", folder, inks, glyphs)
        self._desk = desk

    def says(self, kind: str) -> str:
        """What is in a file of a kind."""
        return _SAY[kind]

    async def written(self, kind: str, folder: Path, name: str) -> Path:
        """Write it; gives where it is."""
        rows = await self._desk.every_row()
        return await asyncio.to_thread(write, rows[::-1], kind, folder, name)
