"""Write what the chart shows into a file: which kind, and where."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pdutui.screens.file_dialog import FileDialog
from pdutui.widgets.chart_files import csv_text, file_stem, json_text, write_new
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

KINDS = ("csv", "json", "svg")
_SAY = {
    "csv": "A line per point: time, series, min, mean, max, last.",
    "json": "Window, points, gaps, marks and thresholds.",
    "svg": "A picture, in the colours of the theme.",
}


def write(model: ChartModel, kind: str, folder: Path, name: str, inks: Inks) -> Path:
    """Write a chart; returns where it is. Not quick: to be called in a thread.

    Args:
        model: What is shown.
        kind: One of `KINDS`.
        folder: Where it goes if `name` says nothing else.
        name: If it is taken, `-2`, `-3` ... follow it.
        inks: For the picture.

    Raises:
        OSError: It cannot be written.
        RuntimeError: `~` stands for nobody's home.
        ValueError: No file can be called so.
    """
    path = folder / Path(name).expanduser()
    if kind == "csv":
        text = csv_text(model)
    elif kind == "json":
        text = json_text(model)
    else:
        from pdutui.widgets.chart_svg import svg_text

        text = svg_text(model, inks)
    return write_new(path.parent, path.stem, path.suffix or f".{kind}", text)


class ExportScreen(FileDialog):
    """Dismissed with the path that was written, or None.

    Args:
        model: What is shown.
        folder: Where names without one go.
        inks: The colours.
        glyphs: What is drawn with.
    """

    def __init__(self, model: ChartModel, folder: Path, inks: Inks, glyphs: GlyphSet) -> None:
        super().__init__(KINDS, file_stem(model), folder, inks, glyphs)
        self._model = model

    def says(self, kind: str) -> str:
        """What is in a file of a kind."""
        return _SAY[kind]

    async def written(self, kind: str, folder: Path, name: str) -> Path:
        """Write it; gives where it is."""
        return await asyncio.to_thread(write, self._model, kind, folder, name, self.inks)
