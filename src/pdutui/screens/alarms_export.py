"""Write the alarms or the history that is shown into a file, all of it."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.alarm import Alarm, AlarmEntry
from pdutui.domain.alarm_json import alarm_plain, entry_plain
from pdutui.screens.file_dialog import FileDialog
from pdutui.widgets.chart_files import write_new
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

if TYPE_CHECKING:
    from pdutui.screens.alarms_actions import AlarmActions

KINDS = ("csv", "json")
_COLUMNS = (
    "time", "change", "by", "comment", "pdu", "level", "kind", "part", "rule", "text", "value",
    "limit", "unit", "since", "over", "known", "times", "acknowledged_by", "acknowledged",
    "acknowledgement", "silenced_until", "id",
)  # fmt: skip


def rows_csv(rows: Sequence[Alarm | AlarmEntry]) -> str:
    """A line each, with a head; of an alarm that stands, `time` is when it changed last."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        alarm = row.alarm if isinstance(row, AlarmEntry) else row
        head = (
            (row.time, row.change, row.by, row.comment)
            if isinstance(row, AlarmEntry)
            else (row.changed, "", "", "")
        )
        ack = alarm.ack
        cells = (
            *head, alarm.pdu, alarm.level, alarm.kind, alarm.part, alarm.rule, alarm.text,
            alarm.value, alarm.limit, alarm.unit, alarm.since, alarm.over, alarm.known,
            alarm.times, ack.by if ack else "", ack.time if ack else None,
            ack.comment if ack else "", alarm.silenced_until, alarm.id,
        )  # fmt: skip
        writer.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    # A spreadsheet takes what begins so for a formula.
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@") else text


def rows_json(rows: Sequence[Alarm | AlarmEntry]) -> str:
    """A list of objects, as `pdutui alarms --json` has them."""
    plain = [entry_plain(row) if isinstance(row, AlarmEntry) else alarm_plain(row) for row in rows]
    return msgspec.json.format(msgspec.json.encode(plain), indent=1).decode() + "\n"


def write(rows: Sequence[Alarm | AlarmEntry], kind: str, folder: Path, name: str) -> Path:
    """Write rows; returns where they are. To be called in a thread.

    Raises:
        OSError: It cannot be written.
        RuntimeError: `~` stands for nobody's home.
        ValueError: No file can be called so.
    """
    path = folder / Path(name).expanduser()
    text = rows_csv(rows) if kind == "csv" else rows_json(rows)
    return write_new(path.parent, path.stem, path.suffix or f".{kind}", text)


class AlarmExport(FileDialog):
    """Dismissed with the path that was written, or None.

    Args:
        screen: Has what is shown, also what is not on the screen yet.
        folder: Where names without one go.
        inks: The colours.
        glyphs: What is drawn with.
    """

    def __init__(self, screen: AlarmActions, folder: Path, inks: Inks, glyphs: GlyphSet) -> None:
        stem = "alarm-history" if screen.in_past else "alarms"
        now = screen.scene().now
        super().__init__(KINDS, f"{stem}_{now:%Y%m%d-%H%M}", folder, inks, glyphs)
        self._screen = screen

    def says(self, kind: str) -> str:
        """What is in a file of a kind."""
        what = "change of an alarm" if self._screen.in_past else "alarm"
        if kind == "csv":
            return f"A line per {what} with all that is known of it."
        return f"A list of objects, one per {what}, with all that is known of it."

    async def written(self, kind: str, folder: Path, name: str) -> Path:
        """Write it; gives where it is."""
        rows: Sequence[Alarm | AlarmEntry] = self._screen.alarms()
        if self._screen.in_past:
            rows = await self._screen.past.every_row()
        return await asyncio.to_thread(write, rows, kind, folder, name)
