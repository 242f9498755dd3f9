"""Write the events that are wanted into a file, also those that are not on the screen yet."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pdutui.domain.alarm_json import iso
from pdutui.screens.events_desk import EXPORTED, EventsDesk
from pdutui.screens.events_rows import Happening
from pdutui.screens.file_dialog import FileDialog
from pdutui.widgets.chart_files import write_new
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

KINDS = ("csv", "json")
_SAY = {
    "csv": "A line per event: time, level, kind, PDU, part, text; oldest first.",
    "json": "A list of objects: time, level, kind, pdu, part, text; oldest first.",
}


def plain(row: Happening) -> dict[str, str]:
    """An event for programs."""
    return {
        "time": iso(datetime.fromtimestamp(row.ts_ms / 1000, UTC)),
        "level": row.level,
        "kind": row.kind,
        "pdu": row.pdu,
        "part": row.part,
        "text": row.text,
    }


def write(rows: Sequence[Happening], kind: str, folder: Path, name: str) -> Path:
    """Write events; returns where they are. To be called in a thread.

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
    made = [plain(row) for row in rows]
    if kind == "json":
        text = msgspec.json.format(msgspec.json.encode(made), indent=1).decode() + "\n"
    else:
        out = io.StringIO()
        writer = csv.DictWriter(
            out, ("time", "level", "kind", "pdu", "part", "text"), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows({key: _safe(value) for key, value in row.items()} for row in made)
        text = out.getvalue()
    return write_new(path.parent, path.stem, path.suffix or f".{kind}", text)


def _safe(text: str) -> str:
    """A spreadsheet takes what begins like a formula for one."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


class EventExport(FileDialog):
    """Dismissed with the path that was written, or None.

    Args:
        desk: Has what is wanted.
        folder: Where names without one go.
        inks: The colours.
        glyphs: What is drawn with.
    """

    def __init__(self, desk: EventsDesk, folder: Path, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(KINDS, f"events_{desk.now:%Y%m%d-%H%M}", folder, inks, glyphs)
        self._desk = desk

    def says(self, kind: str) -> str:
        """What is in a file of a kind."""
        return f"{_SAY[kind]} All that fits, the newest {EXPORTED:,} of it."

    async def written(self, kind: str, folder: Path, name: str) -> Path:
        """Write it; gives where it is."""
        rows = await self._desk.every_row()
        return await asyncio.to_thread(write, rows[::-1], kind, folder, name)
